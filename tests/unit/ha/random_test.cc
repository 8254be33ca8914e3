// Random walks: groups, requests, failures, foreign hands and crashes from a seed; World's invariants hold at every
// step, and when everything works again, everything comes to rest. A seed that fails prints its trace; BATON_SEED=n
// runs it alone, BATON_WALKS=n more of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>

#include "ha/candidates.h"
#include "unit/ha/trace.h"
#include "unit/ha/world.h"

namespace baton::ha::test {
namespace {

class Walk {
 public:
  explicit Walk(uint64_t seed, bool tell) : random_(seed) {
    if (tell) w_.log = [this](const std::string& line) { trace_ << line << "\n"; };
  }

  std::vector<std::string> run() {
    makeGroup();
    if (oneIn(8)) w_.crashAt = below(12);
    if (oneIn(4)) w_.halfAt = below(4), w_.requestLands = oneIn(2);
    const int steps = 4 + below(12);
    for (int i = 0; i < steps && w_.violations.empty(); ++i) {
      happen();
      w_.run(w_.s.now + std::chrono::milliseconds(oneIn(3) ? below(20) : below(4000)));
    }
    if (w_.violations.empty()) comeToRest();
    if (w_.log) trace_ << stateText(w_.s);
    return w_.violations;
  }
  std::string trace() const { return trace_.str(); }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }
  bool oneIn(int n) { return below(n) == 0; }
  std::string pod() { return std::string(1, static_cast<char>('a' + below(members_))); }
  void tell(const std::string& what) {
    if (w_.log) w_.log(stamp(w_.s.now) + " -- " + what);
  }

  void makeGroup() {
    members_ = 2 + below(3);
    auto hooks = std::make_shared<api::Hooks>();
    for (const auto k : api::kHookKinds)
      if (oneIn(2)) hooks->all[static_cast<size_t>(k)] = api::Hook{};
    w_.spec.hooks = hooks;
    w_.spec.bootstrap = oneIn(4) ? api::Bootstrap::Manual : api::Bootstrap::Automatic;
    w_.spec.failover.fencing.required = oneIn(3);
    if (oneIn(2)) w_.spec.failover.fencing.steps.push_back({api::FenceStep::FenceHook, 5});
    if (!hooks->get(api::HookKind::Fence)) w_.spec.failover.fencing.steps.clear();
    if (oneIn(3)) w_.spec.failover.fencing.steps.push_back({api::FenceStep::DeletePod, 5});
    w_.spec.switchover.catchUpTimeoutSeconds = 1 + below(5);
    w_.s.routed = oneIn(2);
    w_.specChanged();
    for (int i = 0; i < members_; ++i) {
      Member& m = w_.addMember(std::string(1, static_cast<char>('a' + i)));
      m.zone = oneIn(2) ? "z1" : "z2";
      if (oneIn(6)) m.priorityLabel = std::to_string(below(3));
    }
    if (oneIn(2)) w_.spec.failover.mode = oneIn(6) ? api::FailoverMode::Observe : api::FailoverMode::Automatic;
    if (oneIn(3) && w_.spec.hook(api::HookKind::Probe)) w_.spec.detection.source = api::DetectionSource::Probe;
    if (oneIn(4)) w_.spec.failover.failBack = {true, 5};
    w_.spec.failover.minIntervalSeconds = below(3);
    w_.specChanged();
    if (!oneIn(5)) w_.settle();
    tell("members " + std::to_string(members_));
  }

  void addRequest() {
    api::SwitchoverRequest& r = w_.addRequest("r" + std::to_string(++requests_));
    if (oneIn(2)) r.spec.candidate = pod();
    if (oneIn(3)) r.spec.mode = api::Mode::Forced;
    if (oneIn(8)) r.spec.dryRun = true;
    if (oneIn(5)) r.spec.onFailure = api::OnFailure::Hold;
    if (oneIn(8)) r.spec.expectedPrimary = pod();
    if (oneIn(6)) r.spec.scheduledAt = w_.s.now + std::chrono::seconds(below(6));
    r.spec.timeoutSeconds = 1 + below(20);
    r.spec.startDeadlineSeconds = 1 + below(60);
    tell("request " + r.meta.name + (r.spec.mode == api::Mode::Forced ? " Forced " : " ") + r.spec.candidate);
  }

  void spoil() {
    static const std::vector<std::string> effects = {"probe",        "demote",       "promote",    "follow",
                                                     "fence",        "disconnect",   "SetPrimary", "SetStandby",
                                                     "MarkFollowed", "CheckRouting", "DeletePod"};
    Answer a;
    a.kind = static_cast<Answer::Kind>(1 + below(3));
    a.message = "random";
    a.times = oneIn(3) ? -1 : 1 + below(3);
    const std::string effect = effects[static_cast<size_t>(below(static_cast<int>(effects.size())))];
    const std::string where = oneIn(4) ? "*" : pod();
    w_.answers[{effect, where}] = a;
    tell("hook " + effect + " " + where + " " + std::to_string(static_cast<int>(a.kind)));
  }

  void changePod() {
    const std::string name = pod();
    Member* m = w_.find(name);
    const int what = below(9);
    tell("pod " + name + " " + std::to_string(what));
    if (!m || what == 0)
      w_.recreatePod(name);
    else if (what == 1)
      w_.removePod(name);
    else if (what == 2)
      m->ready = !m->ready;
    else if (what == 3)
      w_.foreignLabel(name, Label::Primary, oneIn(2) ? -1 : below(9));
    else if (what == 4)
      w_.foreignLabel(name, oneIn(2) ? Label::None : Label::Standby, -1);
    else if (what == 5)
      m->nodeGone = !m->nodeGone;
    else if (what == 6)
      see(*m);
    else if (what == 7)
      ++m->ends;
    else
      m->cordoned = !m->cordoned;
  }

  void see(Member& m) {
    m.seen = {};
    m.seen.answers = oneIn(2);
    m.seen.silent = !m.seen.answers;
    m.seen.failed = m.seen.silent || oneIn(3);
    if (!m.seen.answers) return;
    m.seen.last = Report{oneIn(4), 50 + below(60), true};
    if (m.seen.last->primary) m.seen.claims = 1 + below(2);
  }

  void changeRequest() {
    if (w_.s.requests.empty()) return addRequest();
    auto& r = w_.s.requests[static_cast<size_t>(below(static_cast<int>(w_.s.requests.size())))];
    if (oneIn(3)) {
      tell("delete " + r.meta.name);
      w_.removeRequest(std::string(r.meta.name));
    } else {
      tell("cancel " + r.meta.name);
      r.spec.cancel = true;
    }
  }

  void happen() {
    const int what = below(16);
    if (what < 6) addRequest();
    if (what >= 6 && what < 9) spoil();
    if (what >= 9 && what < 12) changePod();
    if (what == 12) changeRequest();
    if (what == 13 && oneIn(2)) w_.s.fleet = {oneIn(3), oneIn(3), oneIn(3), "random"};
    if (what == 13) w_.crash();
    if (what == 14) w_.spec.paused = !w_.spec.paused, w_.specChanged(), tell("paused changes");
    if (what == 15 && oneIn(3)) {
      w_.turnClock(std::chrono::seconds(below(7200) - 3600));
      tell("the clock is turned");
    }
  }

  void fail(const std::string& what) { w_.violations.push_back(what); }

  void well(Member& m) {
    m.ready = true;
    m.nodeGone = false;
    m.readySince = w_.s.now;
    m.seen = {};
    m.seen.answers = true;
    m.seen.last = Report{false, 1000, true};
  }

  /// Nothing fails any more: every request ends, and labels agree with the grant.
  void comeToRest() {
    tell("everything works again");
    w_.answers.clear();
    w_.crash();
    w_.s.fleet = {};
    for (auto& m : w_.s.members) well(m);
    w_.run(w_.s.now + std::chrono::seconds(8000));
    for (const auto& r : w_.s.requests)
      if (!api::finished(r.status.phase)) fail(r.meta.name + " does not end");
    const auto& g = w_.s.group.status;
    if (!g.activeRequest.empty()) fail("a request is still shown as active");
    int labelled = 0;
    for (const auto& m : w_.s.members) labelled += m.label == Label::Primary ? 1 : 0;
    const api::Condition* held = findCondition(g.conditions, "Held");
    if (held && held->status == "True") return;  // labels are as a person left them
    const Member* holder = w_.s.member(g.primary);
    if (holder && g.primaryUid != holder->uid) holder = nullptr;
    const bool eligible = std::any_of(w_.s.members.begin(), w_.s.members.end(), [&](const Member& m) {
      const bool fit = ha::priority(m) > 0 && !m.cordoned && !m.finished;
      const bool renewed = m.name == g.primary || m.name == g.formerPrimary;
      return fit && (m.labelEpoch >= 0 || renewed || !w_.spec.hook(api::HookKind::Follow));
    });
    const api::Condition* blocked = findCondition(g.conditions, "FailoverBlocked");
    const bool unproven = blocked && blocked->status == "True" && blocked->reason.get() == "FencingFailed";
    if (!holder && eligible && !unproven && g.epoch > 0 && !w_.spec.paused &&
        w_.spec.failover.mode == api::FailoverMode::Automatic)
      fail("nobody has the role, and nobody is given it");
    if (holder && (holder->label != Label::Primary || holder->labelEpoch != g.epoch)) fail("the holder has no label");
    for (const auto& m : w_.s.members)
      if (holder && &m != holder && !w_.spec.paused && w_.spec.hook(api::HookKind::Follow) && !m.knows(g.epoch))
        fail(m.name + " has not been told whom to follow");
    if (holder && labelled != 1) fail("other labels than the holder's");
    if (holder && g.phase != api::GroupPhase::Healthy && g.phase != api::GroupPhase::Degraded && !w_.spec.paused)
      fail("the group's phase");
  }

  std::mt19937_64 random_;
  World w_;
  std::ostringstream trace_;
  int members_ = 0, requests_ = 0;
};

int environment(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value ? std::atoi(value) : otherwise;
}

constexpr int kShards = 4;  // so that ctest runs them at the same time

class Random : public testing::TestWithParam<int> {};

TEST_P(Random, InvariantsHold) {
  const int one = environment("BATON_SEED", -1), walks = environment("BATON_WALKS", 20000) / kShards;
  if (one >= 0 && std::min(one / walks, kShards - 1) != GetParam()) GTEST_SKIP();
  const int first = one >= 0 ? one : GetParam() * walks, last = one >= 0 ? one + 1 : first + walks;
  int failed = 0;
  for (int seed = first; seed < last && failed < 3; ++seed) {
    const auto found = Walk(static_cast<uint64_t>(seed), false).run();
    if (found.empty() && one < 0) continue;
    Walk again(static_cast<uint64_t>(seed), true);
    again.run();
    std::string what;
    for (const auto& v : found) what += v + "\n";
    if (one >= 0) std::puts(again.trace().c_str());
    if (found.empty()) continue;
    ++failed;
    ADD_FAILURE() << "seed " << seed << ": " << what << (one >= 0 ? "" : again.trace());
  }
}

INSTANTIATE_TEST_SUITE_P(Walks, Random, testing::Range(0, kShards));

}  // namespace
}  // namespace baton::ha::test
