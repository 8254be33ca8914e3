#include <algorithm>

#include "cli/commands.h"

namespace baton::cli {
namespace {

std::string number(const std::optional<int64_t>& n) { return n ? std::to_string(*n) : "-"; }

std::string role(const api::HaGroup& g, const api::MemberStatus& m, const Paint& paint) {
  const bool primary = m.pod == g.status.primary;
  return primary ? paint(Ink::Bold, "primary") : m.role.get().empty() ? "-" : m.role.get();
}

std::string readiness(const api::MemberStatus& m, const Paint& paint) {
  return m.ready ? paint(Ink::Good, "ready") : paint(Ink::Bad, "not ready");
}

/// Rows of members; the first column holds the branches.
std::string members(const api::HaGroup& g, bool wide, const Paint& paint) {
  Table table;
  const auto& all = g.status.members;
  const bool zones = std::any_of(all.begin(), all.end(), [](const auto& m) { return !m.zone.get().empty(); });
  for (size_t i = 0; i < all.size(); ++i) {
    const auto& m = all[i];
    std::vector<std::string> row = {(i + 1 < all.size() ? "├─ " : "└─ ") + m.pod, role(g, m, paint),
                                    readiness(m, paint)};
    if (zones || wide) row.push_back("zone " + (m.zone.get().empty() ? "-" : m.zone.get()));
    if (m.lag || wide) row.push_back("lag " + number(m.lag));
    if (wide) row.insert(row.end(), {"position " + number(m.position), "priority " + std::to_string(m.priority)});
    if (!m.reason.get().empty()) row.push_back(paint(Ink::Warn, m.reason.get()));
    table.add(std::move(row));
  }
  return table.text();
}

std::string lastChange(const api::RoleChange& c, Time now) {
  std::string text = c.from.empty() ? "to " + c.to : c.from + " → " + c.to;
  text += ", " + c.trigger + ", " + c.mode;
  if (c.completion) text += ", " + age(*c.completion, now) + " ago";
  if (c.unavailableMilliseconds)
    text += ", " + duration(std::chrono::milliseconds(*c.unavailableMilliseconds)) + " without a primary";
  return text;
}

/// Conditions that a person should see; what is as it should be is not told.
void conditions(const api::HaGroup& g, const Paint& paint, Table& table) {
  for (const char* type : {"SplitBrain", "FailoverBlocked", "Held", "Conflict"})
    if (const auto* c = api::findCondition(g.status.conditions, type); c && c->status.get() == "True")
      table.add({paint(Ink::Bad, type), c->reason.get() + ": " + c->message});
  const auto* ready = api::findCondition(g.status.conditions, "Ready");
  if (ready && ready->reason.get() == "InvalidSpec") table.add({paint(Ink::Bad, "InvalidSpec"), ready->message});
}

}  // namespace

std::string tree(const api::HaGroup& g, const std::string& activeMessage, Time now, bool wide, const Paint& paint) {
  const auto& st = g.status;
  std::string text = paint(Ink::Bold, g.meta.key()) + "  " +
                     (st.phase == api::GroupPhase::None ? paint(Ink::Dim, "not seen by Baton yet")
                                                        : paint.phase(api::name(st.phase))) +
                     "  epoch " + std::to_string(st.epoch) + "  " +
                     (st.readyMembers.empty() ? "0/0" : st.readyMembers) + " ready\n";
  text += members(g, wide, paint);
  Table table;
  if (st.primary.empty()) {
    const std::string former = st.formerPrimary.empty() ? "" : "; " + st.formerPrimary + " had it last";
    table.add({"primary", paint(Ink::Bad, "nobody") + former});
  }
  if (!st.activeRequest.empty())
    table.add({"under way", st.activeRequest + (activeMessage.empty() ? "" : ": " + activeMessage)});
  conditions(g, paint, table);
  if (st.lastRoleChange) table.add({"last change", lastChange(*st.lastRoleChange, now)});
  return text + table.text("   ");
}

}  // namespace baton::cli
