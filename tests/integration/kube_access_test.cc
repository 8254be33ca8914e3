// Who we are, who others are, and what they may do.
#include "kube/access_review.h"

#include "integration/kube_fixture.h"
#include "kube/token_file.h"
#include "unit/kube/temp_dir.h"

namespace baton::kube {
namespace {

class KubeAccess : public KubeTest {
 protected:
  /// As the configuration, but with this authenticator in place of a client certificate.
  std::shared_ptr<Client> connectAs(std::shared_ptr<Authenticator> authenticator) {
    Config c = config;
    c.authenticator = std::move(authenticator);
    c.tls = [tls = config.tls] {
      http::Tls t = tls();
      t.clientCert.clear();
      t.clientKey.clear();
      return t;
    };
    return connect(c);
  }
};

TEST_F(KubeAccess, SubjectAccessReview) {
  AccessQuestion question;
  question.user = "jane";
  question.groups = {"baton:operators"};
  question.verb = "get";
  question.resource = "configmaps";
  question.ns = ns;
  auto r = ask(subjectAccessReview(question));
  ASSERT_TRUE(r.ok()) << r.error().message;
  auto answer = readSubjectAccessReview(r->body);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_FALSE(answer->allowed);

  const Resource roles{"rbac.authorization.k8s.io", "v1", "roles"};
  const Resource bindings{"rbac.authorization.k8s.io", "v1", "rolebindings"};
  json role = object("rbac.authorization.k8s.io/v1", "Role", "reader");
  role["rules"] = json::array({{{"apiGroups", {""}}, {"resources", {"configmaps"}}, {"verbs", {"get"}}}});
  json binding = object("rbac.authorization.k8s.io/v1", "RoleBinding", "reader");
  binding["roleRef"] = {{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Role"}, {"name", "reader"}};
  binding["subjects"] =
      json::array({{{"apiGroup", "rbac.authorization.k8s.io"}, {"kind", "Group"}, {"name", "baton:operators"}}});
  made(create(roles, ns, role.dump()));
  made(create(bindings, ns, binding.dump()));
  // The authorizer learns of the binding by a watch of its own.
  for (int i = 0; i < 100 && !answer->allowed; ++i) {
    r = ask(subjectAccessReview(question));
    ASSERT_TRUE(r.ok()) << r.error().message;
    answer = readSubjectAccessReview(r->body);
    ASSERT_TRUE(answer.ok());
    if (!answer->allowed) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(answer->allowed);
  EXPECT_NE(answer->reason.find("reader"), std::string::npos) << answer->reason;
}

TEST_F(KubeAccess, TokenReview) {
  const std::string token = makeToken("db");
  ASSERT_FALSE(token.empty());
  auto r = ask(tokenReview(token));
  ASSERT_TRUE(r.ok()) << r.error().message;
  auto answer = readTokenReview(r->body);
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_TRUE(answer->authenticated) << answer->error;
  EXPECT_EQ(answer->user, "system:serviceaccount:" + ns + ":db");
  EXPECT_FALSE(answer->groups.empty());
  r = ask(tokenReview("nonsense"));
  ASSERT_TRUE(r.ok()) << r.error().message;
  answer = readTokenReview(r->body);
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->authenticated);
}

TEST_F(KubeAccess, ATokenWithoutRights) {
  const auto other = connectAs(staticToken(makeToken("db")));
  const Error e = refused(ask(*other, get(resources::configMaps, ns, "a")));
  EXPECT_EQ(e.kind, Error::Kind::Forbidden) << e.message;
  EXPECT_NE(e.message.find("system:serviceaccount:" + ns + ":db"), std::string::npos) << e.message;
}

TEST_F(KubeAccess, AWrongToken) {
  const auto other = connectAs(staticToken("nonsense"));
  EXPECT_EQ(refused(ask(*other, get(resources::configMaps, ns, "a"))).kind, Error::Kind::Unauthorized);
  EXPECT_EQ(codes["401"], 1);
}

TEST_F(KubeAccess, ATokenThatIsReplacedWhileItIsRefused) {
  const TempDir dir;
  dir.write("token", "nonsense");
  const auto other = connectAs(tokenFile(dir.path("token")));
  EXPECT_EQ(refused(ask(*other, get(resources::configMaps, ns, "a"))).kind, Error::Kind::Unauthorized);
  dir.write("token", makeToken("db") + "\n");
  EXPECT_EQ(refused(ask(*other, get(resources::configMaps, ns, "a"))).kind, Error::Kind::Forbidden);
}

TEST_F(KubeAccess, AStreamWithATokenThatIsReplaced) {
  const TempDir dir;
  dir.write("token", "nonsense");
  const auto other = connectAs(tokenFile(dir.path("token")));
  EXPECT_EQ(refused(ask(*other, get(resources::configMaps, ns, "a"))).kind, Error::Kind::Unauthorized);
  dir.write("token", makeToken("db"));
  std::promise<Status> done;
  other->stream(watch(resources::configMaps, ns, {}),
                {[](const http::Response&) {}, [](std::string_view) { return true; },
                 [&](Status s) { done.set_value(std::move(s)); }});
  const Status end = done.get_future().get();
  ASSERT_FALSE(end.ok());
  EXPECT_EQ(end.error().kind, Error::Kind::Forbidden) << end.error().message;
}

TEST_F(KubeAccess, Impersonation) {
  ApiRequest q = get(resources::configMaps, ns, "a");
  q.as = serviceAccount(ns, "db");
  const Error e = refused(ask(q));
  EXPECT_EQ(e.kind, Error::Kind::Forbidden);
  EXPECT_NE(e.message.find("system:serviceaccount:" + ns + ":db"), std::string::npos) << e.message;
}

TEST_F(KubeAccess, WhoAnImpersonatedAccountIs) {
  ApiRequest who;
  who.method = http::Method::Post;
  who.target = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  who.contentType = "application/json";
  who.body = R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})";
  who.as = Impersonation{"jane", {"g1"}, "u-1", {{"example.org/scope", "read"}}};
  const json jane = made(who)["status"]["userInfo"];
  EXPECT_EQ(jane["username"], "jane");
  EXPECT_EQ(jane["uid"], "u-1");
  EXPECT_EQ(jane["groups"], json({"g1", "system:authenticated"}));
  EXPECT_EQ(jane["extra"]["example.org/scope"][0], "read");

  who.as = serviceAccount(ns, "db");
  const json account = made(who)["status"]["userInfo"];
  EXPECT_EQ(account["username"], "system:serviceaccount:" + ns + ":db");
  EXPECT_EQ(account["groups"],
            json({"system:serviceaccounts", "system:serviceaccounts:" + ns, "system:authenticated"}));
}

}  // namespace
}  // namespace baton::kube
