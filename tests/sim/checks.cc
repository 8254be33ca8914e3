#include "sim/checks.h"

#include <utility>

#include "ha/transitions.h"

namespace baton::sim {
namespace {

using api::Phase;

std::string roleOf(const Json& pod) { return api::text(api::object(pod["metadata"], "labels"), "ha.baton.dev/role"); }

int64_t epochOf(const Json& pod) {
  const std::string word = api::text(api::object(pod["metadata"], "annotations"), api::kEpochAnnotation);
  return word.empty() ? -1 : std::stoll(word);
}

bool byController(const Change& c) { return c.who.rfind("ctl", 0) == 0; }

bool ended(Phase p) { return api::finished(p); }

std::string requestText(const api::SwitchoverRequest& r) {
  const auto& s = r.status;
  return "request " + r.meta.name + " " + std::string(name(s.phase)) + " " + s.from + " -> " + s.to + " epoch " +
         std::to_string(s.epoch) + (s.reason == api::Reason::None ? "" : " " + std::string(name(s.reason))) +
         (ended(s.phase) ? ": " + s.message : "");
}

std::string groupText(const api::HaGroupStatus& g) {
  return "group " + std::string(name(g.phase)) + ", primary " + (g.primary.empty() ? "nobody" : g.primary) +
         " at epoch " + std::to_string(g.epoch) + (g.activeRequest.empty() ? "" : ", active " + g.activeRequest);
}

}  // namespace

Checks::Checks(Scheduler& scheduler, ApiServer& server, Cluster& cluster, Trace& trace, const Plan& plan)
    : scheduler_(scheduler), server_(server), cluster_(cluster), trace_(trace), plan_(plan) {
  server_.onChange([this](const Change& c) { onChange(c); });
  cluster_.events.promoted = [this](const Member& m, const std::string& r, int64_t e) { onPromoted(m, r, e); };
  cluster_.events.done = [this](const Member& m, const std::string& hook, int64_t e) { callsLandInOrder(m, e, hook); };
  cluster_.events.rewound = [this](const Member& m, uint32_t write) { nothingAcknowledgedIsLost(m, write); };
  cluster_.events.ended = [this](const std::string& pod) { ended_[pod] = scheduler_.now(); };
  cluster_.events.rolesChanged = [this] {
    noteWhoIsPrimary();
    oneAcceptsWrites();
  };
}

void Checks::violated(const char* rule, const std::string& what) {
  if (violation_) return;
  violation_ = Violation{rule, what, scheduler_.now()};
  trace_.tell("CHECK", [&] { return std::string(rule) + ": " + what; });
}

void Checks::neverRested(const std::string& why) {
  violated(why.rfind("request", 0) == 0 ? "everyRequestEnds"
           : why.rfind("it ", 0) == 0   ? "noBusyLoop"
                                        : "aPrimaryExists",
           why);
}

void Checks::onChange(const Change& c) {
  if (c.plural == "pods") {
    if (!c.before.is_null() && !c.after.is_null() && roleOf(c.before) != roleOf(c.after))
      trace_.tell(c.who.c_str(), [&] {
        return "pod " + c.name + " labelled " + roleOf(c.after) + ", epoch " + std::to_string(epochOf(c.after));
      });
    onePrimaryLabel(c);
    labelsKeepTheirEpoch(c);
    noteWhoIsPrimary();
  } else if (c.plural == "hagroups" && !c.before.is_null() && !c.after.is_null()) {
    trace_.tell(c.who.c_str(), [&] { return groupText(api::haGroupFromJson(c.after).status); });
    epochNeverFalls(c);
    epochIsGrantedOnce(c);
  } else if (c.plural == "switchoverrequests") {
    onRequest(c);
  }
}

void Checks::onRequest(const Change& c) {
  if (c.before.is_null() || c.after.is_null()) {
    trace_.tell(c.who.c_str(), [&] { return "request " + c.name + (c.after.is_null() ? " deleted" : " made"); });
    return;
  }
  const auto before = api::switchoverFromJson(c.before), after = api::switchoverFromJson(c.after);
  if (before.status == after.status) return;
  trace_.tell(c.who.c_str(), [&] { return requestText(after); });
  transitionsAreAllowed(before, after);
  if (before.status.phase == after.status.phase) return;
  grantsRaiseTheEpoch(before, after);
  begun_[{after.meta.uid, after.status.phase}] = scheduler_.now();
  if (api::started(after.status.phase) && after.spec.mode == api::Mode::Forced) forced_ = true;
  // A person who has been told that fencing is not proven may go on: what two then do is his.
  const api::Step* fencing = after.status.findStep(api::Phase::Fencing);
  const bool unproven = fencing && fencing->state == api::StepState::Failed;
  if (unproven && after.trigger == "user" && api::pastPointOfNoReturn(after.status.phase)) overridden_ = true;
  if (after.status.phase == Phase::Demoting)
    if (const Member* m = cluster_.find(after.status.from)) leaving_[after.meta.uid] = m->disk;
  oneRequestIsActive();
  if (!ended(after.status.phase)) return;
  const auto& end = after.status;
  ++ends_[std::string(name(after.spec.mode)) + " " + std::string(name(end.phase)) + " " +
          std::string(name(end.reason))];
  endsArePlain(after);
  if (after.status.phase == Phase::Succeeded) succeededIsTrue(after);
  if (before.status.phase == Phase::RollingBack && after.status.phase != Phase::Failed) rolledBackIsTrue(after);
}

void Checks::onPromoted(const Member& m, const std::string& name, int64_t epoch) {
  const Json* found = server_.get("switchoverrequests", name);
  if (!found) return;
  const auto r = api::switchoverFromJson(*found);
  if (r.status.to == m.name && r.status.epoch == epoch) candidateHasAll(m, r);
}

// The rules ----------------------------------------------------------------------------------------------------------

void Checks::onePrimaryLabel(const Change& c) {
  if (byHand_) return;
  const auto all = labelled();
  if (all.size() < 2) return;
  std::string names;
  for (const auto& n : all) names += " " + n;
  violated("onePrimaryLabel", "two pods carry the primary label after a write of " + c.who + ":" + names);
}

void Checks::labelsKeepTheirEpoch(const Change& c) {
  if (byHand_ || c.before.is_null() || c.after.is_null() || !byController(c)) return;
  if (epochOf(c.after) < epochOf(c.before))
    violated("epochNeverFalls", "pod " + c.name + " had epoch " + std::to_string(epochOf(c.before)) + ", now " +
                                    std::to_string(epochOf(c.after)));
}

void Checks::epochNeverFalls(const Change& c) {
  const int64_t before = api::integer(api::object(c.before, "status"), "epoch");
  const int64_t after = api::integer(api::object(c.after, "status"), "epoch");
  if (after < before)
    violated("epochNeverFalls",
             "the group's epoch falls from " + std::to_string(before) + " to " + std::to_string(after));
}

void Checks::epochIsGrantedOnce(const Change& c) {
  const auto g = api::haGroupFromJson(c.after).status;
  if (g.primary.empty() || g.primaryUid.empty() || byHand_) return;
  const auto [grant, first] = grants_.emplace(g.epoch, g.primaryUid);
  if (!first && grant->second != g.primaryUid)
    violated("epochIsGrantedOnce",
             "epoch " + std::to_string(g.epoch) + " is granted to " + g.primary + ", and was to another pod");
}

void Checks::transitionsAreAllowed(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after) {
  const Phase a = before.status.phase, b = after.status.phase;
  if (ended(a)) violated("anEndIsTheEnd", "request " + after.meta.name + " is written after its end");
  if (a != b && !ha::allowed(a, b))
    violated("transitionsAreAllowed",
             "request " + after.meta.name + " goes from " + std::string(name(a)) + " to " + std::string(name(b)));
}

void Checks::grantsRaiseTheEpoch(const api::SwitchoverRequest& before, const api::SwitchoverRequest& after) {
  const Phase to = after.status.phase;
  if (to != Phase::Promoting && to != Phase::RollingBack) return;
  if (after.status.epoch <= before.status.epoch)
    violated("grantsRaiseTheEpoch", "request " + after.meta.name + " is " + std::string(name(to)) + " at epoch " +
                                        std::to_string(after.status.epoch) + ", which is no new one");
}

void Checks::oneRequestIsActive() {
  std::string names;
  int n = 0;
  for (const auto& r : requests())
    if (api::started(r.status.phase) && !ended(r.status.phase)) ++n, names += " " + r.meta.name;
  if (n > 1) violated("oneRequestIsActive", "several requests have begun:" + names);
}

void Checks::endsArePlain(const api::SwitchoverRequest& r) {
  const auto& s = r.status;
  const bool plain =
      !s.message.empty() && s.completion && (s.phase == Phase::Succeeded || s.reason != api::Reason::None);
  if (!plain) violated("endsArePlain", "request " + r.meta.name + " ends without saying why");
}

/// Is it so, or was it until that very pod's process ended?
bool Checks::heldSince(const Held& held, const std::string& pod, int64_t epoch, Micros since) const {
  if (held.now == std::pair(pod, epoch)) return true;
  const auto ended = ended_.find(pod);
  if (ended == ended_.end() || ended->second < since) return false;
  const auto found = held.until.find({pod, epoch});
  return found != held.until.end() && found->second >= since;
}

void Checks::succeededIsTrue(const api::SwitchoverRequest& r) {
  if (r.spec.dryRun || byHand_) return;
  const auto& s = r.status;
  const Micros since = begun_[{r.meta.uid, Phase::Promoting}];
  const std::string it = s.to + " at epoch " + std::to_string(s.epoch);
  if (group().status.epoch < s.epoch) violated("succeededIsTrue", "the group was never granted to " + it);
  if (!heldSince(label_, s.to, s.epoch, since))
    violated("succeededIsTrue", it + " is not the one that carries the primary label");
  const Held& writer = r.spec.mode == api::Mode::Planned && oneMayWrite() ? soleWriter_ : writer_;
  if (plan_.group.promote && !heldSince(writer, s.to, s.epoch, since))
    violated("succeededIsTrue", it + " is not the one that accepts writes");
}

void Checks::rolledBackIsTrue(const api::SwitchoverRequest& r) {
  if (byHand_) return;
  const auto& s = r.status;
  const Micros since = begun_[{r.meta.uid, Phase::RollingBack}];
  if (!heldSince(label_, s.from, s.epoch, since))
    violated("rolledBackIsTrue", s.from + " has not its primary label again at epoch " + std::to_string(s.epoch));
  if (plan_.group.promote && !heldSince(writer_, s.from, s.epoch, since))
    violated("rolledBackIsTrue", s.from + " does not accept writes again at epoch " + std::to_string(s.epoch));
}

/// Has the group all that it takes to lose nothing? Once something was lost to a Forced request, it takes a follow hook
/// to know whose data a member has.
bool Checks::lossless() const {
  const GroupOptions& g = plan_.group;
  return g.probe && g.demote && g.promote && plan_.cluster.positions && (g.follow || !forced_);
}

void Checks::candidateHasAll(const Member& m, const api::SwitchoverRequest& r) {
  if (!lossless() || byHand_ || r.spec.mode != api::Mode::Planned) return;
  // A call that a pod had been told, and does when it is thawed: its request has failed by then, and says so.
  if (r.status.phase == Phase::Failed) return;
  const auto from = leaving_.find(r.meta.uid);
  if (from == leaving_.end() || begins(from->second->log, m.disk->log)) return;
  violated("nothingAcknowledgedIsLost", "planned request " + r.meta.name + " promotes " + m.name + " with " +
                                            std::to_string(m.disk->log.size()) + " writes, " + r.status.from +
                                            " has acknowledged " + std::to_string(from->second->log.size()));
}

void Checks::nothingAcknowledgedIsLost(const Member& m, uint32_t write) {
  if (!lossless() || byHand_ || forced_) return;
  violated("nothingAcknowledgedIsLost",
           m.name + " throws away write " + std::to_string(write) + ", which was acknowledged; no request was Forced");
}

/// Is it sure that no two members accept writes? Not when a Forced request may leave behind whom it could not reach.
bool Checks::oneMayWrite() const {
  const GroupOptions& g = plan_.group;
  return g.demote && g.promote && !byHand_ && (!forced_ || (g.fencingRequired && !overridden_));
}

void Checks::oneAcceptsWrites() {
  if (!oneMayWrite()) return;
  std::string names;
  int n = 0;
  for (const auto& [pod, m] : cluster_.members())
    if (m.accepting) ++n, names += " " + pod;
  if (n > 1) violated("oneAcceptsWrites", "several members accept writes:" + names);
}

// What is so ---------------------------------------------------------------------------------------------------------

void Checks::Held::note(const std::string& pod, int64_t epoch, Micros when) {
  if (now == std::pair(pod, epoch)) return;
  if (!now.first.empty()) until[now] = when;
  now = {pod, epoch};
}

void Checks::noteWhoIsPrimary() {
  const Micros at = scheduler_.now();
  const auto all = labelled();
  label_.note(all.size() == 1 ? all[0] : "", all.size() == 1 ? epochOf(*server_.get("pods", all[0])) : 0, at);
  const Member* newest = nullptr;
  int writers = 0;
  for (const auto& [pod, m] : cluster_.members())
    if (m.accepting) {
      ++writers;
      if (!newest || m.disk->told > newest->disk->told) newest = &m;
    }
  writer_.note(newest ? newest->name : "", newest ? newest->disk->told : 0, at);
  soleWriter_.note(writers == 1 ? newest->name : "", writers == 1 ? newest->disk->told : 0, at);
}

api::HaGroup Checks::group() const { return api::haGroupFromJson(*server_.get("hagroups", "g")); }

std::vector<api::SwitchoverRequest> Checks::requests() const {
  std::vector<api::SwitchoverRequest> all;
  for (const auto& n : server_.names("switchoverrequests"))
    all.push_back(api::switchoverFromJson(*server_.get("switchoverrequests", n)));
  return all;
}

std::vector<std::string> Checks::labelled() const {
  std::vector<std::string> all;
  for (const auto& n : server_.names("pods"))
    if (roleOf(*server_.get("pods", n)) == "primary") all.push_back(n);
  return all;
}

std::string Checks::restless() const {
  for (const auto& r : requests())
    if (!ended(r.status.phase)) return "request " + r.meta.name + " is still " + std::string(name(r.status.phase));
  const auto g = group().status;
  const auto all = labelled();
  if (g.primary.empty()) return "nobody has the role";
  if (all.size() != 1 || all[0] != g.primary) return g.primary + " has the role, and not the label";
  if (epochOf(*server_.get("pods", all[0])) != g.epoch) return g.primary + "'s label is of another epoch";
  const auto m = cluster_.members().find(g.primary);
  if (m == cluster_.members().end()) return g.primary + " is not there";
  if (plan_.group.promote && !m->second.accepting) return g.primary + " does not accept writes";
  if (static_cast<int>(cluster_.members().size()) != plan_.cluster.members) return "a member is missing";
  if (g.phase != api::GroupPhase::Healthy) return "the group is " + std::string(name(g.phase));
  for (const auto& [pod, member] : cluster_.members())
    if (plan_.group.follow && pod != g.primary && member.disk->upstream != g.primary)
      return pod + " does not follow " + g.primary;
  return "";
}

}  // namespace baton::sim
