#include "kube/authenticator.h"

#include <utility>

#include "kube/base64.h"

namespace baton::kube {
namespace {

/// Always says the same.
class Static : public Authenticator {
 public:
  explicit Static(std::string authorization) : authorization_(std::move(authorization)) {}
  void credential(std::function<void(Result<Credential>)> done) override { done(Credential{authorization_, 0}); }
  bool refused(uint64_t) override { return false; }

 private:
  const std::string authorization_;
};

}  // namespace

std::shared_ptr<Authenticator> noAuthenticator() { return std::make_shared<Static>(""); }

std::shared_ptr<Authenticator> staticToken(const std::string& token) {
  return std::make_shared<Static>("Bearer " + token);
}

std::shared_ptr<Authenticator> basicAuth(const std::string& user, const std::string& password) {
  return std::make_shared<Static>("Basic " + base64Encode(user + ":" + password));
}

}  // namespace baton::kube
