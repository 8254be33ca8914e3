// High availability switchover of an Oracle Session Border Controller:
//   POST /rest/{version}/auth/token         Basic; a token for ten minutes
//   POST /rest/{version}/admin/switchover   Bearer; 204 as soon as it is accepted
// https://docs.oracle.com/en/industries/communications/session-border-controller/
#include <pugixml.hpp>
#include <sstream>

#include "facades/common.h"
#include "facades/facade.h"

namespace baton::facades {
namespace {

using api::Json;

const char* const kXml = "application/xml";

/// XML unless the client takes only JSON.
bool wantsJson(const Call& call) {
  const std::string accept(call.header("Accept").value_or(""));
  const bool xml = accept.find("xml") != std::string::npos || accept.find("*/*") != std::string::npos;
  return accept.find("json") != std::string::npos && !xml;
}

struct Message {
  std::string type, text;  // type: "error", or empty for no message
};

std::string xmlBody(const std::string& token, const Message& message) {
  pugi::xml_document document;
  pugi::xml_node declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  pugi::xml_node response = document.append_child("response");
  pugi::xml_node data = response.append_child("data");
  if (!token.empty()) data.append_child("accessToken").text().set(xmlText(token).c_str());
  pugi::xml_node messages = response.append_child("messages");
  if (!message.type.empty()) {
    pugi::xml_node one = messages.append_child("message");
    one.append_attribute("type") = message.type.c_str();
    one.text().set(xmlText(message.text).c_str());
  }
  response.append_child("links");
  std::ostringstream out;
  document.save(out, "", pugi::format_raw);
  return out.str();
}

http::Response answer(const Call& call, int status, const std::string& token, const Message& message) {
  if (!wantsJson(call)) return {status, {{"Content-Type", kXml}}, xmlBody(token, message)};
  Json data = Json::object(), messages = Json::array();
  if (!token.empty()) data["accessToken"] = token;
  if (!message.type.empty()) messages.push_back({{"type", message.type}, {"message", message.text}});
  return jsonAnswer(status, {{"data", data}, {"messages", messages}, {"links", Json::array()}});
}
http::Response error(const Call& call, int status, const std::string& text) {
  return answer(call, status, "", {"error", text});
}

http::Response overTls(const Call& call) {
  http::Response r = error(call, 426, "this API is served over HTTPS.");
  r.headers.emplace_back("Upgrade", "TLS/1.2, HTTP/1.1");
  return r;
}

class Sbc final : public Facade {
 public:
  api::ApiKind kind() const override { return api::ApiKind::Sbc; }

  std::optional<Plan> plan(const Call& call) const override {
    Plan plan;
    const auto authorization = call.header("Authorization");
    if (isPath(call, {"rest", "*", "admin", "switchover"})) {
      plan.wants = Wants::Switch;
      plan.soon = true;
      plan.identity = {kind(), call.host, ""};
      if (const auto token = authorization ? afterScheme(*authorization, "Bearer") : std::nullopt)
        plan.claim = TokenClaim{std::string(*token)};
      else if (authorization)
        plan.claim = BadClaim{"only Bearer tokens are understood"};
    } else if (isPath(call, {"rest", "*", "auth", "token"})) {
      plan.wants = Wants::Token;
      if (authorization) plan.claim = basicClaim(*authorization).value_or(BadClaim{"only Basic is understood"});
    } else {
      return std::nullopt;
    }
    const std::string& version = call.segments[1];
    if (version != "v1.1" && version != "v1.2")
      plan.answer = error(call, 404, "the versions are v1.1 and v1.2.");
    else if (call.method != http::Method::Post)
      plan.answer = withAllow(error(call, 405, "only POST."), "POST");
    else if (!call.tls && !call.loopback)
      plan.answer = overTls(call);
    return plan;
  }

  std::variant<http::Response, Intent> decide(const Call&, const Plan&, const Group& group) const override {
    Intent intent;
    intent.expectedPrimary = group.primary;
    return intent;
  }

  http::Response render(const Call& call, const Plan&, const Outcome& o) const override {
    using Kind = Outcome::Kind;
    switch (o.kind) {
      case Kind::Unauthenticated:
        return unauthenticated(call, o.fault);
      case Kind::Malformed:
        return error(call, 400, o.message);
      case Kind::Forbidden:
        return error(call, 403, "this request requires administrator privileges.");
      case Kind::NoGroup:
      case Kind::AnotherApi:
      case Kind::NoTask:
        return error(call, 404, "no group has this host name in spec.apis.sbc.");
      case Kind::Accepted:
      case Kind::Succeeded:
        return {204, {{"Content-Type", wantsJson(call) ? kJson : kXml}}, ""};
      case Kind::Token:
        return answer(call, 200, o.token, {});
      case Kind::TooMany:
        return withRetry(error(call, 429, o.message));
      case Kind::Unavailable:
        return error(call, 503, o.message);
      default:
        return error(call, 400, explained(o));
    }
  }

 private:
  static http::Response unauthenticated(const Call& call, AuthFault fault) {
    const bool old = fault == AuthFault::Expired;
    http::Response r = error(call, 401, old ? "the access token has expired." : "valid credentials are needed.");
    r.headers.emplace_back("WWW-Authenticate", isPath(call, {"rest", "*", "auth", "token"})
                                                   ? R"(Basic realm="Baton")"
                                                   : R"(Bearer realm="Baton")");
    return r;
  }
};

}  // namespace

const Facade& sbc() {
  static const Sbc s;
  return s;
}

}  // namespace baton::facades
