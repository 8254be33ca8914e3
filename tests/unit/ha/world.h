// Plays the shell around ha::decide() with values alone: stores what is to be stored, lets effects happen as a script
// says, moves a clock of its own. What must never happen is checked at every step and kept in `violations`.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "ha/decision.h"
#include "ha/snapshot.h"

namespace baton::ha::test {

/// How one kind of effect ends on one pod.
struct Answer {
  // Hang: no answer; hooks are given up after their time. Gone: the pod is gone while it is called.
  enum class Kind { Ok, Fail, Hang, Gone };
  Kind kind = Kind::Ok;
  std::string message;
  int times = -1;  // so often, then Ok; -1: always
  std::chrono::milliseconds took{10};
};

/// What a pod is, whatever its label says.
struct Inside {
  bool primary = false, healthy = true, tellsPosition = true;
  std::vector<int64_t> positions = {100};  // one after another at each probe; the last one stays
};

/// "demote", "SetPrimary", ...
std::string effectName(const EffectId& id);
/// "demote a", "SetPrimary b".
std::string effectText(const EffectId& id);

class World {
 public:
  World();

  Snapshot s;  // all that is stored, and the clock
  api::HaGroupSpec spec;
  std::map<std::pair<std::string, std::string>, Answer> answers;  // by effect name and pod; pod "*": any
  std::map<std::string, Inside> inside;
  std::function<void(const std::string&)> log;  // one line of the trace; may be empty
  std::vector<std::string> violations;
  struct Writes {
    int requests = 0, groups = 0, pods = 0;
  } writes;

  // Faults, numbered from 0; -1: none.
  int crashAt = -1;  // after this store or effect, progress is lost
  int halfAt = -1;   // of this store of request and group only one part lands, and progress is lost
  bool requestLands = true;
  int events = 0, joint = 0;

  /// Spec as changed is what the next decision sees.
  void specChanged();
  Member& addMember(const std::string& name);
  Member* find(const std::string& name);
  /// A member, or the one outside.
  Member* pod(const std::string& name);
  void removePod(const std::string& name);
  /// The selector does not match it any more, and it lives on.
  void leave(const std::string& name);
  /// Another pod of the same name, without labels.
  void recreatePod(const std::string& name);
  api::SwitchoverRequest& addRequest(const std::string& name);
  api::SwitchoverRequest* request(const std::string& name);
  void removeRequest(const std::string& name);
  /// Somebody else writes a pod's role label.
  void foreignLabel(const std::string& pod, Label label, int64_t epoch);
  /// The wall clock is set; what is under way does not take longer for that.
  void turnClock(std::chrono::microseconds by);
  /// The process dies and another one goes on from what is stored.
  void crash();

  /// Works and lets time pass up to `until`, or until `stop` says so. False when stopped.
  bool run(Time until, const std::function<bool()>& stop = {});
  /// Works until nothing is under way but what hangs, and nothing is planned within the next second.
  bool settle(const std::function<bool()>& stop = {});
  bool started(const std::string& effect) const { return startedNow_.count(effect) != 0; }
  /// Every effect that was started since then forgets that it was.
  void forgetStarted() { startedNow_.clear(); }

 private:
  struct Running {
    Effect effect;
    Answer answer;
    Time end{};
  };
  enum class Did { Work, Nothing };

  Did step(std::optional<Time>& next);
  void make(const NewRequest& n);
  void store(const Decision& d);
  void storeRequest(const RequestWrite& w, const std::optional<api::HaGroupStatus>& with);
  void storeGroup(const api::HaGroupStatus& g);
  void begin(const Effect& e);
  void finish(EffectId id);
  void land(const Effect& e, EffectResult& r);
  void landHook(const Effect& e, Member& m, EffectResult& r);
  void setLabel(const Effect& e, Member& m, Label label);
  Answer answerFor(const EffectId& id);
  const api::SwitchoverRequest* active() const;
  void followProgress();
  void tick();
  void checkHook(const Effect& e);
  void checkEnd(const RequestWrite& w, const api::HaGroupStatus& g);
  void violation(const std::string& what);
  void say(const std::function<std::string()>& line);

  std::map<EffectId, Running> running_;
  std::map<std::string, int> startedNow_;
  std::map<std::string, Time> foreign_;  // pods that somebody else has labelled primary, and when
  std::map<std::string, int> born_;
  std::map<int64_t, std::string> grants_;  // epoch, and the uid of the one pod that has it
  int64_t lastHookEpoch_ = 0;
};

}  // namespace baton::ha::test
