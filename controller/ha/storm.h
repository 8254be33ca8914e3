// The brake for all groups: when too many fail together, the cause is rarely in each of them. Pure; one per program.
//
// States: calm → (so many groups failed within the window) raging → (few enough of them are failed still, for long
// enough) calm. What failed longer ago counts for neither: a fault that stays is no storm, and what the brake keeps
// must not keep it.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/time.h"

namespace baton::ha {

struct StormRules {
  double share = 0.5;                // of all groups; 0: no brake
  size_t groups = 10;                // and at least so many
  std::chrono::seconds window{60};   // failed within that time
  std::chrono::seconds calmFor{10};  // below half of the limit for so long: released
};

class Storm {
 public:
  explicit Storm(StormRules rules) : rules_(rules) {}
  /// The primary of that group has, or has no longer, failed.
  void failed(const std::string& group, Steady since);
  void well(const std::string& group);
  void forget(const std::string& group);

  /// With so many groups in all. True when it has begun or ended.
  bool look(size_t total, Steady now);
  bool raging() const { return raging_; }
  /// "12 of 20 groups failed within 60 s, the limit is 10"; for a person.
  std::string detail() const;

 private:
  size_t limit(size_t total) const;
  size_t recent(Steady now);

  struct Failed {
    Steady since{};
    bool still = true;  // one failure counts once, however long it lasts
  };
  StormRules rules_;
  std::map<std::string, Failed> failed_;  // still, or within the window
  bool raging_ = false;
  std::optional<Steady> calmSince_;
  size_t lastCount_ = 0, lastTotal_ = 0;
};

}  // namespace baton::ha
