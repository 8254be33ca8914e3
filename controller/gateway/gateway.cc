#include "gateway/gateway.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/log.h"
#include "gateway/exchange.h"
#include "gateway/openapi.h"

namespace baton::gateway {
namespace {

/// "0F1E2D3C-4B5A-4968-8776-A5B4C3D2E1F0": version 4 of https://www.rfc-editor.org/rfc/rfc4122
std::string uuid(std::string bytes) {
  bytes.resize(16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
  std::string digits = hex(bytes);
  std::transform(digits.begin(), digits.end(), digits.begin(),
                 [](char c) { return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c; });
  for (const size_t at : {8U, 13U, 18U, 23U}) digits.insert(at, "-");
  return digits;
}

bool isLoopback(const std::string& address) { return address.starts_with("127.") || address == "::1"; }

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> all;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const size_t end = std::min(path.find('/'), path.size());
    all.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return all;
}

}  // namespace

void Gateway::handle(http::Request request, const http::Peer& peer, http::Respond respond) {
  facades::Call call;
  const auto [path, query] = http::splitTarget(request.target);
  auto segments = http::segments(path);
  auto parameters = http::parameters(query);
  call.undecodable = !segments || !parameters;
  call.method = request.method;
  call.path = path;
  call.rawQuery = query;
  // As it came, so that its path can be told, and the answer has that vendor's form.
  call.segments = segments ? std::move(*segments) : split(path);
  if (parameters) call.query = std::move(*parameters);
  call.host = http::hostName(http::find(request.headers, "Host").value_or(""));
  call.headers = std::move(request.headers);
  call.body = std::move(request.body);
  call.tls = peer.tls;
  call.loopback = isLoopback(peer.address);
  call.id = uuid(options_.random(16));
  call.received = options_.clock.now();
  if (auto description = openApiAnswer(call)) {
    log::info("API call", {{"api", "openapi"},
                           {"method", http::name(call.method)},
                           {"path", call.path},
                           {"from", peer.address},
                           {"status", description->status},
                           {"id", call.id}});
    if (options_.answered) options_.answered("openapi", description->status, 0);
    return respond(std::move(*description));
  }
  const auto exchange = std::make_shared<Exchange>(options_, std::move(call), peer.address, std::move(respond));
  exchange->begin();
}

}  // namespace baton::gateway
