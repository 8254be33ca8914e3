#include "gateway/credentials.h"

#include <crypt.h>

#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "kube/yaml_map.h"

namespace baton::gateway {
namespace {

using kube::YamlFault;
using kube::YamlMap;

[[noreturn]] void fault(const YamlMap& at, const std::string& what) { throw YamlFault(at.where() + what); }

void onlyKeys(const YamlMap& map, std::initializer_list<const char*> known) {
  for (const auto& key : map.keys())
    if (std::none_of(known.begin(), known.end(), [&](const char* k) { return key == k; })) {
      std::string list;
      for (const char* k : known) list += (list.empty() ? "" : ", ") + std::string(k);
      fault(map, ": unknown key; there are " + list);  // the key is not quoted: a slip may make it of a secret
    }
}

bool isDigest(const std::string& s) {
  return s.size() == 64 && std::all_of(s.begin(), s.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::shared_ptr<const User> readUser(const YamlMap& m) {
  onlyKeys(m, {"name", "passwordHash", "kubernetesUser", "kubernetesGroups", "accessKeys", "tokens"});
  auto user = std::make_shared<User>();
  user->name = m.string("name");
  user->passwordHash = m.string("passwordHash");
  user->kubernetesUser = m.string("kubernetesUser");
  user->kubernetesGroups = m.strings("kubernetesGroups");
  if (user->name.empty() || user->name.find(':') != std::string::npos)
    fault(m, ".name: expected a user name without colon");
  if (user->kubernetesUser.empty())
    fault(m, ".kubernetesUser: expected the name that RBAC knows, for example baton:administrator");
  if (user->passwordHash.empty()) return user;
  const int kind = crypt_checksalt(user->passwordHash.c_str());
  if (kind == CRYPT_SALT_INVALID || kind == CRYPT_SALT_METHOD_DISABLED)
    fault(m, ".passwordHash: expected a hash as crypt(5) has them, such as mkpasswd and htpasswd -B print");
  if (kind == CRYPT_SALT_METHOD_LEGACY)
    fault(m, ".passwordHash: this method is too weak; make a new one with mkpasswd --method=yescrypt");
  return user;
}

void readKeys(const YamlMap& m, const std::shared_ptr<const User>& user, Credentials& all) {
  for (const YamlMap& key : m.maps("accessKeys")) {
    onlyKeys(key, {"id", "secret"});
    const std::string id = key.string("id"), secret = key.string("secret");
    if (id.empty() || secret.empty()) fault(key, ": expected id and secret");
    if (!all.accessKeys.emplace(id, Credentials::AccessKey{secret, user}).second)
      fault(key, ".id: another access key has this id");
  }
  for (const YamlMap& token : m.maps("tokens")) {
    onlyKeys(token, {"sha256"});
    const std::string digest = token.string("sha256");
    if (!isDigest(digest)) fault(token, ".sha256: expected 64 hexadecimal digits, as sha256sum prints");
    if (lowerCase(digest) == hex(sha256(""))) fault(token, ".sha256: this is the hash of an empty token");
    if (!all.tokens.emplace(lowerCase(digest), user).second) fault(token, ".sha256: another token has this hash");
  }
}

}  // namespace

Result<std::shared_ptr<const Credentials>> parseCredentials(const std::string& text, const std::string& file) {
  auto all = std::make_shared<Credentials>();
  try {
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
      return invalid(file + ": is empty; for nobody write users: []");
    if (!isUtf8(text)) return invalid(file + ": expected UTF-8");  // names go into JSON
    const YamlMap document = YamlMap::document(text, file);
    onlyKeys(document, {"users"});
    for (const YamlMap& m : document.maps("users")) {
      const auto user = readUser(m);
      if (!all->users.emplace(user->name, user).second) fault(m, ".name: another user has this name");
      readKeys(m, user, *all);
    }
  } catch (const YamlFault& f) {
    return invalid(f.what());
  }
  all->signingKey = hmacSha256("baton session tokens", text);
  return std::shared_ptr<const Credentials>(std::move(all));
}

}  // namespace baton::gateway
