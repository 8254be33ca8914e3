#include "cli/explain.h"

#include "ha/candidates.h"
#include "ha/failure.h"
#include "ha/governor.h"
#include "ha/guards.h"

namespace baton::cli {
namespace {

/// The members' answers as the group's status holds them: those of the last time that they were asked.
ha::Reports told(const ha::Snapshot& s) {
  ha::Reports all;
  if (!s.spec().hook(api::HookKind::Probe)) return all;
  for (const auto& m : s.group.status.members)
    if (m.ready) all[m.pod] = ha::Report{m.pod == s.group.status.primary, m.position, true};
  return all;
}

std::string standings(const std::vector<ha::Standing>& all, const std::string& chosen, const Paint& paint) {
  Table table;
  for (const auto& c : all) {
    const std::string mark = c.pod == chosen ? paint(Ink::Good, "→ " + c.pod) : "  " + c.pod;
    std::string details = "priority " + std::to_string(c.priority);
    if (!c.zone.empty()) details += ", zone " + c.zone;
    table.add({mark, details, c.eligible ? c.reason : paint(Ink::Dim, c.reason)});
  }
  return table.text("  ");
}

std::string plannedNow(const ha::Snapshot& s, const Paint& paint) {
  api::SwitchoverRequest r;
  r.meta.ns = s.group.meta.ns;
  r.spec.group = s.group.meta.name;
  r.trigger = "user";
  std::string text = paint(Ink::Bold, "A switchover now") + " ";
  if (const auto* active = s.begun()) return text + "would wait for " + active->meta.name + ", which is under way.\n";
  if (const ha::Refusal no = ha::refusal(s, r))
    return text + "would be refused: " + std::string(api::name(no.reason)) + ", " + no.message + "\n";
  const ha::Choice c = ha::choose(s, ha::holder(s), {}, told(s));
  if (c.pod.empty())
    text += "would be refused: " + std::string(api::name(c.reason)) + ", " + c.message + "\n";
  else
    text += "would give the role to " + c.pod + ":\n";
  return text + standings(c.all, c.pod, paint);
}

/// The same group, had its primary just failed.
ha::Snapshot failed(ha::Snapshot s) {
  const std::string primary = ha::holder(s);
  for (auto& m : s.members) {
    if (s.spec().probed()) m.seen.answers = true;
    if (m.name != primary) continue;
    m.ready = m.serving = false;
    m.seen = {};
    m.seen.silent = m.seen.failed = true;
    m.seen.why = "it does not answer";
  }
  return s;
}

std::string failureNow(const ha::Snapshot& s, const Paint& paint) {
  const bool now = static_cast<bool>(ha::failure(s));
  const ha::Snapshot after = now ? s : failed(s);
  const ha::Failure f = ha::failure(after);
  std::string text = now ? paint(Ink::Bad, "The primary has failed") + " (" + f.why + "): "
                         : paint(Ink::Bold, "If the primary failed now") + ", ";
  if (ha::holder(s).empty() && !now) return "";
  const ha::Verdict v = ha::govern(after, f);
  switch (v.what) {
    case ha::Verdict::Do::FailOver:
      text += "it would be replaced at once.";
      break;
    case ha::Verdict::Do::Wait:
      text += "it would be replaced after failover.delaySeconds.";
      break;
    case ha::Verdict::Do::Block:
      text += "no failover would be made: " + v.reason + ", " + v.message;
      break;
    case ha::Verdict::Do::Nothing:
      text += "nothing would be done.";
      break;
  }
  const ha::Choice c = ha::choose(after, ha::holder(after), {"", "", true, true}, told(s));
  return text + "\n" + standings(c.all, c.pod, paint);
}

const char* kindOf(ha::EffectId::Kind k) {
  static constexpr const char* names[] = {"call the hook",     "label as primary",       "label as standby",
                                          "mark as following", "look at the traffic of", "delete"};
  return names[static_cast<size_t>(k)];
}

std::string effect(const ha::Effect& e) {
  std::string text = kindOf(e.id.kind);
  if (e.id.kind == ha::EffectId::Kind::Hook) text += " " + std::string(api::name(e.id.hook)) + " of";
  return text + " " + e.id.pod + " at epoch " + std::to_string(e.epoch);
}

}  // namespace

std::string explanation(const ha::Snapshot& s, const Paint& paint) {
  const auto& st = s.group.status;
  const std::string who = ha::holder(s);
  std::string text = paint(Ink::Bold, s.group.meta.key()) + ": " +
                     (who.empty() ? "nobody has the role" : who + " has the role") + ", epoch " +
                     std::to_string(st.epoch) + "\n\n";
  if (!s.spec().error.empty()) return text + "The group's spec is wrong, and nothing is done: " + s.spec().error + "\n";
  return text + plannedNow(s, paint) + "\n" + failureNow(s, paint);
}

std::string described(const ha::Snapshot& s, const ha::Decision& d) {
  std::string text;
  for (const auto& w : d.requests) {
    text += "store request " + w.request + ": " + std::string(api::name(w.status.phase));
    if (w.status.reason != api::Reason::None) text += ", " + std::string(api::name(w.status.reason));
    text += w.status.message.empty() ? "\n" : ", " + w.status.message + "\n";
  }
  if (d.group)
    text += "store group: " + std::string(api::name(d.group->phase)) + ", primary " +
            (d.group->primary.empty() ? "nobody" : d.group->primary) + ", epoch " + std::to_string(d.group->epoch) +
            "\n";
  if (d.make) text += std::string("make a request, trigger ") + d.make->trigger + "\n";
  for (const auto& e : d.start) text += effect(e) + "\n";
  for (const auto& name : d.remove) text += "delete request " + name + ", whose time after its end is over\n";
  if (d.wakeAt)
    text += "look again in " + duration(*d.wakeAt > s.now ? *d.wakeAt - s.now : std::chrono::microseconds(0)) + "\n";
  return text.empty() ? "nothing: all is as it should be\n" : text;
}

}  // namespace baton::cli
