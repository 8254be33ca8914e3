// Kubeconfig files in a folder of their own, and an environment that holds only what the test says.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

#include "kube/base64.h"
#include "kube/config.h"
#include "unit/kube/manual_clock.h"
#include "unit/kube/temp_dir.h"

namespace baton::kube {

inline const std::string kCa = "-----BEGIN CERTIFICATE-----\nY2E=\n-----END CERTIFICATE-----\n";
inline const std::string kCert = "-----BEGIN CERTIFICATE-----\nY2VydA==\n-----END CERTIFICATE-----\n";
inline const std::string kKey = "-----BEGIN PRIVATE KEY-----\na2V5\n-----END PRIVATE KEY-----\n";

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      const auto it = environment.find(name);
      return it == environment.end() ? std::nullopt : std::optional(it->second);
    };
    options.serviceAccountDirectory = dir.path("account");
    options.clock = &clock;
    environment["HOME"] = dir.path("home");
  }

  /// A file with one cluster, user and context, all named x; their fields in YAML flow style without braces.
  static std::string one(const std::string& cluster, const std::string& user, const std::string& context = {}) {
    return "clusters:\n- name: x\n  cluster: {" + cluster + "}\nusers:\n- name: x\n  user: {" + user +
           "}\ncontexts:\n- name: x\n  context: {cluster: x, user: x" + (context.empty() ? "" : ", " + context) +
           "}\ncurrent-context: x\n";
  }

  Result<Config> load(const std::string& text) {
    options.kubeconfig = dir.write("kubeconfig", text);
    return loadConfig(options);
  }
  Result<Config> loadUser(const std::string& user) { return load(one("server: https://s", user)); }

  /// Expects an error that holds all these words, and the file's name.
  void refused(const Result<Config>& r, const std::vector<std::string>& words) {
    ASSERT_FALSE(r.ok());
    for (const std::string& word : words)
      EXPECT_NE(r.error().message.find(word), std::string::npos) << "no \"" << word << "\" in: " << r.error().message;
  }

  void account(const std::string& token) {
    dir.write("account/token", token);
    dir.write("account/ca.crt", kCa);
    dir.write("account/namespace", "baton-system\n");
    environment["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
    environment["KUBERNETES_SERVICE_PORT"] = "443";
  }

  /// Of an authenticator that answers at once.
  static std::string authorization(const Config& config) {
    std::string value = "(not called)";
    config.authenticator->credential(
        [&](Result<Credential> r) { value = r ? r->authorization : "error: " + r.error().message; });
    return value;
  }

  TempDir dir;
  ManualClock clock;
  std::map<std::string, std::string> environment;
  ConfigOptions options;
};

}  // namespace baton::kube
