// Which source is taken, and how several files become one.
#include "unit/kube/config_fixture.h"

namespace baton::kube {
namespace {

using ConfigSource = ConfigTest;

TEST_F(ConfigSource, ExplicitFileGoesBeforeAll) {
  account("t");
  environment["KUBECONFIG"] = dir.write("other", one("server: https://other", ""));
  const auto c = load(one("server: https://s:6443/", "token: abc", "namespace: shop"));
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(c->server, "https://s:6443");
  EXPECT_EQ(c->pathPrefix, "");
  EXPECT_EQ(c->ns, "shop");
  EXPECT_EQ(authorization(*c), "Bearer abc");
  EXPECT_EQ(c->source, dir.path("kubeconfig") + ", context \"x\"");
}

TEST_F(ConfigSource, ExplicitFileThatIsMissing) {
  options.kubeconfig = dir.path("missing");
  const auto c = loadConfig(options);
  refused(c, {dir.path("missing"), "No such file"});
  EXPECT_EQ(c.error().kind, Error::Kind::NotFound);
}

TEST_F(ConfigSource, InClusterGoesBeforeTheEnvironment) {
  account("first\n");
  environment["KUBECONFIG"] = dir.write("other", one("server: https://other", ""));
  const auto c = loadConfig(options);
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(c->server, "https://10.96.0.1:443");
  EXPECT_EQ(c->ns, "baton-system");
  EXPECT_EQ(c->tls().ca, kCa);
  EXPECT_EQ(authorization(*c), "Bearer first");
  EXPECT_EQ(c->source, "in-cluster service account");
}

TEST_F(ConfigSource, InClusterLastForAToolOfPeople) {
  account("t");
  options.inClusterFirst = false;
  EXPECT_EQ(loadConfig(options)->server, "https://10.96.0.1:443");
  dir.write("home/.kube/config", one("server: https://home", ""));
  EXPECT_EQ(loadConfig(options)->server, "https://home");
}

TEST_F(ConfigSource, ANamedContextIsNeverInCluster) {
  account("t");
  options.context = "x";
  refused(loadConfig(options), {"a context was named"});
  dir.write("home/.kube/config", one("server: https://home", ""));
  EXPECT_EQ(loadConfig(options)->server, "https://home");
}

TEST_F(ConfigSource, InClusterByNameWhereAddressesAreIpv6) {
  account("t");
  environment["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  EXPECT_EQ(loadConfig(options)->server, "https://kubernetes.default.svc:443");
}

TEST_F(ConfigSource, InClusterWithoutCa) {
  account("t");
  std::filesystem::remove(dir.path("account/ca.crt"));
  refused(loadConfig(options), {"in-cluster", "ca.crt"});
  dir.write("account/ca.crt", "garbage");
  refused(loadConfig(options), {"in-cluster", "ca.crt", "PEM"});
}

TEST_F(ConfigSource, APodWithoutTokenFallsThrough) {
  environment["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
  environment["KUBERNETES_SERVICE_PORT"] = "443";
  refused(loadConfig(options), {"no API server", "no token", dir.path("home/.kube/config"), "--kubeconfig"});
}

TEST_F(ConfigSource, NothingAtAll) {
  environment.clear();
  const auto c = loadConfig(options);
  refused(c, {"KUBERNETES_SERVICE_HOST is not set", "neither KUBECONFIG nor HOME"});
  EXPECT_EQ(c.error().kind, Error::Kind::NotFound);
}

TEST_F(ConfigSource, HomeIsNotLookedAtWhenKubeconfigIsSet) {
  dir.write("home/.kube/config", one("server: https://home", ""));
  environment["KUBECONFIG"] = dir.path("missing");
  refused(loadConfig(options), {"no file " + dir.path("missing")});
}

TEST_F(ConfigSource, FirstFileWinsAndMissingOnesAreSkipped) {
  const std::string a = dir.write("a/config", "clusters: [{name: red, cluster: {server: 'https://red-a'}}]\n");
  const std::string b = dir.write("b/config",
                                  "clusters:\n- {name: red, cluster: {server: 'https://red-b', tls-server-name: n}}\n"
                                  "- {name: blue, cluster: {server: 'https://blue-b'}}\n"
                                  "users: [{name: u, user: {token: from-b}}]\n"
                                  "contexts: [{name: c, context: {cluster: red, user: u}}]\n"
                                  "current-context: c\n");
  const std::string c = dir.write("c/config",
                                  "users: [{name: u, user: {token: from-c}}]\ncurrent-context: d\n"
                                  "contexts: [{name: d, context: {cluster: blue, user: u}}]\n");
  environment["KUBECONFIG"] = dir.path("missing") + ":" + a + "::" + b + ":" + c;
  auto config = loadConfig(options);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->server, "https://red-a");
  EXPECT_EQ(config->tls().serverName, "");  // nothing of the second file's entry is mixed in
  EXPECT_EQ(authorization(*config), "Bearer from-b");
  options.context = "d";
  config = loadConfig(options);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->server, "https://blue-b");
  EXPECT_EQ(authorization(*config), "Bearer from-b");
}

TEST_F(ConfigSource, PathsAreRelativeToTheFileTheyStandIn) {
  dir.write("a/pki/ca.crt", kCa);
  dir.write("b/cert.pem", kCert);
  dir.write("b/key.pem", kKey);
  const std::string a =
      dir.write("a/config", "clusters: [{name: x, cluster: {server: 'https://s', certificate-authority: pki/ca.crt}}]");
  const std::string b = dir.write("b/config",
                                  "users: [{name: x, user: {client-certificate: cert.pem, client-key: ./key.pem}}]\n"
                                  "contexts: [{name: x, context: {cluster: x, user: x}}]\ncurrent-context: x\n");
  environment["KUBECONFIG"] = a + ":" + b;
  const auto c = loadConfig(options);
  ASSERT_TRUE(c.ok()) << c.error().message;
  const http::Tls tls = c->tls();
  EXPECT_EQ(tls.ca, kCa);
  EXPECT_EQ(tls.clientCert, kCert);
  EXPECT_EQ(tls.clientKey, kKey);
  EXPECT_EQ(authorization(*c), "");
}

TEST_F(ConfigSource, OneBrokenFileOfTheListIsAnError) {
  const std::string a = dir.write("a", "clusters: 7\n");
  environment["KUBECONFIG"] = a + ":" + dir.write("b", one("server: https://s", ""));
  refused(loadConfig(options), {a + ":1: clusters", "expected a list"});
}

TEST_F(ConfigSource, ServerBehindAPath) {
  const auto c = load(one("server: 'https://rancher.example/k8s/clusters/c-1/'", ""));
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_EQ(c->server, "https://rancher.example");
  EXPECT_EQ(c->pathPrefix, "/k8s/clusters/c-1");
}

}  // namespace
}  // namespace baton::kube
