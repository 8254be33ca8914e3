// The credentials file: an error that says nothing of what stands in it, or a whole and consistent result.
#include "gateway/credentials.h"

#include "base/text.h"
#include "fuzz/fuzz.h"

namespace baton::fuzz {
namespace {

using gateway::Credentials;
using gateway::User;

// Wherever the input has the mark, the file has a secret.
constexpr char kMark = '\x1f';
constexpr std::string_view kSecret = "Zq7xSecret9Kw";

std::string withSecrets(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c == kMark)
      out += kSecret;
    else
      out += c;
  return out;
}

void checkUser(const Credentials& all, const std::shared_ptr<const User>& user) {
  check(user != nullptr, "a key has a user");
  const auto found = all.users.find(user->name);
  check(found != all.users.end() && found->second == user, "the user of a key is one of the users");
}

void checkCredentials(const Credentials& all) {
  check(all.signingKey.size() == 32, "there is a key to sign with");
  for (const auto& [name, user] : all.users) {
    check(!name.empty() && name == user->name && name.find(':') == name.npos, "a user has a name without colon");
    check(!user->kubernetesUser.empty(), "a user has a name in Kubernetes");
    check(isUtf8(name) && isUtf8(user->kubernetesUser), "names are UTF-8");
    for (const auto& group : user->kubernetesGroups) check(isUtf8(group), "groups are UTF-8");
  }
  for (const auto& [id, key] : all.accessKeys) {
    check(!id.empty() && !key.secret.empty(), "an access key has an id and a secret");
    checkUser(all, key.user);
  }
  for (const auto& [digest, user] : all.tokens) {
    check(digest.size() == 64 && digest.find_first_not_of("0123456789abcdef") == digest.npos, "a token has a hash");
    checkUser(all, user);
  }
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  const std::string text = withSecrets(unfolded(textOf(data, size)));
  const auto result = baton::gateway::parseCredentials(text, "creds.yaml");
  if (result) {
    checkCredentials(**result);
  } else {
    const std::string& why = result.error().message;
    check(why.find(kSecret) == why.npos, "no message quotes the file");
    check(why.starts_with("creds.yaml") && !hasControl(why), "a message names the file, on one line");
  }
  return 0;
}
