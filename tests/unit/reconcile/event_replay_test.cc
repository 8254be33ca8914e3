// Ends whose Event was lost with a process are told by the next leader, and only those.
#include "reconcile/event_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mutex>

#include "reconcile/announcer.h"
#include "unit/kube/watch_fake_client.h"
#include "unit/reconcile/objects.h"
#include "unit/reconcile/outside.h"

namespace baton::reconcile {
namespace {

using namespace std::chrono_literals;
using api::Phase;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class EventReplay : public testing::Test {
 protected:
  /// The names of the requests whose end is told now.
  std::vector<std::string> replayed(std::vector<api::SwitchoverRequest> all, const std::string& ns = "shop") {
    replayEndings(client_, events_, ns, std::move(all), now_);
    // Each page is asked for by the answer to the one before.
    for (size_t i = 0; i <= pages_.size(); ++i) client_.drain();
    last_ = events_.take();
    std::vector<std::string> names;
    for (const auto& o : last_) names.push_back(o.regarding.name);
    return names;
  }
  static Json event(const std::string& request, const std::string& reason) {
    return {{"involvedObject", {{"kind", "SwitchoverRequest"}, {"uid", "uid-" + request}}}, {"reason", reason}};
  }
  static std::string page(const std::vector<Json>& items, const std::string& next = "") {
    Json list = {{"metadata", {{"continue", next}}}, {"items", Json::array()}};
    for (const auto& i : items) list["items"].push_back(i);
    return list.dump();
  }
  Result<http::Response> answer(const kube::ApiRequest& r) {
    EXPECT_EQ(r.method, http::Method::Get);
    EXPECT_EQ(r.lane, kube::Lane::Event);
    targets_.push_back(r.target);
    if (targets_.size() > pages_.size()) return Error{Error::Kind::Unavailable, "HTTP status 503", {}, 503};
    return kube::jsonAnswer(pages_[targets_.size() - 1]);
  }

  const Time now_ = begin() + 1h;
  std::vector<std::string> pages_ = {page({})};  // of all that are asked for, in their order; then 503
  std::vector<std::string> targets_;
  std::vector<kube::Occurrence> last_;
  FakeEvents events_;
  kube::FakeClient client_{[this](const kube::ApiRequest& r) { return answer(r); }};
};

TEST_F(EventReplay, TellsWhatIsMissing) {
  pages_ = {page({event("known", "Succeeded")})};
  EXPECT_THAT(replayed({ended("known", Phase::Succeeded, now_ - 1min), ended("missing", Phase::Succeeded, now_)}),
              ElementsAre("missing"));
  EXPECT_TRUE(last_[0].urgent);
  EXPECT_EQ(last_[0].dedupeKey, Announcer::ending(ended("missing", Phase::Succeeded, now_)).dedupeKey);
}

TEST_F(EventReplay, AnEventOfAnotherPhaseIsNotTheEnds) {
  pages_ = {page({event("move-1", "Demoting"), event("move-1", "Promoting"), event("move-2", "HookFailed")})};
  auto failed = ended("move-1", Phase::RolledBack, now_);
  failed.status.reason = api::Reason::HookFailed;
  EXPECT_THAT(replayed({failed}), ElementsAre("move-1"));
  EXPECT_EQ(last_[0].reason, "HookFailed");
  EXPECT_EQ(last_[0].severity, kube::Severity::Warning);
}

TEST_F(EventReplay, ARequestMadeAnewHasItsOwnEvents) {
  pages_ = {page({event("move-1", "Succeeded")})};
  auto again = ended("move-1", Phase::Succeeded, now_);
  again.meta.uid = "another";
  EXPECT_THAT(replayed({again}), ElementsAre("move-1"));
}

TEST_F(EventReplay, OnlyRecentEndsAreLookedFor) {
  auto running = request("running");
  running.status.phase = Phase::Demoting;
  auto byHand = request("by-hand");
  byHand.status.phase = Phase::Succeeded;
  EXPECT_THAT(replayed({running, byHand, ended("old", Phase::Succeeded, now_ - kReplayWindow - 1s),
                        ended("recent", Phase::Succeeded, now_ - kReplayWindow)}),
              ElementsAre("recent"));
}

TEST_F(EventReplay, NothingEndedNothingIsListed) {
  EXPECT_THAT(replayed({request("waiting"), ended("old", Phase::Failed, now_ - 2h)}), IsEmpty());
  EXPECT_THAT(replayed({}), IsEmpty());
  EXPECT_THAT(targets_, IsEmpty());
}

TEST_F(EventReplay, AllPagesAreRead) {
  pages_ = {page({event("first", "Succeeded")}, "more"), page({event("second", "Succeeded")}, "and more"),
            page({event("third", "Succeeded")})};
  EXPECT_THAT(replayed({ended("first", Phase::Succeeded, now_), ended("second", Phase::Succeeded, now_),
                        ended("third", Phase::Succeeded, now_), ended("fourth", Phase::Succeeded, now_)}),
              ElementsAre("fourth"));
  ASSERT_EQ(targets_.size(), 3U);
  EXPECT_THAT(targets_[0], testing::Not(HasSubstr("continue=")));
  EXPECT_THAT(targets_[1], HasSubstr("continue=more"));
  EXPECT_THAT(targets_[2], HasSubstr("continue=and%20more"));
}

TEST_F(EventReplay, AListThatFailsTellsNothing) {
  pages_ = {};
  EXPECT_THAT(replayed({ended("move-1", Phase::Succeeded, now_)}), IsEmpty());
  pages_ = {page({}, "more")};
  targets_.clear();
  EXPECT_THAT(replayed({ended("move-1", Phase::Succeeded, now_)}), IsEmpty()) << "half a list says nothing";
  EXPECT_EQ(targets_.size(), 2U);
}

TEST_F(EventReplay, TheListIsOfTheScope) {
  replayed({ended("move-1", Phase::Succeeded, now_)}, "shop");
  EXPECT_THAT(targets_.back(), StartsWith("/api/v1/namespaces/shop/events?"));
  targets_.clear();
  replayed({ended("move-1", Phase::Succeeded, now_)}, "");
  EXPECT_THAT(targets_.back(), StartsWith("/api/v1/events?"));
}

}  // namespace
}  // namespace baton::reconcile
