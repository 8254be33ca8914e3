#include "kube/access_review.h"

#include <nlohmann/json.hpp>

namespace baton::kube {
namespace {

using nlohmann::json;

ApiRequest review(const char* target, const json& body) {
  ApiRequest q;
  q.method = http::Method::Post;
  q.target = target;
  q.contentType = "application/json";
  // A user name that isn't UTF-8 must not throw; it then names nobody.
  q.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  q.idempotent = true;
  return q;
}

std::string text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

bool flag(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_boolean() && it->get<bool>();
}

/// The review's status; an Error unless the body is an object of that kind with a status.
Result<json> status(std::string_view body, const char* kind) {
  json j = json::parse(body, nullptr, false);
  if (!j.is_object() || text(j, "kind") != kind) return internal(std::string("the server's answer is not a ") + kind);
  const auto it = j.find("status");
  if (it == j.end() || !it->is_object()) return internal(std::string("the server's ") + kind + " has no status");
  return std::move(*it);
}

}  // namespace

ApiRequest subjectAccessReview(const AccessQuestion& question) {
  json attributes = {{"verb", question.verb}, {"group", question.apiGroup}, {"resource", question.resource}};
  if (!question.subresource.empty()) attributes["subresource"] = question.subresource;
  if (!question.ns.empty()) attributes["namespace"] = question.ns;
  if (!question.name.empty()) attributes["name"] = question.name;
  json spec = {{"user", question.user}, {"resourceAttributes", std::move(attributes)}};
  if (!question.groups.empty()) spec["groups"] = question.groups;
  return review(
      "/apis/authorization.k8s.io/v1/subjectaccessreviews",
      {{"apiVersion", "authorization.k8s.io/v1"}, {"kind", "SubjectAccessReview"}, {"spec", std::move(spec)}});
}

ApiRequest tokenReview(const std::string& token, const std::vector<std::string>& audiences) {
  json spec = {{"token", token}};
  if (!audiences.empty()) spec["audiences"] = audiences;
  return review("/apis/authentication.k8s.io/v1/tokenreviews",
                {{"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenReview"}, {"spec", std::move(spec)}});
}

Result<AccessAnswer> readSubjectAccessReview(std::string_view body) {
  auto s = status(body, "SubjectAccessReview");
  if (!s) return std::move(s).error();
  AccessAnswer answer;
  // "denied" overrules "allowed", should a webhook authorizer say both.
  answer.allowed = flag(*s, "allowed") && !flag(*s, "denied");
  answer.reason = text(*s, "reason");
  if (answer.reason.empty()) answer.reason = text(*s, "evaluationError");
  return answer;
}

Result<TokenAnswer> readTokenReview(std::string_view body) {
  auto s = status(body, "TokenReview");
  if (!s) return std::move(s).error();
  TokenAnswer answer;
  answer.authenticated = flag(*s, "authenticated");
  answer.error = text(*s, "error");
  const auto user = s->find("user");
  if (user == s->end() || !user->is_object()) return answer;
  answer.user = text(*user, "username");
  answer.uid = text(*user, "uid");
  const auto groups = user->find("groups");
  if (groups == user->end() || !groups->is_array()) return answer;
  for (const json& group : *groups)
    if (group.is_string()) answer.groups.push_back(group.get<std::string>());
  return answer;
}

}  // namespace baton::kube
