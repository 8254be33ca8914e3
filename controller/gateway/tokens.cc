#include "gateway/tokens.h"

#include <algorithm>

#include "api/json.h"
#include "base/crypto.h"

namespace baton::gateway {
namespace {

constexpr std::string_view kPrefix = "bt1.";
constexpr int64_t kLatest = 253402300799;  // the end of the year 9999

}  // namespace

std::string signToken(const Session& session, std::string_view random, std::string_view key) {
  const api::Json payload = {
      {"u", session.user},
      {"a", session.path},
      {"x", std::chrono::duration_cast<std::chrono::seconds>(session.expires.time_since_epoch()).count()},
      {"n", base64Url(random)}};
  const std::string body =
      std::string(kPrefix) + base64Url(payload.dump(-1, ' ', false, api::Json::error_handler_t::replace));
  return body + "." + base64Url(hmacSha256(key, body));
}

TokenFault readToken(std::string_view token, std::string_view key, Time now, Session& session) {
  const size_t dot = token.rfind('.');
  if (!token.starts_with(kPrefix) || dot < kPrefix.size()) return TokenFault::NotOurs;
  const std::string_view body = token.substr(0, dot);
  const auto signature = fromBase64Url(token.substr(dot + 1));
  if (!signature || !sameSecret(*signature, hmacSha256(key, body))) return TokenFault::Wrong;
  const auto payload = fromBase64Url(body.substr(kPrefix.size()));
  const api::Json j = payload ? api::Json::parse(*payload, nullptr, false) : api::Json();
  if (!j.is_object()) return TokenFault::Wrong;
  session.user = api::text(j, "u");
  session.expires = Time(std::chrono::seconds(std::clamp<int64_t>(api::integer(j, "x"), 0, kLatest)));
  session.path = api::text(j, "a");
  return now < session.expires ? TokenFault::None : TokenFault::Expired;
}

}  // namespace baton::gateway
