// Force failover of a VMware HCX high availability group:
//   POST /hybridity/api/interconnect/appliances/ha/groups/{groupId}/forceFailover   202 as soon as it is accepted
//   GET  /hybridity/api/interconnect/tasks/{interconnectTaskId}                     how it is getting on
//   POST /hybridity/api/sessions                                                    a token for both
// https://developer.broadcom.com/xapis/hcx-api-reference/latest/
#include "facades/common.h"
#include "facades/facade.h"

namespace baton::facades {
namespace {

using api::Json;

http::Response body(int status, const Json& data, const Json& errors) {
  Json j = {{"errors", errors}};
  if (!data.is_null()) {
    j["data"] = data;
    j["warnings"] = Json::array();
  }
  return jsonAnswer(status, j);
}
http::Response failure(int status, std::string_view code, const std::string& message) {
  if (code.empty()) code = "InternalError";
  return body(status, nullptr, Json::array({{{"code", code}, {"message", message}}}));
}
/// 401 and 403 have no body.
http::Response bare(int status) { return {status, {{"Content-Type", kJson}}, ""}; }

Claim claimOf(const Call& call) {
  if (const auto token = call.header("x-hm-authorization")) return TokenClaim{std::string(trimmed(*token))};
  const auto authorization = call.header("Authorization");
  if (!authorization) return NoClaim{};
  if (const auto token = afterScheme(*authorization, "Bearer")) return TokenClaim{std::string(*token)};
  if (const auto basic = basicClaim(*authorization)) return *basic;
  return TokenClaim{std::string(trimmed(*authorization))};
}

Claim loginOf(const Call& call) {
  const Json j = Json::parse(call.body, nullptr, false);
  // By reference: a copy of what anybody may have nested as deeply as he likes would need as much stack.
  const auto user = j.find("username"), password = j.find("password");
  if (user == j.end() || password == j.end() || !user->is_string() || !password->is_string())
    return BadClaim{"the body must be a JSON object with username and password"};
  return PasswordClaim{user->get<std::string>(), password->get<std::string>()};
}

/// The words of a task's state, and how far it is.
std::pair<std::string_view, int> stateOf(api::Phase p) {
  if (p == api::Phase::Succeeded) return {"COMPLETED", 100};
  if (api::finished(p)) return {"FAILED", 100};
  return api::started(p) ? std::pair<std::string_view, int>{"RUNNING", 50}
                         : std::pair<std::string_view, int>{"QUEUED", 0};
}

http::Response taskAnswer(const Outcome& o) {
  const api::SwitchoverStatus st = o.status.value_or(api::SwitchoverStatus{});  // none: it has not been looked at yet
  const auto [state, percent] = stateOf(st.phase);
  Json data = {
      {"interconnectTaskId", o.task},         {"groupId", o.groupId}, {"status", state}, {"percentComplete", percent},
      {"phase", std::string(name(st.phase))}, {"message", st.message}};
  if (st.start) data["startTime"] = formatTime(*st.start);
  if (st.completion) data["endTime"] = formatTime(*st.completion);
  Json errors = Json::array();
  if (state == "FAILED") errors.push_back({{"code", std::string(name(st.reason))}, {"message", st.message}});
  return body(200, data, errors);
}

class Hcx final : public Facade {
 public:
  api::ApiKind kind() const override { return api::ApiKind::Hcx; }

  std::optional<Plan> plan(const Call& call) const override {
    Plan plan;
    http::Method method = http::Method::Post;
    if (isPath(call, {"hybridity", "api", "interconnect", "appliances", "ha", "groups", "*", "forceFailover"})) {
      plan.wants = Wants::Switch;
      plan.soon = true;
      plan.identity = {kind(), call.segments[6], ""};
      plan.claim = claimOf(call);
    } else if (isPath(call, {"hybridity", "api", "interconnect", "tasks", "*"})) {
      plan.wants = Wants::Task;
      plan.task = call.segments[4];
      plan.claim = claimOf(call);
      method = http::Method::Get;
    } else if (isPath(call, {"hybridity", "api", "sessions"})) {
      plan.wants = Wants::Token;
      plan.claim = loginOf(call);
    } else {
      return std::nullopt;
    }
    if (call.method != method && !(method == http::Method::Get && call.method == http::Method::Head))
      plan.answer = withAllow(failure(405, "MethodNotAllowed", std::string("only ") + http::name(method)),
                              method == http::Method::Get ? "GET, HEAD" : "POST");
    return plan;
  }

  std::variant<http::Response, Intent> decide(const Call&, const Plan&, const Group& group) const override {
    Intent intent;
    intent.expectedPrimary = group.primary;  // of two calls at the same time the second changes nothing
    intent.mode = api::Mode::Forced;
    return intent;
  }

  http::Response render(const Call&, const Plan& plan, const Outcome& o) const override {
    using Kind = Outcome::Kind;
    switch (o.kind) {
      case Kind::Unauthenticated:
        return bare(401);
      case Kind::Malformed:
        return failure(404, "NotFound", o.message);
      case Kind::Forbidden:
        return bare(403);
      case Kind::NoGroup:
      case Kind::AnotherApi:
        return failure(404, "NotFound", "there is no HA group " + plan.identity.id + ".");
      case Kind::NoTask:
        return failure(404, "NotFound", "there is no task " + plan.task + ".");
      case Kind::Accepted:
      case Kind::Succeeded:
        return body(202, {{"interconnectTaskId", o.task}, {"groupId", plan.identity.id}}, Json::array());
      case Kind::Token: {
        http::Response r = bare(200);
        r.headers.emplace_back("x-hm-authorization", o.token);
        return r;
      }
      case Kind::Task:
        return taskAnswer(o);
      case Kind::Refused:
      case Kind::Mismatch:
        return failure(409, name(o.reason), o.message);
      case Kind::Failed:
        return failure(500, name(o.reason), o.message);
      case Kind::TooMany:
        return withRetry(failure(429, "TooManyRequests", o.message));
      case Kind::Unavailable:
        break;
    }
    return failure(500, "Unavailable", o.message);
  }
};

}  // namespace

const Facade& hcx() {
  static const Hcx h;
  return h;
}

}  // namespace baton::facades
