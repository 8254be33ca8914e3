#include "ha/group_watch.h"

#include <algorithm>

namespace baton::ha {
namespace {

/// What a failure of the pod's own counts; one on the way to it, or one while the way is slow, counts 1.
constexpr int kWhole = 4;

}  // namespace

void GroupWatch::members(const std::vector<std::string>& pods, const std::string& primary, int64_t epoch) {
  std::erase_if(members_, [&](const auto& m) { return std::find(pods.begin(), pods.end(), m.first) == pods.end(); });
  for (const auto& pod : pods) members_.try_emplace(pod);
  primary_ = primary;
  if (primary.empty() || epoch == epoch_) return;
  epoch_ = epoch;
  // What it did as a standby says nothing of the primary that it is now.
  if (const auto p = members_.find(primary); p != members_.end()) p->second.begin();
}

void GroupWatch::State::begin() {
  endsWhenWell = ends;
  failures = missed = 0;
  refused = trouble = std::nullopt;
  over = disclaims = seen.failed = false;
}

void GroupWatch::forget(const std::string& pod) { members_.erase(pod); }

void GroupWatch::containers(const std::string& pod, int ends) {
  const auto found = members_.find(pod);
  if (found == members_.end()) return;
  State& m = found->second;
  if (!m.answered) m.endsWhenWell = ends;
  m.ends = ends;
  confirmEnded();
}

void GroupWatch::changing(Steady now) {
  changed_ = now;
  for (auto& [pod, m] : members_) m.seen.claims = 0;
}

void GroupWatch::countClaim(Observation& o, const Call& c) const {
  const bool counts = c.report && c.report->primary && (!changed_ || c.asked > *changed_);
  o.claims = counts ? o.claims + 1 : 0;
}

/// Has any other member answered since then? Alone in its group, nobody can.
bool GroupWatch::witnessed(const std::string& pod, Steady since) const {
  return std::any_of(members_.begin(), members_.end(),
                     [&](const auto& m) { return m.first != pod && m.second.answered && *m.second.answered >= since; });
}

/// Do all others answer quickly? Those that have been silent for long say nothing about that.
bool GroupWatch::clear(const std::string& pod, Steady since, const WatchRules& rules) const {
  return std::all_of(members_.begin(), members_.end(), [&](const auto& m) {
    const State& other = m.second;
    return m.first == pod || !other.answered || other.missed >= rules.threshold ||
           (other.quickly && *other.quickly >= since);
  });
}

/// What one more call that failed adds to the count.
int GroupWatch::weight(const Call& c, Steady since, const WatchRules& rules) const {
  if (c.contact == Contact::Way) return c.ready ? 0 : 1;
  return !c.heard() && !clear(c.pod, since, rules) ? 1 : kWhole;
}

GroupWatch::News GroupWatch::good(State& m, const Call& c) {
  const Observation before = m.seen;
  m.begin();
  Observation& o = m.seen;
  o.answers = true;
  o.silent = false;
  o.why.clear();
  countClaim(o, c);
  o.last = c.report;
  const bool claimed = (before.claims >= 2) != (o.claims >= 2);
  const bool role = !before.last || before.last->primary != o.last->primary;
  const bool position = !before.last || before.last->position.has_value() != o.last->position.has_value();
  const bool healthy = !before.last || before.last->healthy != o.last->healthy;
  return {before.failed || !before.answers || claimed || role || position || healthy, false};
}

GroupWatch::News GroupWatch::bad(State& m, const Call& c, const WatchRules& rules, const std::string& why) {
  const Observation before = m.seen;
  const bool answered = c.heard(), refused = c.contact == Contact::Refused;
  Observation& o = m.seen;
  o.answers = answered;
  o.silent = !answered;
  o.why = why;
  // Unhealthy, but primary all the same: a claim as good as any.
  if (c.report) o.last = c.report;
  countClaim(o, c);
  ++m.missed;
  if (!m.trouble) m.trouble = c.asked;
  // In the same time: one period may lie between the two calls, and the other one may have taken its time, too.
  const Steady since = c.asked - rules.period - rules.timeout;
  if (!answered && !refused && !witnessed(c.pod, since)) {
    m.failures = 0;
    m.over = o.failed = false;
    return {before.failed || before.answers, false};
  }
  // The first refusal is only a reason to ask everybody at once: is it this pod, or are they all refused?
  const bool again = refused && !m.refused;
  if (again) m.refused = c.asked;
  if (!refused) {
    m.refused = std::nullopt;
    m.failures += weight(c, since, rules);
  }
  o.failed = m.over || m.failures >= rules.threshold * kWhole;
  const bool claimed = (before.claims >= 2) != (o.claims >= 2);
  return {before.failed != o.failed || before.silent != o.silent || before.answers != o.answers || claimed, again};
}

/// Refused twice, and somebody else has answered since: in whichever order the answers came.
bool GroupWatch::confirmRefused() {
  bool changed = false;
  for (auto& [pod, m] : members_) {
    if (!m.refused || m.missed < 2 || m.seen.failed || !witnessed(pod, *m.refused)) continue;
    m.over = m.seen.failed = changed = true;
  }
  return changed;
}

/// The process that had the role has ended, and the one in its place does not have it.
bool GroupWatch::confirmEnded() {
  const auto found = members_.find(primary_);
  if (found == members_.end()) return false;
  State& m = found->second;
  if (!m.disclaims || m.ends <= m.endsWhenWell || m.over) return false;
  m.seen.why = "its container has ended, and it says that it is a standby since";
  return m.over = m.seen.failed = true;
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
  const bool heard = c.heard();
  if (heard) m.answered = c.ended;
  m.quickly = heard && 2 * (c.ended - c.asked) <= rules.timeout ? std::optional(c.ended) : std::nullopt;
  m.disclaims =
      c.pod == primary_ && c.report && c.report->healthy && !c.report->primary && (!changed_ || c.asked > *changed_);
  if (!c.report)
    news = bad(m, c, rules, c.why);
  else if (!c.report->healthy)
    news = bad(m, c, rules, "it says that it is not healthy");
  else if (m.disclaims)
    news = bad(m, c, rules, "it says that it is a standby, though it has the role");
  else
    news = good(m, c);
  look(rules);
  const bool confirmed = confirmRefused() || confirmEnded();
  news.changed = confirmed || news.changed || before != blind_;
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
