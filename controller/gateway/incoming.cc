#include "gateway/incoming.h"

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "facades/common.h"

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

/// Is `tag` one of If-None-Match? https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match
bool isKnown(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    const size_t comma = tags.find(',');
    std::string_view one = facades::trimmed(tags.substr(0, comma));
    tags = comma == std::string_view::npos ? std::string_view() : tags.substr(comma + 1);
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == tag) return true;
  }
  return false;
}

}  // namespace

facades::Call incoming(http::Request request, const http::Peer& peer, std::string random, Time now) {
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
  call.id = uuid(std::move(random));
  call.received = now;
  return call;
}

bool fromAnotherSite(const facades::Call& call) {
  const auto site = call.header("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return true;
  const auto origin = call.header("Origin");
  if (!origin) return false;
  const size_t at = origin->find("://");
  return at == std::string_view::npos || !sameWord(origin->substr(at + 3), call.header("Host").value_or(""));
}

http::Response fileAnswer(const facades::Call& call, const File& file) {
  if (call.method != http::Method::Get && call.method != http::Method::Head)
    return facades::withAllow(facades::jsonAnswer(405, {{"error", "only GET"}}), "GET, HEAD");
  // Another version of the program has another content, so that a cache has to ask.
  http::Response r{200, {{"ETag", file.tag}, {"Cache-Control", "no-cache"}}, ""};
  if (isKnown(call.header("If-None-Match").value_or(""), file.tag)) {
    r.status = 304;
    return r;
  }
  r.headers.emplace_back("Content-Type", file.type);
  r.body = file.content;
  return r;
}

std::string tagOf(std::string_view content) { return "\"" + hex(sha256(content)).substr(0, 32) + "\""; }

}  // namespace baton::gateway
