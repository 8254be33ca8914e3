// What one file may hold, and what is said when it is wrong.
#include "kube/kubeconfig.h"

#include "unit/kube/config_fixture.h"

namespace baton::kube {
namespace {

using KubeconfigFile = ConfigTest;

TEST_F(KubeconfigFile, DataGoesWithoutFiles) {
  const auto c =
      load(one("server: https://s, certificate-authority-data: " + base64Encode(kCa) + ", tls-server-name: n",
               "client-certificate-data: " + base64Encode(kCert) + ", client-key-data: " + base64Encode(kKey)));
  ASSERT_TRUE(c.ok()) << c.error().message;
  const http::Tls tls = c->tls();
  EXPECT_EQ(tls.ca, kCa);
  EXPECT_EQ(tls.clientCert, kCert);
  EXPECT_EQ(tls.clientKey, kKey);
  EXPECT_EQ(tls.serverName, "n");
  EXPECT_FALSE(tls.insecureSkipVerify);
  EXPECT_EQ(c->ns, "default");
}

TEST_F(KubeconfigFile, Json) {
  const auto c = load(
      R"({"apiVersion":"v1","kind":"Config","clusters":[{"name":"x","cluster":{"server":"https:\/\/s","insecure-skip-tls-verify":true}}],)"
      R"("users":[{"name":"x","user":{"username":"u","password":"p"}}],"contexts":[{"name":"x","context":{"cluster":"x","user":"x"}}],"current-context":"x"})");
  ASSERT_TRUE(c.ok()) << c.error().message;
  EXPECT_TRUE(c->tls().insecureSkipVerify);
  EXPECT_EQ(authorization(*c), "Basic dTpw");
}

TEST_F(KubeconfigFile, RotatedCertificatesAreReadAgain) {
  dir.write("ca.crt", kCa);
  const auto c = load(one("server: https://s, certificate-authority: ca.crt", ""));
  ASSERT_TRUE(c.ok()) << c.error().message;
  dir.write("ca.crt", kCert);
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(c->tls().ca, kCert);
  std::filesystem::remove(dir.path("ca.crt"));
  clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(c->tls().ca, kCert) << "an empty CA would mean the system's";
}

TEST_F(KubeconfigFile, Impersonation) {
  const auto c = loadUser("token: t, as: jane, as-uid: u1, as-groups: [a, b], as-user-extra: {scopes: [x, y]}");
  ASSERT_TRUE(c.ok()) << c.error().message;
  ASSERT_TRUE(c->as);
  EXPECT_EQ(c->as->user, "jane");
  EXPECT_EQ(c->as->uid, "u1");
  EXPECT_EQ(c->as->groups, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(c->as->extra, (std::vector<std::pair<std::string, std::string>>{{"scopes", "x"}, {"scopes", "y"}}));
  refused(loadUser("as-groups: [a]"), {"user \"x\".as", "expected a user name"});
  refused(loadUser("as: \"a\\nb\""), {"user \"x\"", "control characters"});
}

TEST_F(KubeconfigFile, EmptyFilesAndDocuments) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "null", "{}", "~"})
    refused(load(text), {dir.path("kubeconfig"), "current-context", "there are: none"});
}

TEST_F(KubeconfigFile, NoYaml) {
  refused(load("clusters: [\n- {"), {dir.path("kubeconfig") + ":", "expected YAML"});
  refused(load("a: b: c"), {dir.path("kubeconfig") + ":1", "expected YAML"});
  EXPECT_FALSE(load(std::string("\0\x01\xff\xfe\x00", 5)).ok());
}

TEST_F(KubeconfigFile, WrongDocument) {
  refused(load(","), {":1: expected one YAML document, found more"});
  refused(load("a: b\n---\nc: d\n"), {":2: expected one YAML document, found more"});
  refused(load("just words"), {":1: the document: expected a map, found a single value"});
  refused(load("- a\n- b\n"), {"expected a map, found a list"});
  refused(load("apiVersion: v1\nkind: Pod\n"), {"kind: expected \"Config\", found \"Pod\""});
  refused(load("apiVersion: v2\nkind: Config\n"), {"apiVersion: expected \"v1\""});
}

TEST_F(KubeconfigFile, WrongTypesNameLineEntryAndField) {
  refused(load("clusters:\n- name: x\n  cluster:\n    server: [a]\n"),
          {":4: cluster \"x\".cluster.server: expected a string, found a list"});
  refused(load("clusters: {a: b}\n"), {":1: clusters: expected a list of maps, found a map"});
  refused(load("clusters:\n- x\n"), {":2: clusters[0]: expected a map, found a single value"});
  refused(load("users:\n- name: u\n  user: 7\n"), {":3: user \"u\".user: expected a map"});
  refused(load("users:\n- name: u\n  user:\n    exec: {command: c, args: {a: b}}\n"),
          {":4: user \"u\".user.exec.args: expected a list of strings, found a map"});
  refused(load("clusters:\n- name: x\n  cluster: {insecure-skip-tls-verify: perhaps}\n"),
          {":3: cluster \"x\".cluster.insecure-skip-tls-verify: expected true or false"});
  refused(load("current-context: {}\n"), {"current-context: expected a string"});
}

TEST_F(KubeconfigFile, ErrorsDoNotQuoteSecrets) {
  const auto c = load("users:\n- name: u\n  user: {client-key-data: 's3cret!'}\n");
  refused(c, {":3: user \"u\".user.client-key-data: expected base64"});
  EXPECT_EQ(c.error().message.find("s3cret"), std::string::npos);
  const auto d = loadUser("token: \"s3cret\\nX-Evil: 1\"");
  refused(d, {"user \"x\".token", "HTTP header"});
  EXPECT_EQ(d.error().message.find("s3cret"), std::string::npos);
}

TEST_F(KubeconfigFile, NamesThatDoNotExist) {
  options.context = "y";
  refused(load(one("server: https://s", "")), {"context \"y\" does not exist", "there are: \"x\""});
  options.context.clear();
  refused(load("current-context: gone\n"), {"current-context: context \"gone\" does not exist"});
  refused(load("contexts: [{name: x, context: {cluster: a, user: b}}]\ncurrent-context: x\n"),
          {":1: context \"x\".cluster: \"a\" does not exist", "none"});
  refused(load("contexts: [{name: x, context: {user: b}}]\ncurrent-context: x\n"),
          {"context \"x\".cluster: expected a name"});
  refused(load("clusters: [{name: a, cluster: {}}]\ncontexts: [{name: x, context: {cluster: a, user: b}}]\n"
               "current-context: x\n"),
          {"context \"x\".user: \"b\" does not exist"});
}

TEST_F(KubeconfigFile, TheSameNameTwice) {
  refused(load("users:\n- {name: u, user: {}}\n- {name: u, user: {}}\n"), {":3: user \"u\"", "twice"});
}

TEST_F(KubeconfigFile, Servers) {
  for (const char* server : {"''", "'s:6443'", "ftp://s", "https://", "'https://:6443'", "'https://u:p@s'",
                             "'https://s?a=b'", "'https://s#x'", "'https://s s'", "'https:///x'"})
    refused(load(one(std::string("server: ") + server, "")), {"cluster \"x\".server: expected"});
  EXPECT_EQ(load(one("server: http://127.0.0.1:8001", ""))->server, "http://127.0.0.1:8001");
}

TEST_F(KubeconfigFile, CaTogetherWithInsecure) {
  refused(
      load(one("server: https://s, insecure-skip-tls-verify: true, certificate-authority-data: " + base64Encode(kCa),
               "")),
      {":2: cluster \"x\".insecure-skip-tls-verify", "not allowed"});
}

TEST_F(KubeconfigFile, FileTogetherWithData) {
  refused(load(one("server: https://s, certificate-authority: a, certificate-authority-data: YQ==", "")),
          {"cluster \"x\".certificate-authority: expected this or certificate-authority-data, found both"});
  refused(loadUser("client-certificate: a, client-certificate-data: YQ==, client-key: b"),
          {"user \"x\".client-certificate", "found both"});
}

TEST_F(KubeconfigFile, HalfAPair) {
  refused(loadUser("client-certificate-data: " + base64Encode(kCert)), {"user \"x\".client-key: expected"});
  refused(loadUser("client-key-data: " + base64Encode(kKey)), {"user \"x\".client-certificate: expected"});
}

TEST_F(KubeconfigFile, CertificatesThatAreNone) {
  refused(load(one("server: https://s, certificate-authority: gone.crt", "")),
          {"certificate-authority", dir.path("gone.crt"), "No such file"});
  refused(load(one("server: https://s, certificate-authority-data: YQ==", "")),
          {"cluster \"x\"", "certificate-authority", "expected a PEM block"});
  dir.write("empty.crt", "");
  refused(load(one("server: https://s, certificate-authority: empty.crt", "")), {"empty.crt", "is empty"});
}

TEST_F(KubeconfigFile, WhatIsNotSupportedIsSaid) {
  refused(load(one("server: https://s, proxy-url: 'http://p:3128'", "")), {"cluster \"x\".proxy-url", "not supported"});
  refused(loadUser("auth-provider: {name: gcp}"), {"user \"x\".auth-provider", "gcp", "removed", "expected exec"});
}

TEST_F(KubeconfigFile, TwoWaysToSayWhoWeAre) {
  refused(loadUser("token: t, username: u, password: p"), {"user \"x\"", "found both"});
}

TEST_F(KubeconfigFile, TokenFileGoesBeforeToken) {
  dir.write("token", " from-file\n");
  EXPECT_EQ(authorization(*loadUser("token: inline, tokenFile: token")), "Bearer from-file");
  EXPECT_EQ(authorization(*loadUser("token: inline, tokenFile: missing")), "Bearer inline");
  refused(loadUser("tokenFile: missing"), {"user \"x\".tokenFile", dir.path("missing"), "No such file"});
}

TEST_F(KubeconfigFile, ExecPluginFields) {
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1";
  refused(loadUser("exec: {" + v1 + ", interactiveMode: Never}"), {"user \"x\".exec.command: expected"});
  refused(loadUser("exec: {command: c, interactiveMode: Never}"), {"user \"x\".exec.apiVersion: expected"});
  refused(loadUser("exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1, interactiveMode: Never}"),
          {"exec.apiVersion", "v1beta1"});
  refused(loadUser("exec: {command: c, " + v1 + "}"), {"exec.interactiveMode: expected Never or IfAvailable"});
  refused(loadUser("exec: {command: c, interactiveMode: Always, " + v1 + "}"), {"exec.interactiveMode", "terminal"});
  refused(loadUser("exec: {command: c, interactiveMode: Never, env: [{value: v}], " + v1 + "}"), {"exec.env"});
  EXPECT_TRUE(loadUser("exec: {command: c, interactiveMode: IfAvailable, " + v1 + "}").ok());
  EXPECT_TRUE(loadUser("exec: {command: c, apiVersion: client.authentication.k8s.io/v1beta1}").ok());
}

TEST_F(KubeconfigFile, HugeFilesAreRefused) {
  refused(load("# " + std::string(2 << 20, 'x')), {dir.path("kubeconfig"), "larger than"});
}

TEST_F(KubeconfigFile, AliasesCannotBlowUp) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int j = 0; j < 9; ++j) bomb += ", " + last;
    bomb += "]\n";
  }
  refused(load(bomb + one("server: https://s", "token: *a29")), {"user \"x\".user.token: expected a string"});
  refused(load(bomb + "users: *a29\n"), {"expected a map"});
  const std::string extension = "extensions: [{name: client.authentication.k8s.io/exec, extension: *a29}]";
  refused(load(bomb + one("server: https://s, " + extension, "")), {"extension", "too large or too deep"});
}

TEST_F(KubeconfigFile, DeepNestingIsAnError) {
  EXPECT_FALSE(load("a: " + std::string(100000, '[')).ok());
  EXPECT_FALSE(load("a: " + std::string(100000, '{')).ok());
  std::string block = "a:\n";
  for (int i = 0; i < 2000; ++i) block += std::string(static_cast<size_t>(i) + 1, ' ') + "b:\n";
  EXPECT_FALSE(load(block).ok());
}

TEST_F(KubeconfigFile, AnAliasOfItself) {
  EXPECT_FALSE(load("users: &a\n- *a\n").ok());
  EXPECT_FALSE(
      load(one("server: https://s, extensions: [{name: client.authentication.k8s.io/exec, extension: &a {b: *a}}]", ""))
          .ok());
}

TEST(MergeKubeconfigs, Nothing) { EXPECT_TRUE(mergeKubeconfigs({}).contexts.empty()); }

}  // namespace
}  // namespace baton::kube
