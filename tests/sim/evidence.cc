#include "sim/evidence.h"

#include <algorithm>

namespace baton::sim {
namespace {

/// The clocks of a machine are not those of the run, and what a process sees it sees a moment later.
constexpr Micros kSlack = 100 * kMillisecond;

}  // namespace

bool Evidence::witnessed(const std::string& ip, Micros since) const {
  return std::any_of(pods_.begin(), pods_.end(),
                     [&](const auto& p) { return p.first != ip && p.second.answered >= since - kSlack; });
}

void Evidence::ended(const EndedCall& c, Micros now) {
  Pod& p = pods_[c.ip];
  if (c.heard != Heard::Nothing && c.heard != Heard::Refused) p.answered = now;
  if (c.heard == Heard::Primary) {
    p.counted = p.missed = 0;
    p.refused = -1;
  } else {  // a standby's answer, too: whether it has the role is not known here
    ++p.missed;
    if (c.heard == Heard::Refused && p.refused < 0) p.refused = c.asked;
    const bool silent = c.heard == Heard::Nothing;
    p.counted = silent && !witnessed(c.ip, c.asked - rules_.period - rules_.timeout) ? 0 : p.counted + 1;
    if (p.counted >= rules_.threshold) p.sufficient = now;
  }
  for (auto& [ip, pod] : pods_)
    if (pod.refused >= 0 && pod.missed >= 2 && witnessed(ip, pod.refused)) pod.sufficient = now;
}

bool Evidence::failedSince(const std::string& ip, Micros then) const {
  const auto found = pods_.find(ip);
  return found != pods_.end() && found->second.sufficient >= 0 && found->second.sufficient >= then;
}

}  // namespace baton::sim
