// The credentials file: who may call the REST API, and how he proves who he is. What he may do comes from Kubernetes
// alone (access.h). Values in memory are never logged; messages about the file quote none of them.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace baton::gateway {

struct User {
  std::string name;
  std::string passwordHash;  // crypt(5); empty: no password
  std::string kubernetesUser;
  std::vector<std::string> kubernetesGroups;
};

/// One version of the file, not changed after it is made.
struct Credentials {
  struct AccessKey {
    std::string secret;
    std::shared_ptr<const User> user;
  };
  std::map<std::string, std::shared_ptr<const User>> users;   // by name
  std::map<std::string, AccessKey> accessKeys;                // by id
  std::map<std::string, std::shared_ptr<const User>> tokens;  // by the token's SHA-256, in lower-case hex
  /// Signs the tokens that a log-in gives: made of the whole file, so that replicas with the same file take each
  /// other's, and none survives a change of it.
  std::string signingKey;
};

/// Invalid: "FILE:LINE: FIELD: expected ...".
Result<std::shared_ptr<const Credentials>> parseCredentials(const std::string& text, const std::string& file);

}  // namespace baton::gateway
