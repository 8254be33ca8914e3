#include "ha/group_watch.h"

#include <algorithm>

namespace baton::ha {

void GroupWatch::members(const std::vector<std::string>& pods, const std::string& primary) {
  std::erase_if(members_, [&](const auto& m) { return std::find(pods.begin(), pods.end(), m.first) == pods.end(); });
  for (const auto& pod : pods) members_.try_emplace(pod);
  primary_ = primary;
}

/// Has any other member answered since then? Alone in its group, nobody can.
bool GroupWatch::witnessed(const std::string& pod, Steady since) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const auto& m) { return m.first != pod && m.second.answered && *m.second.answered >= since; });
}

GroupWatch::News GroupWatch::good(State& m, const Call& c) {
  const Observation before = m.seen;
  m.failures = m.missed = 0;
  m.trouble = m.refused = std::nullopt;
  Observation& o = m.seen;
  o.answers = true;
  o.silent = o.failed = false;
  o.why.clear();
  o.claims = c.report->primary ? o.claims + 1 : 0;
  if (o.claims == 1) o.claimedSince = c.askedAt;
  o.last = c.report;
  const bool claimed = (before.claims >= 2) != (o.claims >= 2);
  const bool role = !before.last || before.last->primary != o.last->primary;
  const bool position = !before.last || before.last->position.has_value() != o.last->position.has_value();
  return {before.failed || !before.answers || claimed || role || position, false};
}

GroupWatch::News GroupWatch::bad(State& m, const Call& c, const WatchRules& rules, const std::string& why,
                                 bool answered) {
  const Observation before = m.seen;
  Observation& o = m.seen;
  o.answers = answered;
  o.silent = !answered;
  o.why = why;
  o.claims = 0;
  if (answered) o.last = c.report;
  ++m.missed;
  if (!m.trouble) m.trouble = c.asked;
  // In the same time: one period may lie between the two calls, and the other one may have taken its time, too.
  if (!answered && !c.refused && !witnessed(c.pod, c.asked - rules.period - rules.timeout)) {
    m.failures = 0;
    o.failed = false;
    return {before.failed || before.answers, false};
  }
  bool again = false;
  if (c.refused) {
    // The first refusal is only a reason to ask everybody at once: is it this pod, or are they all refused?
    again = !m.refused;
    if (!m.refused) m.refused = c.asked;
  } else {
    m.refused = std::nullopt;
    ++m.failures;
  }
  o.failed = m.failures >= rules.threshold;
  return {before.failed != o.failed || before.silent != o.silent || before.answers != o.answers, again};
}

/// Refused twice, and somebody else has answered since: in whichever order the answers came.
bool GroupWatch::confirmRefused(const WatchRules& rules) {
  bool changed = false;
  for (auto& [pod, m] : members_) {
    if (!m.refused || m.missed < 2 || m.seen.failed || !witnessed(pod, *m.refused)) continue;
    m.failures = std::max(m.failures, rules.threshold);
    m.seen.failed = changed = true;
  }
  return changed;
}

void GroupWatch::look(const WatchRules& rules) {
  blind_ = members_.size() > 1 && std::all_of(members_.begin(), members_.end(), [&](const auto& m) {
             return m.second.seen.silent && m.second.missed >= rules.threshold;
           });
}

GroupWatch::News GroupWatch::ended(const Call& c, const WatchRules& rules) {
  const auto found = members_.find(c.pod);
  if (found == members_.end()) return {};
  State& m = found->second;
  const bool before = blind_;
  News news;
  if (c.report) m.answered = c.ended;
  if (!c.report)
    news = bad(m, c, rules, c.why, false);
  else if (!c.report->healthy)
    news = bad(m, c, rules, "it says that it is not healthy", true);
  else if (c.pod == primary_ && !c.report->primary)
    news = bad(m, c, rules, "it says that it is a standby, though it has the role", true);
  else
    news = good(m, c);
  look(rules);
  news.changed = confirmRefused(rules) || news.changed || before != blind_;
  return news;
}

Observation GroupWatch::of(const std::string& pod) const {
  const auto found = members_.find(pod);
  return found == members_.end() ? Observation{} : found->second.seen;
}

std::optional<Steady> GroupWatch::troubleSince(const std::string& pod) const {
  const auto found = members_.find(pod);
  return found == members_.end() ? std::nullopt : found->second.trouble;
}

}  // namespace baton::ha
