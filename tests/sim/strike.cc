// Faults that are aimed: at the moment between a message's leaving and its landing, and at a primary that comes back
// with data of its own. By chance alone they are met once in ten thousand runs.
#include <algorithm>

#include "sim/simulation.h"

namespace baton::sim {

/// One of the next messages of a kind arrives late, and whoever sent it does not go on as it was.
void Simulation::strike(Seat& seat, Micros lasting, Random random) {
  static constexpr Message kinds[] = {Message::Label, Message::Label,  Message::Hook,
                                      Message::Hook,  Message::Status, Message::Lease};
  const Message kind = kinds[random.below(6)];
  const Micros most = kind == Message::Lease ? 8 * kSecond : 20 * kSecond;
  Micros late = random.oneIn(3) ? 0 : random.between(50 * kMillisecond, most);
  if (kind == Message::Hook && !plan_.cluster.remembers) late = 0;  // nothing comes late there
  int64_t skipped = random.below(4);
  seat.machine->strike = [this, &seat, kind, late, lasting, skipped, random](
                             Message m, const std::string& whom) mutable -> Micros {
    if (m != kind || skipped-- != 0) return 0;
    trace_.tell("", [&] { return "-- struck: " + seat.machine->name + "'s message about " + whom; });
    if (m == Message::Label && random.oneIn(3))
      server_.patch("pods", whom, {{"metadata", {{"annotations", {{"note", std::to_string(random.next())}}}}}}, "user");
    if (random.oneIn(6)) takeLease();
    // After it has left: what follows does not hold it up.
    scheduler_.after(1, [this, &seat, kind, lasting, random]() mutable {
      // The last renewal of a term, whose answer is late: who counts from when?
      if (kind == Message::Lease && !calm_)
        seat.machine->api.cutUntil = scheduler_.now() + std::max(lasting, 20 * kSecond);
      else
        strikeNow(seat, lasting, random);
    });
    return late;
  };
}

void Simulation::strikeNow(Seat& seat, Micros lasting, Random& random) {
  if (calm_) return;
  Machine& machine = *seat.machine;
  const Micros until = scheduler_.now() + lasting;
  switch (random.below(7)) {
    case 0:
      return machine.freeze(lasting);
    case 1:
      return machine.suspend(lasting);
    case 2:
      seat.backAt = until;
      return seat.newest().kill();
    case 3:
      machine.api.cutUntil = until;
      return;
    case 4:
      machine.api.cutUntil = machine.pods.cutUntil = until;
      return;
    case 5:
      return seat.newest().terminate();
    default:
      return;
  }
}

/// What takes the role away is done slowly, and the one who asked for it changes his mind meanwhile.
void Simulation::regret(Random& random) {
  Member* m = cluster_.find(checks_.group().status.primary);
  if (!m) return;
  const Micros now = scheduler_.now();
  m->faults[static_cast<size_t>(api::HookKind::Demote)] = {HookFault::Slow, now + 10 * kSecond};
  const std::string name = "r" + std::to_string(++requests_);
  server_.put("switchoverrequests",
              {{"metadata", {{"name", name}}}, {"spec", {{"groupRef", {{"name", "g"}}}, {"timeoutSeconds", 30}}}},
              "user");
  scheduler_.after(random.between(40, 800) * kMillisecond, [this, name] {
    server_.patch("switchoverrequests", name, {{"spec", {{"cancel", true}}}}, "user");
  });
}

/// Who leads next is perhaps the same: what it has seen before says nothing any more.
void Simulation::blink(Micros lasting, Random& random) {
  const auto leader = std::find_if(seats_.begin(), seats_.end(), [](Seat& s) { return s.newest().leading(); });
  Member* m = cluster_.find(checks_.group().status.primary);
  if (leader == seats_.end() || !m) return;
  leader->machine->api.cutUntil = scheduler_.now() + lasting;
  m->way = static_cast<Member::Way>(random.below(3));
  m->unreachableUntil = scheduler_.now() + random.between(4 * kSecond, lasting);
}

void Simulation::takeLease() {
  checks_.leaseTaken();
  server_.erase("leases", "baton-controller", "user");
}

/// The standbys can't copy for a moment, then the primary's process fails; when it is back it is hard to tell whom to
/// follow, and somebody wants it to be primary again.
void Simulation::diverge(Micros lasting, Random& random) {
  const std::string primary = checks_.group().status.primary;
  Member* m = cluster_.find(primary);
  if (!m) return;
  const Micros now = scheduler_.now(), alone = random.between(300, 2000) * kMillisecond;
  const Micros away = random.between(200, 4000) * kMillisecond, back = now + alone + away;
  m->lonelyUntil = std::max(m->lonelyUntil, back + random.below(2 * lasting));
  m->faults[static_cast<size_t>(api::HookKind::Follow)] = {HookFault::Fail, back + lasting};
  scheduler_.after(alone, [this, primary, away] { cluster_.restart(primary, away); });
  const Json failover = {{"groupRef", {{"name", "g"}}}, {"mode", "Forced"}, {"timeoutSeconds", 30}};
  const Json wish = {{"groupRef", {{"name", "g"}}}, {"candidate", primary}, {"timeoutSeconds", 30}};
  const auto ask = [this](Micros when, const Json& spec) {
    scheduler_.at(when, [this, spec] {
      server_.put("switchoverrequests", {{"metadata", {{"name", "r" + std::to_string(++requests_)}}}, {"spec", spec}},
                  "user");
    });
  };
  if (random.oneIn(2)) ask(now + alone + away / 2, failover);
  ask(back + random.below(lasting), wish);
}

}  // namespace baton::sim
