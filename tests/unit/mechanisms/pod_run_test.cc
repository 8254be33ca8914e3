// CheckRouting and DeletePod against a scripted API server.
#include <nlohmann/json.hpp>

#include "kube/request.h"
#include "mechanisms/routing.h"
#include "unit/mechanisms/fixture.h"

namespace baton::mechanisms {
namespace {

using nlohmann::json;

json endpoint(const std::string& pod, bool ready) {
  return {{"targetRef", {{"kind", "Pod"}, {"name", pod}}}, {"conditions", {{"ready", ready}}}};
}
std::string slices(const std::vector<json>& endpoints) { return json{{"items", {{{"endpoints", endpoints}}}}}.dump(); }

class RoutingRun : public MechanismsTest {
 protected:
  ha::EffectResult check(std::vector<std::string> services) {
    Target t = target();
    t.services = std::move(services);
    t.otherMembers = {"orders-0", "orders-2"};
    return run(effect(Kind::CheckRouting), t);
  }
};

TEST_F(RoutingRun, NoServicesNoLook) {
  EXPECT_TRUE(check({}).done());
  EXPECT_EQ(requests().size(), 0u);
}

TEST_F(RoutingRun, EachServiceIsLookedAt) {
  server_ = [](const ApiRequest&, size_t) {
    return ok(slices({endpoint("orders-1", true), endpoint("orders-0", false)}));
  };
  EXPECT_TRUE(check({"a", "b"}).done());
  ASSERT_EQ(requests().size(), 2u);
  EXPECT_EQ(requests()[1].target,
            "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Db");
}

TEST_F(RoutingRun, SaysWhoIsMissingAndWhoIsStillThere) {
  server_ = [](const ApiRequest&, size_t n) {
    return ok(n == 0 ? slices({endpoint("orders-0", true)}) : slices({endpoint("orders-1", true)}));
  };
  const auto r = check({"a", "b"});
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "Service a: orders-1 is not a ready endpoint yet, orders-0 is still a ready endpoint");
}

TEST_F(RoutingRun, Unreadable) {
  server_ = [](const ApiRequest&, size_t n) { return n == 0 ? Answer(unavailable("down")) : ok("[]"); };
  EXPECT_EQ(check({"a"}).message, "EndpointSlices of Service a: down");
  EXPECT_TRUE(check({"a"}).failed());
}

class DeleteRun : public MechanismsTest {};

std::string podOf(const std::string& uid) { return json{{"metadata", {{"uid", uid}}}}.dump(); }

TEST_F(DeleteRun, WaitsUntilItIsGone) {
  spec_.serviceAccountName = "operator";
  server_ = [](const ApiRequest& q, size_t n) -> Answer {
    if (q.method == http::Method::Delete || n < 3) return ok(podOf("u1"));
    return notFound("gone");
  };
  const auto r = run(effect(Kind::DeletePod));
  EXPECT_TRUE(r.done()) << r.message;
  ASSERT_EQ(requests().size(), 4u);
  EXPECT_EQ(json::parse(requests()[0].body)["preconditions"]["uid"], "u1");
  ASSERT_TRUE(requests()[0].as.has_value());
  EXPECT_EQ(requests()[0].as->user, "system:serviceaccount:shop:operator");
  EXPECT_FALSE(requests()[1].as.has_value());  // to look is Baton's own right
}

TEST_F(DeleteRun, WithoutGraceOnlyWhenTheNodeIsGone) {
  for (const bool gone : {false, true}) {
    server_ = [](const ApiRequest&, size_t n) { return n == 0 ? ok(podOf("u1")) : notFound("gone"); };
    Target t = target();
    t.nodeGone = gone;
    const size_t before = requests().size();
    EXPECT_TRUE(run(effect(Kind::DeletePod), t).done());
    const json options = json::parse(requests()[before].body);
    EXPECT_EQ(options.contains("gracePeriodSeconds"), gone);
    EXPECT_EQ(options.value("gracePeriodSeconds", -1), gone ? 0 : -1);
  }
}

TEST_F(DeleteRun, AnotherPodOfThatName) {
  server_ = [](const ApiRequest&, size_t n) { return n == 0 ? conflict() : ok(podOf("u2")); };
  EXPECT_TRUE(run(effect(Kind::DeletePod)).done());
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(DeleteRun, GoneBefore) {
  server_ = [](const ApiRequest&, size_t) { return Answer(notFound("gone")); };
  EXPECT_TRUE(run(effect(Kind::DeletePod)).done());
  Target t = target();
  t.pod = nullptr;
  EXPECT_TRUE(run(effect(Kind::DeletePod), t).done());
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(DeleteRun, EndsInTime) {
  server_ = [](const ApiRequest&, size_t) { return ok(podOf("u1")); };
  ha::Effect e = effect(Kind::DeletePod);
  e.timeoutSeconds = 1;
  const auto r = run(e);
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "pod orders-1 is not gone within 1 s: it is still there");
}

TEST_F(DeleteRun, AbortWhilePausing) {
  Waiter<bool> looked;
  server_ = [&](const ApiRequest&, size_t n) {
    if (n == 1) looked.set(true);
    return ok(podOf("u1"));
  };
  auto [handle, ended] = start(effect(Kind::DeletePod), target());
  looked.get();
  client_.drain();
  handle->cancel();
  EXPECT_EQ(ended->get().message, "aborted");
}

TEST_F(DeleteRun, ForbiddenAndNotLeader) {
  server_ = [](const ApiRequest&, size_t) { return Answer(Error{Error::Kind::Forbidden, "may not", {}, 403}); };
  EXPECT_EQ(run(effect(Kind::DeletePod)).message, "may not");
  gate_->says = [](int) { return false; };
  EXPECT_EQ(run(effect(Kind::DeletePod)).message, "not leader any more");
}

}  // namespace
}  // namespace baton::mechanisms
