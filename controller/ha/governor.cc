#include "ha/governor.h"

#include <algorithm>

#include "ha/guards.h"

namespace baton::ha {
namespace {

using api::FailoverMode;
using Do = Verdict::Do;

constexpr std::chrono::seconds kFirstRetry{5}, kLongestRetry{120};
constexpr std::chrono::hours kHour{1};
constexpr std::chrono::seconds kLookAgain{2};

bool isFailover(const api::RoleChange& c) { return c.trigger == api::kFailoverTrigger; }

Verdict block(std::string reason, std::string message, std::optional<Time> until = std::nullopt) {
  return {Do::Block, std::move(reason), std::move(message), until, ""};
}

/// What a person has said, or what the whole fleet looks like.
Verdict standing(const Snapshot& s) {
  if (isTrue(s.group.status, "Held")) return block("Held", "a role change failed and left the group for a person");
  if (s.spec().paused) return block("Paused", "spec.paused is true");
  if (s.spec().failover.mode == FailoverMode::Manual) return block("Manual", "failover.mode is Manual");
  // Who asks the pods nothing is not misled by not reaching them.
  if (s.fleet.isolated && s.spec().probed()) return block("Isolated", s.fleet.detail);
  if (s.fleet.storm) return block("Storm", s.fleet.detail);
  return {};
}

Verdict tooOften(const Snapshot& s) {
  const auto& rules = s.spec().failover;
  std::vector<Time> recent;  // newest first
  for (const auto& c : s.group.status.history)
    if (isFailover(c) && c.completion && *c.completion <= s.now && *c.completion + kHour > s.now)
      recent.push_back(*c.completion);
  if (recent.empty()) return {};
  const Time open = recent.front() + std::chrono::seconds(rules.minIntervalSeconds);
  if (rules.minIntervalSeconds > 0 && s.now < open)
    return block("Cooldown",
                 "the last failover ended at " + formatTimeSeconds(recent.front()) +
                     "; failover.minIntervalSeconds is " + std::to_string(rules.minIntervalSeconds),
                 open);
  const auto most = static_cast<size_t>(std::max(0, rules.maxPerHour));
  if (recent.size() < most) return {};
  // History may be shorter than maxPerHour allows; then what it holds is what counts.
  const Time free = recent[std::min(recent.size(), std::max<size_t>(most, 1)) - 1] + kHour;
  return block("Storm",
               std::to_string(recent.size()) + " failovers within an hour; failover.maxPerHour is " +
                   std::to_string(rules.maxPerHour),
               free);
}

/// What a failover that could not fence has left for a person, who may act by a Forced request whatever the mode is.
bool unfencedYet(const Snapshot& s, const Verdict& v) {
  const api::Condition* c = findCondition(s.group.status.conditions, "FailoverBlocked");
  const bool stands = c && c->status == "True" && c->reason.get() == name(api::Reason::FencingFailed);
  return stands && v.what == Do::Block &&
         (v.reason == "Manual" || v.reason == "Observing" || v.reason == c->reason.get());
}

std::string planOf(const Failure& f, const std::string& candidate) {
  if (candidate.empty()) return "";
  return "; would fail over from " + (f.primary.empty() ? "nobody" : f.primary) + " to " + candidate;
}

}  // namespace

bool failingOver(const Snapshot& s) {
  return std::any_of(s.requests.begin(), s.requests.end(), [](const auto& r) {
    return r.trigger == api::kFailoverTrigger && !api::finished(r.status.phase) && !r.meta.deleted;
  });
}

Reports observed(const Snapshot& s) {
  Reports all;
  for (const auto& m : s.members)
    if (m.seen.last && !m.seen.silent) all[m.name] = *m.seen.last;
  return all;
}

Retry retry(const Snapshot& s, const char* trigger, std::chrono::seconds first, std::chrono::seconds longest) {
  const auto& last = s.group.status.lastRoleChange;
  // A clock that was turned back makes no attempt older than the change before it.
  const Time since = std::min(last && last->completion ? *last->completion : Time{}, s.now);
  const api::SwitchoverRequest* newest = nullptr;
  auto pause = first;
  for (const auto& r : s.requests) {
    if (r.trigger != trigger || !api::finished(r.status.phase) || !r.status.completion) continue;
    const Time ended = *r.status.completion;
    // One that found the primary well again has not failed.
    const bool needless = r.status.phase == api::Phase::Succeeded || r.status.reason == api::Reason::UnexpectedPrimary;
    if (needless || ended < since || ended > s.now) continue;
    if (newest) pause = std::min(pause * 2, longest);
    if (!newest || *newest->status.completion < *r.status.completion) newest = &r;
  }
  if (!newest) return {};
  return {*newest->status.completion + pause, newest->status.reason, newest->status.message};
}

Verdict govern(const Snapshot& s, const Failure& f) {
  const auto serves = [](const Member& m) { return m.serving; };
  if (!f && s.blind && std::any_of(s.members.begin(), s.members.end(), serves)) {
    const Member* p = s.member(s.group.status.primary);
    return block("Isolated",
                 "no member answers Baton's calls, though the API server says that they are ready: that is taken for a "
                 "fault between Baton and them, not for one of the primary" +
                     (p && !p->seen.why.empty() ? " (" + p->seen.why + ")" : "") + ".");
  }
  if (f.unknown) return {Do::Wait, "", "", std::nullopt, ""};
  if (!f) return {};
  // Those who are probed all the time have answered lately; others are asked when the request is there.
  const bool probed = s.spec().probed();
  Wish wish;
  wish.forced = true;
  wish.automatic = probed;
  const Choice choice = choose(s, holder(s), wish, probed ? observed(s) : Reports{});
  const auto decide = [&]() -> Verdict {
    if (Verdict v = standing(s); v.what != Do::Nothing) return v;
    if (Verdict v = tooOften(s); v.what != Do::Nothing) return v;
    // Positions change without a word: who lags now may have caught up in a moment.
    if (choice.pod.empty())
      return block("NoCandidate", choice.message, probed ? std::optional(s.now + kLookAgain) : std::nullopt);
    const Retry again = retry(s, api::kFailoverTrigger, kFirstRetry, kLongestRetry);
    if (again.at && s.now < *again.at)
      return block(std::string(name(again.reason)), "the last failover did not succeed: " + again.message, again.at);
    const Time due = f.since + std::chrono::seconds(s.spec().failover.delaySeconds);
    if (s.spec().failover.delaySeconds > 0 && s.now < due) return {Do::Wait, "", "", due, ""};
    if (s.fleet.full) return block("Concurrency", s.fleet.detail);
    if (s.spec().failover.mode == FailoverMode::Observe) return block("Observing", "failover.mode is Observe");
    return {failingOver(s) ? Do::Wait : Do::FailOver, "", "", std::nullopt, ""};
  };
  Verdict v = decide();
  v.candidate = choice.pod;
  if (v.what != Do::Block) return v;
  if (unfencedYet(s, v)) {
    const auto* c = findCondition(s.group.status.conditions, "FailoverBlocked");
    v.reason = c->reason;
    v.message = c->message;
    return v;
  }
  if (!v.message.empty() && v.message.back() == '.') v.message.pop_back();
  v.message = (f.primary.empty() ? "" : f.primary + ": ") + f.why + "; " + v.message + planOf(f, choice.pod) + ".";
  return v;
}

void tell(const Snapshot& s, const Verdict& v, api::HaGroupStatus& g) {
  if (v.what == Do::Wait || v.what == Do::FailOver) return;  // what was said before holds until it has been tried
  const bool blocked = v.what == Do::Block;
  if (!blocked && !findCondition(g.conditions, "FailoverBlocked")) return;  // shown from the first time
  api::setCondition(g.conditions, {Interned("FailoverBlocked"), Interned(blocked ? "True" : "False"),
                                   Interned(blocked ? v.reason : "NotNeeded"),
                                   blocked ? v.message : "the primary has not failed.", s.now, 0});
}

std::string requestName(const Snapshot& s, const char* trigger) {
  std::string when;  // 20261122t170455
  for (const char c : formatTimeSeconds(s.now))
    if (c == 'T')
      when += 't';
    else if (c >= '0' && c <= '9')
      when += c;
  std::string group = s.group.meta.name.substr(0, 200);
  while (!group.empty() && (group.back() == '-' || group.back() == '.')) group.pop_back();
  return group + "-" + trigger + "-" + when;
}

NewRequest failoverRequest(const Snapshot& s, const Failure& f) {
  NewRequest r;
  r.trigger = api::kFailoverTrigger;
  r.name = requestName(s, r.trigger);
  r.spec.group = s.group.meta.name;
  r.spec.mode = api::Mode::Forced;
  r.spec.expectedPrimary = holder(s);
  // The fencing steps have their own limits, which together may be more than a request has.
  int seconds = 0;
  for (const auto& step : s.spec().failover.fencing.steps) seconds += step.timeoutSeconds;
  r.spec.timeoutSeconds = std::max(r.spec.timeoutSeconds, seconds + 60);
  r.spec.reason = (f.primary.empty() ? "" : f.primary + ": ") + f.why;
  return r;
}

}  // namespace baton::ha
