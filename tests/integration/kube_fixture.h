// A client of the API server that KUBECONFIG names, and a namespace for each test.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/timers.h"
#include "kube/api_client.h"
#include "kube/config.h"
#include "kube/request.h"

namespace baton::kube {

class KubeTest : public testing::Test {
 protected:
  using json = nlohmann::json;
  inline static const Resource serviceAccounts{"", "v1", "serviceaccounts"};

  void SetUp() override {
    ConfigOptions options;
    options.inClusterFirst = false;
    auto loaded = loadConfig(options);
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    config = *loaded;
    client = connect(config);
    static int number = 0;
    ns = "baton-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number) + "-" +
         std::to_string(Clock::real().now().time_since_epoch().count() % 1000000);
    made(create(resources::namespaces, "", object("v1", "Namespace", ns).dump()));
  }
  void TearDown() override {
    if (!client || ns.empty()) return;
    [[maybe_unused]] const auto removed = ask(remove(resources::namespaces, "", ns));
  }

  std::shared_ptr<Client> connect(const Config& c) {
    ApiClientOptions o = apiClientOptions(c, timers, "test");
    o.observe = [this](http::Method, const std::string& code, double) {
      std::lock_guard l(mutex);
      ++codes[code];
    };
    return makeApiClient(std::move(o));
  }

  static Result<http::Response> ask(Client& by, ApiRequest request) {
    auto p = std::make_shared<std::promise<Result<http::Response>>>();
    auto answer = p->get_future();
    by.send(std::move(request), [p](Result<http::Response> r) { p->set_value(std::move(r)); });
    return answer.get();
  }
  Result<http::Response> ask(ApiRequest request) { return ask(*client, std::move(request)); }

  /// The object that came back; the test fails when the request did.
  json made(ApiRequest request) {
    const std::string target = request.target;
    auto r = ask(std::move(request));
    EXPECT_TRUE(r.ok()) << target << ": " << r.error().message;
    return r ? json::parse(r->body, nullptr, false) : json();
  }

  static Error refused(const Result<http::Response>& r) {
    EXPECT_FALSE(r.ok());
    return r ? Error{} : r.error();
  }

  static json object(const std::string& version, const std::string& kind, const std::string& name) {
    return {{"apiVersion", version}, {"kind", kind}, {"metadata", {{"name", name}}}};
  }
  static json configMap(const std::string& name, const std::string& value) {
    json j = object("v1", "ConfigMap", name);
    j["metadata"]["labels"] = {{"test", value}};
    j["data"] = {{"a", value}};
    return j;
  }
  json makeConfigMap(const std::string& name, const std::string& value = "1") {
    return made(create(resources::configMaps, ns, configMap(name, value).dump()));
  }

  /// A token of a new service account of that name.
  std::string makeToken(const std::string& name) {
    made(create(serviceAccounts, ns, object("v1", "ServiceAccount", name).dump()));
    ApiRequest q = create(serviceAccounts, ns, R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest"})");
    q.target = path(serviceAccounts, ns, name, "token");
    return made(q)["status"].value("token", "");
  }

  std::mutex mutex;
  std::map<std::string, int> codes;
  Timers timers;
  Config config;
  std::shared_ptr<Client> client;
  std::string ns;
};

}  // namespace baton::kube
