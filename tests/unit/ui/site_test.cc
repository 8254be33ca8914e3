// Calls below /ui, and what they are answered.
#include "unit/ui/ui_fixture.h"

namespace baton::ui {
namespace {

using http::Method;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

const std::string kSwitch = "/ui/api/groups/shop/orders/switchover";

TEST_F(UiTest, WhatIsItsOwn) {
  for (const char* target : {"/ui", "/ui/", "/ui?x", "/ui/app.js", "/ui/api/groups"}) EXPECT_TRUE(Site::has(target));
  for (const char* target : {"/", "/uix", "/api/ui", "/openapi.json"}) EXPECT_FALSE(Site::has(target));
}

TEST_F(UiTest, ThePageNeedsNoCredentialsAndLoadsNothingElse) {
  EXPECT_EQ(ask(Method::Get, "/ui").status, 308);
  EXPECT_EQ(header("Location"), "ui/");
  EXPECT_EQ(ask(Method::Get, "/ui/").status, 200);
  EXPECT_THAT(header("Content-Type"), HasSubstr("text/html"));
  EXPECT_THAT(header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(header("X-Content-Type-Options"), "nosniff");
  const std::string tag = header("ETag");
  EXPECT_EQ(ask(Method::Get, "/ui/", {{"If-None-Match", tag}}).status, 304);
  EXPECT_EQ(ask(Method::Get, "/ui/nothing.js").status, 404);
  EXPECT_EQ(ask(Method::Get, "/ui/..%2fsecret").status, 404);
  EXPECT_EQ(ask(Method::Post, "/ui/").status, 405);
}

TEST_F(UiTest, WithoutCredentialsNothingIsTold) {
  for (const char* target : {"/ui/api/session", "/ui/api/groups", "/ui/api/groups/shop/orders", "/ui/api/events",
                             "/ui/api/requests/shop/r"}) {
    EXPECT_EQ(ask(Method::Get, target).status, 401) << target;
    EXPECT_EQ(reason(), "NotSignedIn");
    EXPECT_EQ(header("WWW-Authenticate"), R"(Bearer realm="Baton")") << "Basic would open a browser's own window";
  }
  EXPECT_EQ(notProved_, 5);
  EXPECT_TRUE(server_.reviews_.empty());
}

TEST_F(UiTest, ASessionIsACookieThatIsGoodHereOnlyAndExpires) {
  const http::Headers json{{"Content-Type", "application/json"}};
  EXPECT_EQ(ask(Method::Post, "/ui/api/session", json, R"({"user":"admin","password":"no"})").status, 401);
  EXPECT_EQ(reason(), "WrongCredentials");
  EXPECT_EQ(header("Set-Cookie"), "");
  EXPECT_EQ(ask(Method::Post, "/ui/api/session", json, R"({"user":"admin","password":"secret"})").status, 200);
  EXPECT_EQ(UiTest::json()["user"], "admin");
  const std::string cookie = header("Set-Cookie");
  for (const char* word : {"BATON_UI=bt1.", "HttpOnly", "SameSite=Strict", "Secure", "Max-Age=28800"})
    EXPECT_THAT(cookie, HasSubstr(word));
  const std::string sent = "other=1; " + cookie.substr(0, cookie.find(';'));
  EXPECT_EQ(ask(Method::Get, "/ui/api/session", {{"Cookie", sent}}).status, 200);
  EXPECT_EQ(UiTest::json()["user"], "admin");
  EXPECT_EQ(UiTest::json()["expires"], formatTimeSeconds(clock_.now() + std::chrono::hours(8)));
  const std::string token = sent.substr(sent.find("bt1."));
  call(Method::Post, "/v2/p1/instances/i1/swap", {{"Host", "x"}, {"X-Auth-Token", token}});
  EXPECT_EQ(answer().status, 401) << "a session of the page is no token of another path";
  clock_.advance(std::chrono::hours(8));
  EXPECT_EQ(ask(Method::Get, "/ui/api/session", {{"Cookie", sent}}).status, 401);
  EXPECT_EQ(reason(), "SessionExpired");
}

TEST_F(UiTest, SigningOutTakesTheCookieBack) {
  EXPECT_EQ(ask(Method::Delete, "/ui/api/session").status, 204);
  EXPECT_THAT(header("Set-Cookie"), HasSubstr("BATON_UI=; "));
  EXPECT_THAT(header("Set-Cookie"), HasSubstr("Max-Age=0"));
}

TEST_F(UiTest, BadBodiesOfASignIn) {
  const http::Headers json{{"Content-Type", "application/json"}};
  for (const char* body : {"", "[]", "{", R"({"user":"admin"})", R"({"user":1,"password":"x"})", "\xff"})
    EXPECT_EQ(ask(Method::Post, "/ui/api/session", json, body).status, 400) << body;
  EXPECT_EQ(ask(Method::Post, "/ui/api/session", {}, R"({"user":"admin","password":"secret"})").status, 415)
      << "a form of another site can't send JSON without asking first";
}

TEST_F(UiTest, ChangesFromAnotherSitesPageAreRefused) {
  for (const http::Headers& from :
       {http::Headers{{"Sec-Fetch-Site", "cross-site"}}, http::Headers{{"Sec-Fetch-Site", "same-site"}},
        http::Headers{{"Origin", "https://evil.example"}}, http::Headers{{"Origin", "null"}}}) {
    auto headers = token();
    headers.insert(headers.end(), from.begin(), from.end());
    headers.emplace_back("Content-Type", "application/json");
    EXPECT_EQ(ask(Method::Post, kSwitch, headers, "{}").status, 403);
    EXPECT_EQ(reason(), "AnotherSite");
    EXPECT_EQ(ask(Method::Delete, "/ui/api/session", headers).status, 403);
  }
  EXPECT_TRUE(server_.created_.empty());
}

TEST_F(UiTest, GroupsAreThoseThatRbacShows) {
  EXPECT_EQ(get("/ui/api/groups").status, 200);
  EXPECT_EQ(json()["version"], "1.2.3");
  EXPECT_THAT(json()["groups"], SizeIs(2));
  EXPECT_THAT(server_.reviews_, SizeIs(3)) << "who may do it everywhere is not asked for each namespace";
  const Json orders = json()["groups"][1];
  EXPECT_EQ(orders["name"], "orders");
  EXPECT_EQ(orders["status"]["primary"], "orders-0");
  EXPECT_FALSE(orders["status"].contains("history"));
  EXPECT_EQ(orders["failoverMode"], "Automatic");
  EXPECT_TRUE(orders["activeRequest"].is_null());
}

TEST_F(UiTest, OfANamespaceThatIsNotHisNothingIsTold) {
  server_.may_ = [](const Json& a) { return a.value("namespace", "") == "shop" && a["verb"] == "list"; };
  EXPECT_EQ(get("/ui/api/groups").status, 200);
  EXPECT_EQ(json()["namespaces"], Json::parse(R"({"shop":{"requests":true,"switch":false}})"));
  EXPECT_THAT(json()["groups"], SizeIs(1));
  EXPECT_EQ(get("/ui/api/groups/bank/ledger").status, 403);
  EXPECT_EQ(get("/ui/api/groups/bank/nothing").status, 403) << "whether it is there is not told";
  EXPECT_EQ(get("/ui/api/requests/bank/r").status, 403);
  EXPECT_EQ(post(kSwitch, {{"dryRun", true}}).status, 403);
  EXPECT_THAT(std::string(json()["error"]),
              HasSubstr("baton:admin may not create switchoverrequests in namespace shop"));
  EXPECT_TRUE(server_.created_.empty());
}

TEST_F(UiTest, RequestsAreToldToWhoMayListThem) {
  source_.put("shop", "orders", "orders-0", 1, "r1");
  source_.ask("shop", "r1", "orders", "Demoting");
  EXPECT_EQ(get("/ui/api/groups/shop/orders").status, 200);
  EXPECT_EQ(json()["group"]["activeRequest"]["status"]["phase"], "Demoting");
  EXPECT_THAT(json()["group"]["status"]["history"], SizeIs(1));
  EXPECT_THAT(json()["requests"], SizeIs(1));
  EXPECT_EQ(get("/ui/api/requests/shop/r1").status, 200);
  EXPECT_EQ(json()["spec"]["reason"], "kernel");
  EXPECT_EQ(get("/ui/api/requests/shop/r2").status, 404);
  EXPECT_EQ(get("/ui/api/groups/shop/nothing").status, 404);
  server_.may_ = [](const Json& a) { return a["resource"] == "hagroups"; };
  clock_.advance(std::chrono::minutes(1));
  EXPECT_EQ(get("/ui/api/groups/shop/orders").status, 200);
  EXPECT_TRUE(json()["group"]["activeRequest"].is_null());
  EXPECT_THAT(json()["requests"], SizeIs(0));
  EXPECT_EQ(get("/ui/api/requests/shop/r1").status, 403);
}

TEST_F(UiTest, WhatSomebodyAskedForHimselfHeMayFollow) {
  server_.may_ = [](const Json& a) { return a["resource"] == "hagroups" || a["verb"] == "create"; };
  source_.ask("shop", "r1", "orders", "Demoting");
  source_.ask("shop", "r2", "orders", "Queued", "admin");
  EXPECT_EQ(get("/ui/api/requests/shop/r1").status, 403);
  EXPECT_EQ(get("/ui/api/requests/shop/r2").status, 200);
}

TEST_F(UiTest, BehindAProxyThatEndsTlsTheCookieIsSecureToo) {
  const http::Headers through{{"Content-Type", "application/json"}, {"Origin", "https://baton.example.org"}};
  tls_ = false;
  ask(Method::Post, "/ui/api/session", through, R"({"user":"admin","password":"secret"})");
  EXPECT_THAT(header("Set-Cookie"), HasSubstr("; Secure"));
  ask(Method::Post, "/ui/api/session", {{"Content-Type", "application/json"}},
      R"({"user":"admin","password":"secret"})");
  EXPECT_THAT(header("Set-Cookie"), Not(HasSubstr("Secure")));
}

TEST_F(UiTest, ASwitchoverIsARequestLikeAnyOther) {
  EXPECT_EQ(post(kSwitch, {{"candidate", "orders-1"}, {"expectedPrimary", "orders-0"}, {"reason", ""}}).status, 201);
  ASSERT_THAT(server_.created_, SizeIs(1));
  EXPECT_EQ(json()["name"], server_.created_[0]);
  EXPECT_EQ(json()["status"], Json::object());
  EXPECT_EQ(spec(), Json::parse(R"({"groupRef":{"name":"orders"},"candidate":"orders-1","expectedPrimary":"orders-0",
                                    "startDeadlineSeconds":60})"));
  EXPECT_EQ(server_.objects_.begin()->second["metadata"]["annotations"]["ha.baton.dev/requested-by"], "admin");
}

TEST_F(UiTest, WhatIsNoSwitchover) {
  for (const Json& body :
       {Json{{"candidate", 1}}, Json{{"dryRun", "yes"}}, Json{{"cancel", true}}, Json::array(), Json()})
    EXPECT_EQ(post(kSwitch, body).status, 400) << body;
  EXPECT_EQ(post("/ui/api/groups/shop/nothing/switchover", Json::object()).status, 404);
  server_.refuses_ = invalid("spec.mode: Unsupported value");
  EXPECT_EQ(post(kSwitch, {{"mode", "Quick"}}).status, 422);
  EXPECT_THAT(std::string(json()["error"]), HasSubstr("Unsupported value"));
  server_.refuses_ = Error{Error::Kind::Forbidden, "admission webhook denied the request", {}, 403};
  EXPECT_EQ(post(kSwitch, Json::object()).status, 422);
  server_.refuses_ = unavailable("connection refused");
  EXPECT_EQ(post(kSwitch, Json::object()).status, 503);
  EXPECT_THAT(std::string(json()["error"]), HasSubstr("may not have been made"));
  server_.refuses_.reset();
  overdrawn_ = {"admin"};
  EXPECT_EQ(post(kSwitch, Json::object()).status, 429);
  overdrawn_.clear();
  stopping_ = true;
  EXPECT_EQ(post(kSwitch, Json::object()).status, 503);
  EXPECT_TRUE(server_.created_.empty());
}

TEST_F(UiTest, WhileItCantBeKnownItIsSaid) {
  source_.ready_ = false;
  EXPECT_EQ(get("/ui/api/groups").status, 503);
  EXPECT_EQ(reason(), "NotReady");
  source_.ready_ = true;
  server_.down_ = true;
  EXPECT_EQ(get("/ui/api/groups").status, 503);
  EXPECT_EQ(reason(), "Unavailable");
  EXPECT_EQ(answered_["ui 503"], 2);
}

TEST_F(UiTest, MethodsThatThereAreNot) {
  EXPECT_EQ(ask(Method::Put, "/ui/api/session", token()).status, 405);
  EXPECT_EQ(header("Allow"), "GET, POST, DELETE");
  EXPECT_EQ(ask(Method::Get, kSwitch, token()).status, 405);
  EXPECT_EQ(ask(Method::Get, "/ui/api/nothing", token()).status, 404);
  EXPECT_EQ(ask(Method::Get, "/ui/%zz", token()).status, 400);
}

}  // namespace
}  // namespace baton::ui
