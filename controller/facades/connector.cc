// The high availability role of an SAP Cloud Connector:
// https://help.sap.com/docs/connectivity/sap-btp-connectivity-cf/high-availability-settings
//   GET  /api/v1/configuration/connector/haRole   "master" or "shadow"
//   POST the same, body "shadow" at the master: its shadow takes the role over.
#include "facades/common.h"
#include "facades/facade.h"

namespace baton::facades {
namespace {

constexpr std::string_view kMaster = "master", kShadow = "shadow";

http::Response error(int status, std::string_view type, const std::string& message) {
  return jsonAnswer(status, {{"type", type}, {"message", message}});
}
http::Response illegalState(const std::string& message) { return error(409, "ILLEGAL_STATE", message); }

http::Response done() { return {204, {}, ""}; }

std::string quoted(std::string_view word) { return "\"" + std::string(word) + "\""; }

http::Response roleAnswer(const Group& group) {
  // A group answers as its master does.
  std::string role = group.primary.empty() ? "" : "primary";
  if (!group.addressed.empty()) {
    const Member* m = group.member(group.addressed);
    role = m ? m->role : "";
  }
  // The document has no word for a member without a role.
  const std::string_view word = role == "primary" ? kMaster : role == "standby" ? kShadow : "undefined";
  return {200, {{"Content-Type", kJson}}, quoted(word)};
}

/// No role has been assigned yet: a member may be given one.
std::variant<http::Response, Intent> assign(const Group& group, std::string_view role) {
  if (role == kShadow) return done();  // who is not master is shadow
  Intent intent;
  intent.candidate = group.addressed;
  if (intent.candidate.empty())
    for (const auto& m : group.members)
      if (m.eligible) {
        intent.candidate = m.pod;
        break;
      }
  if (intent.candidate.empty()) return illegalState("no member can take the role of the master.");
  intent.waitForEnd = true;
  return intent;
}

std::variant<http::Response, Intent> change(const Group& group, std::string_view role) {
  if (group.neverHadPrimary) return assign(group, role);
  if (!group.addressed.empty() && group.addressed != group.primary)
    return illegalState("the role can be changed on the master instance only, and this is not it.");
  if (role != kShadow) return illegalState("the current role is master; only \"shadow\" can be set.");
  if (group.primary.empty()) return illegalState("NoPrimary: no instance is master at present.");
  Intent intent;
  intent.expectedPrimary = group.primary;
  intent.waitForEnd = true;
  return intent;
}

class Connector final : public Facade {
 public:
  api::ApiKind kind() const override { return api::ApiKind::Connector; }

  std::optional<Plan> plan(const Call& call) const override {
    // One client asks for the path with a slash behind it.
    if (!isPath(call, {"api", "v1", "configuration", "connector", "haRole"}) &&
        !isPath(call, {"api", "v1", "configuration", "connector", "haRole", ""}))
      return std::nullopt;
    Plan plan;
    plan.identity = {kind(), call.host, ""};
    if (const auto authorization = call.header("Authorization")) {
      const auto basic = basicClaim(*authorization);
      plan.claim = basic ? *basic : Claim(BadClaim{"only Basic authentication is understood"});
    }
    readCsrf(call, plan);
    switch (call.method) {
      case http::Method::Get:
      case http::Method::Head:
        plan.wants = Wants::Role;
        break;
      case http::Method::Post:
        plan.wants = Wants::Switch;
        break;
      default:
        plan.answer = withAllow(error(405, "METHOD_NOT_ALLOWED", "only GET and POST"), "GET, HEAD, POST");
    }
    return plan;
  }

  std::variant<http::Response, Intent> decide(const Call& call, const Plan& plan, const Group& group) const override {
    if (plan.wants == Wants::Role) return roleAnswer(group);
    const api::Json body = api::Json::parse(call.body, nullptr, false);
    const std::string role = body.is_string() ? body.get<std::string>() : "";
    if (role != kMaster && role != kShadow)
      return error(400, "INVALID_REQUEST", R"(the body must be the JSON string "master" or "shadow".)");
    return change(group, role);
  }

  http::Response render(const Call&, const Plan&, const Outcome& o) const override {
    using Kind = Outcome::Kind;
    switch (o.kind) {
      case Kind::Unauthenticated:
        return unauthenticated(o);
      case Kind::Malformed:
        return error(400, "INVALID_REQUEST", o.message);
      case Kind::Forbidden:
        return error(403, "FORBIDDEN", o.message);
      case Kind::NoGroup:
      case Kind::AnotherApi:
      case Kind::NoTask:
        return error(404, "NOT_FOUND", "no group has this host name in spec.apis.connector.");
      case Kind::Succeeded:
        return done();
      case Kind::TooMany:
        return withRetry(error(429, "TOO_MANY_REQUESTS", o.message));
      case Kind::Unavailable:
        return error(503, "SERVICE_UNAVAILABLE", o.message);
      default:
        return illegalState(explained(o));
    }
  }

 private:
  static void readCsrf(const Call& call, Plan& plan) {
    if (const auto token = call.header("X-CSRF-Token")) {
      plan.asksForCsrfToken = sameWord(*token, "Fetch");
      if (!plan.asksForCsrfToken) plan.csrfToken = *token;
    }
    plan.csrfCookie = cookie(call, kCsrfCookie);
  }

  static http::Response unauthenticated(const Outcome& o) {
    if (o.fault == AuthFault::Csrf) {
      http::Response r = error(403, "FORBIDDEN", "a request with the session's cookie needs its X-CSRF-Token.");
      r.headers.emplace_back("X-CSRF-Token", "Required");
      return r;
    }
    http::Response r = error(401, "UNAUTHORIZED", "user name and password are needed.");
    r.headers.emplace_back("WWW-Authenticate", R"(Basic realm="Baton", charset="UTF-8")");
    return r;
  }
};

}  // namespace

const Facade& connector() {
  static const Connector c;
  return c;
}

}  // namespace baton::facades
