// "Whose token is this?" and "may he?", asked of the API server:
// https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/
// https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kube/client.h"

namespace baton::kube {

struct AccessQuestion {
  std::string user;
  std::vector<std::string> groups;
  std::string verb;         // "get", "create", ...
  std::string apiGroup;     // "ha.baton.dev"
  std::string resource;     // plural, "hagroups"
  std::string subresource;  // "status", or empty
  std::string ns;           // empty: all namespaces
  std::string name;         // empty: all names
};

struct AccessAnswer {
  bool allowed = false;
  std::string reason;  // what the authorizer says, for a person; may be empty
};

struct TokenAnswer {
  bool authenticated = false;
  std::string user;
  std::string uid;
  std::vector<std::string> groups;
  std::string error;  // why not; may be empty
};

/// Nothing is stored, so both may be repeated.
ApiRequest subjectAccessReview(const AccessQuestion& question);
/// The request's body holds the token: not to be logged.
ApiRequest tokenReview(const std::string& token, const std::vector<std::string>& audiences = {});

/// What the body of the answer says. An answer that is not understood is an Error, never "allowed".
Result<AccessAnswer> readSubjectAccessReview(std::string_view body);
Result<TokenAnswer> readTokenReview(std::string_view body);

}  // namespace baton::kube
