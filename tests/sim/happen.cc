// What the happenings of a plan do.
#include <algorithm>
#include <utility>

#include "sim/simulation.h"

namespace baton::sim {

void Simulation::happen(const Happening& h) {
  trace_.tell("", [&] { return "-- " + describe(h); });
  Random random(h.details);
  if (h.event <= Event::Relabel)
    toPeople(h, random);
  else if (h.event <= Event::Blink)
    toMember(h, random);
  else if (h.event <= Event::StallWatches)
    toController(h, random);
  else
    toServer(h);
}

void Simulation::ask(Random& random) {
  Json spec = {{"groupRef", {{"name", "g"}}}, {"timeoutSeconds", random.between(3, 60)}};
  if (random.oneIn(4)) spec["mode"] = "Forced";
  if (Member* m = random.oneIn(2) ? cluster_.pick(random.below(8)) : nullptr) spec["candidate"] = m->name;
  if (random.oneIn(6)) spec["onFailure"] = "Hold";
  if (random.oneIn(10)) spec["dryRun"] = true;
  if (Member* m = random.oneIn(8) ? cluster_.pick(random.below(8)) : nullptr) spec["expectedPrimary"] = m->name;
  if (random.oneIn(8))
    spec["scheduledAt"] =
        formatTime(beginning() + std::chrono::microseconds(scheduler_.now() + random.below(20 * kSecond)));
  if (random.oneIn(6)) spec["startDeadlineSeconds"] = random.between(1, 60);
  if (random.oneIn(6)) spec["ttlSecondsAfterFinished"] = random.between(0, 30);
  server_.put("switchoverrequests", {{"metadata", {{"name", "r" + std::to_string(++requests_)}}}, {"spec", spec}},
              "user");
}

/// The one made last of those that are there; "": there is none.
std::string Simulation::newestRequest() const {
  for (int n = requests_; n > 0; --n)
    for (const char* kind : {"r", "help-"})
      if (const std::string name = kind + std::to_string(n); server_.get("switchoverrequests", name)) return name;
  return "";
}

void Simulation::toPeople(const Happening& h, Random& random) {
  const std::string newest = newestRequest();
  switch (h.event) {
    case Event::Request:
      return ask(random);
    case Event::Cancel:
      server_.patch("switchoverrequests", newest, {{"spec", {{"cancel", true}}}}, "user");
      return;
    case Event::DeleteRequest:
      return server_.erase("switchoverrequests", newest, "user");
    case Event::Pause:
      server_.patch("hagroups", "g", {{"spec", {{"paused", true}}}}, "user");
      scheduler_.after(h.lasting, [this] { server_.patch("hagroups", "g", {{"spec", {{"paused", false}}}}, "user"); });
      return;
    case Event::Touch: {
      const Json note = {{"metadata", {{"annotations", {{"note", std::to_string(random.next())}}}}}};
      const Member* m = cluster_.pick(h.whom);
      const int64_t which = random.below(3);
      if (which == 0) server_.patch("hagroups", "g", note, "user");
      if (which == 1) server_.patch("switchoverrequests", newest, note, "user");
      if (which == 2 && m) server_.patch("pods", m->name, note, "user");
      Happening again = h;
      again.details = random.next();
      again.lasting -= 100 * kMillisecond;
      if (again.lasting > 0)
        scheduler_.after(random.between(1, 200) * kMillisecond, [this, again] {
          Random r(again.details);
          toPeople(again, r);
        });
      return;
    }
    case Event::Relabel:
      if (const Member* m = cluster_.pick(h.whom)) {
        checks_.relabelled();
        const char* role = random.oneIn(2) ? "primary" : "standby";
        server_.patch("pods", m->name, {{"metadata", {{"labels", {{"ha.baton.dev/role", role}}}}}}, "user");
      }
      return;
    default:
      return;
  }
}

void Simulation::toMember(const Happening& h, Random& random) {
  Member* m = cluster_.pick(h.whom);
  if (!m) return;
  const Micros until = scheduler_.now() + h.lasting;
  switch (h.event) {
    case Event::DeletePod:
      return cluster_.remove(m->name);
    case Event::RestartMember:
      return cluster_.restart(m->name, h.lasting);
    case Event::HangMember:
      return cluster_.hang(m->name, h.lasting);
    case Event::UnreadyMember:
      return cluster_.unready(m->name, h.lasting);
    case Event::CutMember:
      return cluster_.cut(m->name, h.lasting);
    case Event::Unreachable:
      m->way = static_cast<Member::Way>(random.below(3));
      m->unreachableUntil = until;
      return;
    case Event::Liar:
      m->denies = random.oneIn(2);
      m->liesUntil = until;
      return;
    case Event::Diverge:
      return diverge(h.lasting, random);
    case Event::Regret:
      return regret(random);
    case Event::Blink:
      return blink(h.lasting, random);
    case Event::Lonely:
      m->lonelyUntil = until;
      return;
    case Event::SlowMember:
      m->slowUntil = until;
      return;
    case Event::BadHook: {
      static constexpr HookFault kinds[] = {HookFault::Hang, HookFault::Fail, HookFault::Mute, HookFault::DoneFail,
                                            HookFault::Slow};
      const HookFault kind = kinds[random.below(5)];
      for (auto& fault : m->faults)
        if (random.oneIn(2)) fault = {kind, until};
      return;
    }
    default:
      return;
  }
}

void Simulation::toController(const Happening& h, Random& random) {
  // Mostly to the one that leads: that the others suffer shows little.
  auto seat = seats_.begin() + h.whom % static_cast<int64_t>(seats_.size());
  const bool any = h.event == Event::StallWatches || h.event == Event::CutApi;
  if (h.whom % (any ? 2 : 4) != 0)
    seat = std::find_if(seats_.begin(), seats_.end(), [](Seat& s) { return s.newest().leading(); });
  if (seat == seats_.end()) seat = seats_.begin();
  Machine& machine = *seat->machine;
  const Micros until = scheduler_.now() + h.lasting;
  Link::Weather weather;
  const auto storm = [&](Link& link) {
    weather = {random.unit() * 0.3, random.unit() * 0.3, random.unit() * 0.2, random.unit() * 0.3,
               random.between(20, 8000) * kMillisecond};
    link.weather = weather;
    link.calmAt = until;
  };
  switch (h.event) {
    case Event::KillController:
      seat->backAt = until;
      return seat->newest().kill();
    case Event::KillAfterWrites:
      return seat->newest().killAfter(static_cast<int>(random.between(1, 10)));
    case Event::EndController:
      return seat->newest().terminate();
    case Event::Freeze:
      return machine.freeze(h.lasting);
    case Event::Suspend:
      return machine.suspend(h.lasting);
    case Event::SetClock:
      return machine.clock.set(random.between(-120 * kSecond, 120 * kSecond));
    case Event::CutApi:
      machine.api.cutUntil = until;
      return;
    case Event::CutPods:
      machine.pods.cutUntil = until;
      return;
    case Event::DeafPods:
      machine.pods.deafUntil = until;
      return;
    case Event::Isolate:
      machine.api.cutUntil = machine.pods.cutUntil = until;
      return;
    case Event::Strike:
      return strike(*seat, h.lasting, random);
    case Event::StormApi:
      return storm(machine.api);
    case Event::StormPods:
      return storm(machine.pods);
    case Event::StallWatches:
      machine.api.stalledUntil = until;
      return;
    default:
      return;
  }
}

void Simulation::toServer(const Happening& h) {
  if (h.event == Event::ApiDown) server_.downUntil = scheduler_.now() + h.lasting;
  if (h.event == Event::CompactHistory) server_.compact();
  if (h.event == Event::DeleteLease) takeLease();
}

}  // namespace baton::sim
