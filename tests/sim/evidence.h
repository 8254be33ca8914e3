// What one controller has learned from the pods in one term of leading, judged by the words of docs/failover.md alone:
// may it say that a member's probe has failed? The detector is held to this.
#pragma once

#include <map>
#include <string>

#include "sim/scheduler.h"

namespace baton::sim {

/// How a call of the probe hook ended, as the process that made it sees it.
enum class Heard {
  Primary,  // healthy, and says that it is primary
  Standby,  // healthy, and says that it is a standby
  Bad,      // an error, or says that it is not healthy
  Nothing,
  Refused,
};

/// A call that ended now.
struct EndedCall {
  std::string ip;
  Micros asked = 0;
  Heard heard = Heard::Nothing;
};

class Evidence {
 public:
  struct Rules {
    Micros period = kSecond, timeout = kSecond;
    int threshold = 3;
  };
  explicit Evidence(Rules rules) : rules_(rules) {}

  /// Another term of leading: what was known says nothing any more.
  void begin() { pods_.clear(); }
  void ended(const EndedCall& c, Micros now);
  /// Was there enough, then or later, to say that this pod's probe fails?
  bool failedSince(const std::string& ip, Micros then) const;

 private:
  struct Pod {
    int counted = 0;         // calls that failed while another pod answered, in a row
    int missed = 0;          // all that failed, in a row
    Micros answered = -1;    // when the newest answer came
    Micros refused = -1;     // when the first refused call of the row was made
    Micros sufficient = -1;  // when there was enough last
  };
  bool witnessed(const std::string& ip, Micros since) const;

  const Rules rules_;
  std::map<std::string, Pod> pods_;
};

}  // namespace baton::sim
