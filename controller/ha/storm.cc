#include "ha/storm.h"

#include <algorithm>
#include <cmath>

namespace baton::ha {

void Storm::failed(const std::string& group, Steady since) {
  const auto [found, added] = failed_.try_emplace(group, Failed{since, true});
  if (!added && !found->second.still) found->second = {since, true};
}

void Storm::well(const std::string& group) {
  const auto found = failed_.find(group);
  if (found != failed_.end()) found->second.still = false;
}

void Storm::forget(const std::string& group) { failed_.erase(group); }

size_t Storm::limit(size_t total) const {
  const auto share = static_cast<size_t>(std::ceil(rules_.share * static_cast<double>(total)));
  return std::max(share, rules_.groups);
}

size_t Storm::recent(Steady now) {
  const auto old = [&](const Failed& f) { return f.since + rules_.window <= now; };
  std::erase_if(failed_, [&](const auto& f) { return !f.second.still && old(f.second); });
  // To begin, all of them count; to end, only those that have not come back.
  return static_cast<size_t>(std::count_if(
      failed_.begin(), failed_.end(), [&](const auto& f) { return !old(f.second) && (f.second.still || !raging_); }));
}

bool Storm::look(size_t total, Steady now) {
  if (rules_.share <= 0) return false;
  lastTotal_ = total;
  lastCount_ = recent(now);
  const size_t most = limit(total);
  const bool before = raging_;
  if (!raging_) {
    raging_ = lastCount_ >= most;
    calmSince_ = std::nullopt;
    return raging_ != before;
  }
  if (lastCount_ * 2 >= most)
    calmSince_ = std::nullopt;
  else if (!calmSince_)
    calmSince_ = now;
  raging_ = !(calmSince_ && now - *calmSince_ >= rules_.calmFor);
  // The next one is counted from here: those that came back would begin it at once.
  if (!raging_) std::erase_if(failed_, [](const auto& f) { return !f.second.still; });
  return raging_ != before;
}

std::string Storm::detail() const {
  return std::to_string(lastCount_) + " of " + std::to_string(lastTotal_) + " groups have failed within " +
         std::to_string(rules_.window.count()) + " s, and " + std::to_string(limit(lastTotal_)) +
         " are taken for a fault that no failover mends (storm-share, storm-groups)";
}

}  // namespace baton::ha
