// Master/standby switchover of a Distributed Cache Service instance:
//   POST /v2/{project_id}/instances/{instance_id}/swap   204 when it is done
//   POST /v3/auth/tokens                                 Keystone's log-in, for clients that begin with it
// https://docs.otc.t-systems.com/distributed-cache-service/api-ref/ and its appendix of error codes
#include "base/text.h"
#include "facades/common.h"
#include "facades/facade.h"
#include "facades/signing.h"

namespace baton::facades {
namespace {

using api::Json;
using api::Reason;

constexpr size_t kMostMessage = 1024;

/// Clients are told their region in their configuration, and look for it in the catalog: all are here. Open Telekom
/// Cloud's, Huawei's, and OpenStack's usual one.
constexpr const char* kRegions[] = {
    "eu-de",          "eu-nl",          "eu-ch2",         "RegionOne",      "cn-north-1", "cn-north-2",
    "cn-north-4",     "cn-north-9",     "cn-east-2",      "cn-east-3",      "cn-south-1", "cn-southwest-2",
    "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "af-south-1", "la-north-2",
    "la-south-2",     "na-mexico-1",    "sa-brazil-1",    "tr-west-1"};

std::string originOf(const Call& call) {
  return (call.tls ? "https://" : "http://") + std::string(call.header("Host").value_or("localhost"));
}

/// Each answer carries the call's id.
http::Response answer(const Call& call, http::Response r) {
  r.headers.emplace_back("X-Request-Id", call.id);
  return r;
}

http::Response error(const Call& call, int status, std::string_view code, const std::string& message) {
  return answer(call, jsonAnswer(status, {{"error_msg", cutText(message, kMostMessage)},
                                          {"error_code", code},
                                          {"error_ext_msg", nullptr}}));
}

bool isKeystone(const Call& call) { return !call.segments.empty() && call.segments[0] == "v3"; }

/// https://docs.openstack.org/api-ref/identity/v3/: clients look for the reason in `error`; the rest is for those who
/// know the form of this path's other answers.
http::Response keystoneError(const Call& call, int status, std::string_view title, const std::string& message) {
  return answer(call, jsonAnswer(status, {{"error", {{"code", status}, {"title", title}, {"message", message}}},
                                          {"error_msg", message},
                                          {"error_code", status == 401 ? "DCS.1001" : "DCS.4001"},
                                          {"error_ext_msg", nullptr}}));
}

/// What a client asks for first, to know which version is spoken where.
http::Response keystoneVersion(const Call& call) {
  const Json version = {
      {"id", "v3.14"},
      {"status", "stable"},
      {"updated", "2020-04-07T00:00:00Z"},
      {"links", Json::array({{{"rel", "self"}, {"href", originOf(call) + "/v3/"}}})},
      {"media-types", Json::array({{{"base", kJson}, {"type", "application/vnd.openstack.identity-v3+json"}}})}};
  return answer(call, jsonAnswer(200, {{"version", version}}));
}

http::Response unauthenticated(const Call& call, AuthFault fault) {
  if (isKeystone(call) && fault == AuthFault::Malformed)
    return keystoneError(call, 400, "Bad Request",
                         "Expecting to find auth.identity.password.user or auth.identity.token in the body.");
  if (isKeystone(call))
    return keystoneError(call, 401, "Unauthorized", "The request you have made requires authentication.");
  switch (fault) {
    case AuthFault::Missing:
      return error(call, 401, "DCS.1003", "No token in the request.");
    case AuthFault::Expired:
    case AuthFault::Stale:
      return error(call, 401, "DCS.1002", "Token expired.");
    default:
      return error(call, 401, "DCS.1001", "Invalid token.");
  }
}

http::Response refused(const Call& call, const Outcome& o) {
  if (o.reason == Reason::NotSupported || o.reason == Reason::Disabled)
    return error(call, 400, "DCS.4855", "Master standby swap is not supported.");
  if (o.reason == Reason::Busy)
    return error(call, 400, "DCS.4017", "This DCS instance job task is still running. " + explained(o));
  return error(call, 400, "DCS.4026",
               "This operation is not allowed when the DCS instance is in the current state. " + explained(o));
}

const Json& at(const Json& j, std::initializer_list<const char*> path) {
  const Json* here = &j;
  for (const char* key : path) here = &api::object(*here, key);
  return *here;
}

bool byToken(const Json& j) { return api::array(at(j, {"auth", "identity"}), "methods") == Json::array({"token"}); }

/// https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization and
/// #token-authentication-with-scoped-authorization: a token for another project
Claim keystoneClaim(const Call& call) {
  const Json j = Json::parse(call.body, nullptr, false);
  if (!j.is_object()) return BadClaim{"the body must be a JSON object"};
  if (byToken(j)) {
    const std::string token = api::text(at(j, {"auth", "identity", "token"}), "id");
    return token.empty() ? Claim(BadClaim{"auth.identity.token needs an id"}) : TokenClaim{token};
  }
  const Json& user = at(j, {"auth", "identity", "password", "user"});
  const std::string who = api::text(user, "name", api::text(user, "id")), password = api::text(user, "password");
  if (who.empty() || password.empty())
    return BadClaim{"auth.identity.password.user needs a name or id, and a password"};
  return PasswordClaim{who, password};
}

/// The project that the log-in is for, and the catalog that says where the service is: here.
http::Response keystoneToken(const Call& call, const Outcome& o) {
  const Json j = Json::parse(call.body, nullptr, false);
  const Json& scope = at(j, {"auth", "scope", "project"});
  const std::string project = api::text(scope, "id", api::text(scope, "name", "default"));
  const Json domain = {{"id", "default"}, {"name", "Default"}};
  const std::string origin = originOf(call);
  const auto service = [&](const char* type, const std::string& url) {
    Json endpoints = Json::array();
    for (const char* region : kRegions)
      endpoints.push_back({{"id", std::string(type) + "-" + region},
                           {"interface", "public"},
                           {"region", region},
                           {"region_id", region},
                           {"url", url}});
    return Json{{"id", type}, {"type", type}, {"name", type}, {"endpoints", endpoints}};
  };
  const Json token = {
      {"methods", Json::array({byToken(j) ? "token" : "password"})},
      {"issued_at", formatTime(call.received)},
      {"expires_at", formatTime(o.expires)},
      {"user", {{"id", o.user}, {"name", o.user}, {"domain", domain}}},
      {"project", {{"id", project}, {"name", project}, {"domain", domain}}},
      {"roles", Json::array({{{"id", "baton"}, {"name", "baton"}}})},
      {"catalog", Json::array({service("dcs", origin + "/v2/" + project), service("identity", origin + "/v3")})}};
  http::Response r = jsonAnswer(201, {{"token", token}});
  r.headers.emplace_back("X-Subject-Token", o.token);
  return answer(call, std::move(r));
}

Claim claimOf(const Call& call) {
  if (const auto token = call.header("X-Auth-Token")) return TokenClaim{std::string(trimmed(*token))};
  if (const auto signature = sdkClaim(call)) return *signature;
  return call.header("Authorization") ? Claim(BadClaim{"only SDK-HMAC-SHA256 is understood"}) : Claim(NoClaim{});
}

class Dcs final : public Facade {
 public:
  api::ApiKind kind() const override { return api::ApiKind::Dcs; }

  std::optional<Plan> plan(const Call& call) const override {
    Plan plan;
    if (isPath(call, {"v2", "*", "instances", "*", "swap"})) {
      plan.wants = Wants::Switch;
      plan.identity = {kind(), call.segments[3], call.segments[1]};
      plan.claim = claimOf(call);
    } else if (isPath(call, {"v3", "auth", "tokens"})) {
      plan.wants = Wants::Token;
      plan.claim = keystoneClaim(call);
    } else if (isPath(call, {"v3"}) || isPath(call, {"v3", ""})) {
      const bool reads = call.method == http::Method::Get || call.method == http::Method::Head;
      plan.answer =
          reads ? keystoneVersion(call)
                : withAllow(keystoneError(call, 405, "Method Not Allowed", "Only GET is served here."), "GET, HEAD");
      return plan;
    } else {
      return std::nullopt;
    }
    if (call.method != http::Method::Post && isKeystone(call))
      plan.answer = withAllow(keystoneError(call, 405, "Method Not Allowed", "Only POST is served here."), "POST");
    else if (call.method != http::Method::Post)
      plan.answer = withAllow(error(call, 405, "DCS.4001", "Only POST is served at this URL."), "POST");
    return plan;
  }

  std::variant<http::Response, Intent> decide(const Call&, const Plan&, const Group& group) const override {
    Intent intent;
    intent.expectedPrimary = group.primary;
    intent.waitForEnd = true;
    return intent;
  }

  http::Response render(const Call& call, const Plan&, const Outcome& o) const override {
    using Kind = Outcome::Kind;
    switch (o.kind) {
      case Kind::Unauthenticated:
        return unauthenticated(call, o.fault);
      case Kind::Malformed:
        return error(call, 400, "DCS.4001", "Invalid request. " + o.message);
      case Kind::Forbidden:
        return error(call, 403, "DCS.2003", "This role does not have the permission to perform this operation.");
      case Kind::NoGroup:
      case Kind::AnotherApi:
      case Kind::NoTask:
        return error(call, 404, "DCS.3022", "This DCS instance does not exist.");
      case Kind::Succeeded:
        return answer(call, {204, {}, ""});
      case Kind::Token:
        return keystoneToken(call, o);
      case Kind::Refused:
      case Kind::Mismatch:
        return refused(call, o);
      case Kind::TooMany:  // the gateway's code, as it has nine characters in its short form
        return withRetry(error(call, 429, "APIG.0308", "The throttling threshold has been reached. " + o.message));
      case Kind::Failed:
        return error(call, 500, "DCS.5094", "Master standby swap failed. " + explained(o));
      default:
        return error(call, 500, "DCS.5000", "Internal service error. " + explained(o));
    }
  }
};

}  // namespace

const Facade& dcs() {
  static const Dcs d;
  return d;
}

}  // namespace baton::facades
