// SetPrimary, SetStandby and MarkFollowed against a scripted API server.
#include <future>
#include <nlohmann/json.hpp>

#include "kube/request.h"
#include "unit/mechanisms/fixture.h"

namespace baton::mechanisms {
namespace {

using nlohmann::json;

std::string metadata(const std::string& role, const std::string& epoch, int version, const std::string& uid = "u1") {
  json m = {{"name", "orders-1"},
            {"namespace", "shop"},
            {"uid", uid},
            {"resourceVersion", std::to_string(version)},
            {"labels", {{"ha.baton.dev/role", role}}},
            {"annotations", {{"ha.baton.dev/group", "orders"}}}};
  if (!epoch.empty()) m["annotations"]["ha.baton.dev/epoch"] = epoch;
  return json{{"metadata", m}}.dump();
}

class LabelRun : public MechanismsTest {};

TEST_F(LabelRun, OneWriteWithPreconditions) {
  server_ = [](const ApiRequest&, size_t) { return ok(metadata("primary", "5", 8)); };
  const ha::EffectResult r = run(effect(Kind::SetPrimary));
  EXPECT_TRUE(r.done()) << r.message;
  EXPECT_EQ(r.attempts, 1);
  EXPECT_NE(r.start, Time{});
  EXPECT_GE(r.end, r.start);
  ASSERT_EQ(requests().size(), 1u);
  const ApiRequest q = requests()[0];
  EXPECT_EQ(q.method, http::Method::Patch);
  EXPECT_EQ(q.lane, kube::Lane::RoleChange);
  EXPECT_EQ(q.accept, kube::kMetadataOnly);
  EXPECT_FALSE(q.as.has_value());
  EXPECT_THAT(q.target, testing::StartsWith("/api/v1/namespaces/shop/pods/orders-1?"));
  EXPECT_EQ(json::parse(q.body)["metadata"]["resourceVersion"], "7");
  EXPECT_EQ(json::parse(q.body)["metadata"]["uid"], "u1");
  ASSERT_EQ(learned().size(), 1u);
  EXPECT_EQ(learned()[0]->meta.resourceVersion, 8u);
  EXPECT_EQ(*learned()[0]->label("ha.baton.dev/role"), "primary");
  EXPECT_EQ(learned()[0]->ip, "127.0.0.1");  // what the answer does not hold stays
}

TEST_F(LabelRun, ConflictIsReadAndWrittenAgain) {
  server_ = [](const ApiRequest& q, size_t n) -> Answer {
    if (n == 0) return conflict();
    if (q.method == http::Method::Get) return ok(metadata("standby", "4", 9));
    return ok(metadata("primary", "5", 10));
  };
  EXPECT_TRUE(run(effect(Kind::SetPrimary)).done());
  ASSERT_EQ(requests().size(), 3u);
  EXPECT_EQ(json::parse(requests()[2].body)["metadata"]["resourceVersion"], "9");
  ASSERT_EQ(learned().size(), 2u);
  EXPECT_EQ(learned()[0]->meta.resourceVersion, 9u);
}

TEST_F(LabelRun, RightAlreadyIsNotWrittenAgain) {
  server_ = [](const ApiRequest&, size_t n) { return n == 0 ? conflict() : ok(metadata("primary", "5", 9)); };
  EXPECT_TRUE(run(effect(Kind::SetPrimary)).done());
  EXPECT_EQ(requests().size(), 2u);
  EXPECT_EQ(learned().size(), 1u);
}

TEST_F(LabelRun, NewerEpochEndsIt) {
  server_ = [](const ApiRequest&, size_t n) { return n == 0 ? conflict() : ok(metadata("standby", "6", 9)); };
  const auto r = run(effect(Kind::SetPrimary));
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "superseded by epoch 6");
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(LabelRun, AnotherPodOfThatName) {
  server_ = [](const ApiRequest&, size_t n) { return n == 0 ? conflict() : ok(metadata("", "", 9, "u2")); };
  const auto r = run(effect(Kind::SetStandby));
  EXPECT_TRUE(r.failed());
  EXPECT_TRUE(r.podGone);
  EXPECT_EQ(learned().size(), 0u);
}

TEST_F(LabelRun, PodIsGone) {
  server_ = [](const ApiRequest&, size_t) { return Answer(notFound("pods \"orders-1\" not found")); };
  EXPECT_TRUE(run(effect(Kind::SetStandby)).podGone);
  Target t = target();
  t.pod = nullptr;
  EXPECT_TRUE(run(effect(Kind::SetStandby), t).podGone);
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LabelRun, OnlyTheLeaderWrites) {
  gate_->says = [](int) { return false; };
  const auto r = run(effect(Kind::SetPrimary));
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "not leader any more");
  EXPECT_EQ(requests().size(), 0u);
}

TEST_F(LabelRun, LeadershipIsAskedBeforeEachWrite) {
  gate_->says = [](int asked) { return asked == 0; };
  server_ = [](const ApiRequest&, size_t n) { return n == 0 ? conflict() : ok(metadata("standby", "4", 9)); };
  EXPECT_EQ(run(effect(Kind::SetPrimary)).message, "not leader any more");
  EXPECT_EQ(requests().size(), 2u);
}

TEST_F(LabelRun, EightWritesAtMost) {
  server_ = [](const ApiRequest& q, size_t n) {
    return q.method == http::Method::Get ? ok(metadata("standby", "4", 10 + static_cast<int>(n))) : conflict();
  };
  const auto r = run(effect(Kind::SetPrimary));
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.attempts, 8);
  EXPECT_EQ(requests().size(), 15u);
}

TEST_F(LabelRun, LostAnswerIsFollowedUp) {
  server_ = [](const ApiRequest&, size_t n) -> Answer {
    if (n == 0) return unavailable("connection lost");  // the write took effect
    return n == 1 ? conflict() : ok(metadata("primary", "5", 8));
  };
  EXPECT_TRUE(run(effect(Kind::SetPrimary)).done());
  EXPECT_EQ(requests().size(), 3u);
}

TEST_F(LabelRun, ForbiddenIsNotTriedAgain) {
  server_ = [](const ApiRequest&, size_t) { return Answer(Error{Error::Kind::Forbidden, "may not", {}, 403}); };
  EXPECT_EQ(run(effect(Kind::SetPrimary)).message, "may not");
  EXPECT_EQ(requests().size(), 1u);
}

TEST_F(LabelRun, AbortDoesNotWaitForTheAnswer) {
  std::promise<void> arrived, answer;
  server_ = [&](const ApiRequest&, size_t) {
    arrived.set_value();
    answer.get_future().wait();
    return ok(metadata("primary", "5", 8));
  };
  auto [handle, ended] = start(effect(Kind::SetPrimary), target());
  arrived.get_future().wait();
  handle->cancel();
  handle->cancel();
  const auto r = ended->get();
  EXPECT_TRUE(r.failed());
  EXPECT_EQ(r.message, "aborted");
  answer.set_value();
  client_.drain();
  EXPECT_EQ(learned().size(), 0u);
}

TEST_F(LabelRun, AbortWaitsForTheStepThatIsRunning) {
  server_ = [](const ApiRequest&, size_t) { return ok(metadata("primary", "5", 8)); };
  std::atomic<bool> inside{false}, left{false};
  std::promise<void> entered, go;
  Target t = target();
  t.learned = [&](std::shared_ptr<const api::Pod>) {
    inside = true;
    entered.set_value();
    go.get_future().wait();
    inside = false;
    left = true;
  };
  Waiter<bool> ended;
  auto handle = mechanisms().run(effect(Kind::SetPrimary), t, [&](ha::EffectResult) { ended.set(left && !inside); });
  entered.get_future().wait();
  handle->cancel();
  go.set_value();
  EXPECT_TRUE(ended.get());
}

TEST_F(LabelRun, DestructionAbortsAll) {
  std::promise<void> answer;
  std::shared_future<void> answered = answer.get_future();
  server_ = [&](const ApiRequest&, size_t) {
    answered.wait();
    return ok(metadata("primary", "5", 8));
  };
  std::vector<Ended> all;
  for (int i = 0; i < 5; ++i) all.push_back(start(effect(Kind::SetPrimary), target()).second);
  mechanisms_ = nullptr;
  for (const Ended& e : all) EXPECT_EQ(e->get().message, "aborted");
  answer.set_value();
  client_.drain();
  EXPECT_EQ(learned().size(), 0u);
}

}  // namespace
}  // namespace baton::mechanisms
