// The detector's judgement on one group: what calls to its members have brought, and what follows. Pure: time is an
// argument, calls are made by reconcile/detector.
//
// An answer that is an error counts like one that says unhealthy: the pod was reached. A call that failed on the way,
// as while a kubelet or a container runtime is down, counts nothing as long as the pod's readiness says that it is
// well, and a quarter else. So does one that took too long, while not every other member answers within half of what is
// allowed: the way may be slow, as when an API server comes back under load, and that must take longer to make a
// failure. Who has been silent for long is not waited for.
//
// A primary that says that it is a standby counts so, too. But when one of its containers has ended since it was last
// well, it is not mistaken: the process that had the role is gone. It has failed then.
//
// A member's states: well → (a call fails while another member answers) counted → (threshold) failed → (a good answer)
// well. A call that is refused is repeated at once, and failed when it is refused again. While nobody answers, the
// group is blind: counts begin anew. docs/failover.md has the table.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ha/effect.h"
#include "ha/snapshot.h"

namespace baton::ha {

struct WatchRules {
  std::chrono::seconds period{1}, timeout{1};
  int threshold = 3;
  bool operator==(const WatchRules&) const = default;
};

/// One call of the probe hook, ended.
struct Call {
  std::string pod;
  Steady asked{}, ended{};
  std::optional<Report> report;     // nothing: it failed
  Contact contact = Contact::None;  // of a failure
  bool ready = false;               // the pod is Ready, as the API server has it
  std::string why;                  // of a failure

  /// It came to the pod, whatever it brought.
  bool heard() const { return report || contact == Contact::Heard; }
};

class GroupWatch {
 public:
  /// Members that are not named are forgotten. `primary`: who has the role, and has had it since before the newest
  /// call, by the grant of that epoch; empty: nobody, or it is just changing hands.
  void members(const std::vector<std::string>& pods, const std::string& primary, int64_t epoch);
  /// Another pod has that name now.
  void forget(const std::string& pod);
  /// How often that member's containers have ended, as the API server has it now. What was known before is judged anew.
  void containers(const std::string& pod, int ends);
  /// A request is under way now, or was a moment ago: what was asked before is no claim of the role, and no denial.
  void changing(Steady now);

  struct News {
    bool changed = false;   // something that decisions look at
    bool askAgain = false;  // every member, at once
  };
  News ended(const Call& c, const WatchRules& rules);

  /// As of the newest calls; empty for a pod that was never called.
  Observation of(const std::string& pod) const;
  /// Nobody answers any more, `threshold` calls long; false as long as it is not known.
  bool blind() const { return blind_; }
  /// Since the first call of the row that made this pod fail; nothing when it is well.
  std::optional<Steady> troubleSince(const std::string& pod) const;

 private:
  struct State {
    Observation seen;
    int failures = 0;                // counted, in a row; kWhole each
    int missed = 0;                  // in a row, counted or not
    int ends = 0;                    // of its containers
    int endsWhenWell = 0;            // at its last good answer, or when it was first seen
    bool disclaims = false;          // it has the role, and its newest answer says that it is a standby, and well
    bool over = false;               // failed, whatever is counted, until it is well
    std::optional<Steady> answered;  // when the newest answer came
    std::optional<Steady> quickly;   // when the newest call was answered, if within half of the time allowed
    std::optional<Steady> trouble;   // when the first call of the row was made
    std::optional<Steady> refused;   // when the first of a row of refusals was made

    /// No failure is counted any more, and what ended so far is no matter.
    void begin();
  };
  bool witnessed(const std::string& pod, Steady since) const;
  bool clear(const std::string& pod, Steady since, const WatchRules& rules) const;
  int weight(const Call& c, Steady since, const WatchRules& rules) const;
  void countClaim(Observation& o, const Call& c) const;
  News good(State& m, const Call& c);
  News bad(State& m, const Call& c, const WatchRules& rules, const std::string& why);
  bool confirmRefused();
  bool confirmEnded();
  void look(const WatchRules& rules);

  std::map<std::string, State> members_;
  std::string primary_;
  int64_t epoch_ = 0;              // of the newest grant that was settled
  std::optional<Steady> changed_;  // when roles were last seen changing
  bool blind_ = false;
};

}  // namespace baton::ha
