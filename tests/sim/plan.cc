#include "sim/plan.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace baton::sim {
namespace {

struct Kind {
  const char* name;
  int weight;  // how often it is drawn
  Micros least, most;
};

// In the order of Event.
constexpr std::array<Kind, kEvents> kKinds{{
    {"Request", 40, 0, 0},
    {"Cancel", 5, 0, 0},
    {"DeleteRequest", 2, 0, 0},
    {"Pause", 1, kSecond, 20 * kSecond},
    {"Touch", 6, 0, 3 * kSecond},
    {"Relabel", 1, 0, 0},
    {"DeletePod", 5, 0, 0},
    {"RestartMember", 4, 100 * kMillisecond, 10 * kSecond},
    {"HangMember", 5, 200 * kMillisecond, 20 * kSecond},
    {"UnreadyMember", 3, kSecond, 15 * kSecond},
    {"CutMember", 3, kSecond, 70 * kSecond},
    {"Unreachable", 5, kSecond, 40 * kSecond},
    {"Liar", 2, 500 * kMillisecond, 15 * kSecond},
    {"Lonely", 4, kSecond, 20 * kSecond},
    {"SlowMember", 4, kSecond, 20 * kSecond},
    {"BadHook", 10, 500 * kMillisecond, 20 * kSecond},
    {"Diverge", 4, kSecond, 15 * kSecond},
    {"Regret", 0, 0, 0},
    {"Blink", 0, 12 * kSecond, 25 * kSecond},
    {"KillController", 6, 100 * kMillisecond, 20 * kSecond},
    {"KillAfterWrites", 10, 100 * kMillisecond, 5 * kSecond},
    {"EndController", 4, 100 * kMillisecond, 5 * kSecond},
    {"Freeze", 6, 100 * kMillisecond, 30 * kSecond},
    {"Suspend", 3, kSecond, 60 * kSecond},
    {"SetClock", 3, 0, 0},
    {"CutApi", 5, 100 * kMillisecond, 30 * kSecond},
    {"CutPods", 5, 100 * kMillisecond, 40 * kSecond},
    {"DeafPods", 3, 100 * kMillisecond, 20 * kSecond},
    {"Isolate", 3, 100 * kMillisecond, 40 * kSecond},
    {"Strike", 12, 100 * kMillisecond, 25 * kSecond},
    {"StormApi", 8, kSecond, 40 * kSecond},
    {"StormPods", 6, kSecond, 40 * kSecond},
    {"StallWatches", 6, 100 * kMillisecond, 30 * kSecond},
    {"ApiDown", 3, 100 * kMillisecond, 15 * kSecond},
    {"CompactHistory", 2, 0, 0},
    {"DeleteLease", 1, 0, 0},
}};

using Weights = std::array<int, kEvents>;

/// Most runs have to do with a few kinds alone: so those that matter together meet more often.
Weights weights(Random& random) {
  Weights w{};
  const bool few = !random.oneIn(3);
  for (size_t i = 0; i < kKinds.size(); ++i)
    w[i] = i == static_cast<size_t>(Event::Request) || !few || random.chance(0.25) ? kKinds[i].weight : 0;
  return w;
}

/// Besides what is drawn: those that few runs would have, as all their parts must meet.
void addAimed(Random random, Plan& p) {
  if (!random.oneIn(3)) return;
  for (int64_t n = random.between(1, 3); n > 0; --n) {
    Happening h;
    h.event = random.oneIn(2) ? Event::Regret : Event::Blink;
    const Kind& kind = kKinds[static_cast<size_t>(h.event)];
    h.when = random.between(5 * kSecond, p.lasting - 1);
    h.lasting = random.between(kind.least, kind.most);
    h.details = random.next();
    p.happenings.push_back(h);
  }
}

Event draw(Random& random, const Weights& w) {
  int all = 0;
  for (const int n : w) all += n;
  int64_t n = random.below(all);
  for (size_t i = 0; i < w.size(); ++i)
    if ((n -= w[i]) < 0) return static_cast<Event>(i);
  return Event::Request;
}

/// How failures are seen, and what is made of them.
void makeFailover(Random random, GroupOptions& g) {
  g.detected = g.probe && g.demote && g.promote && !random.oneIn(3);
  g.period = static_cast<int>(random.between(1, 2));
  g.timeout = static_cast<int>(random.between(1, 2));
  g.threshold = static_cast<int>(random.between(1, 3));
  g.failoverDelay = random.oneIn(4) ? static_cast<int>(random.between(1, 10)) : 0;
  g.failoverPause = random.oneIn(2) ? 60 : 0;
  g.failoversPerHour = random.oneIn(3) ? 6 : 1000;
}

GroupOptions makeGroup(Random& random) {
  GroupOptions g;
  const int64_t kind = random.below(10);
  if (kind < 2) return g;       // labels alone
  const bool whole = kind < 8;  // a program that has all that is needed to lose nothing
  g.probe = whole || random.oneIn(2);
  g.demote = whole || random.oneIn(2);
  g.promote = whole || random.oneIn(2);
  g.follow = whole ? !random.oneIn(4) : random.oneIn(2);
  g.fence = random.oneIn(2);
  g.disconnect = random.oneIn(3);
  g.fenceHook = g.fence && !random.oneIn(4);
  g.deletePod = random.oneIn(3);
  g.fencingRequired = (g.fenceHook || g.deletePod) && random.oneIn(2);
  g.bootstrapByHand = random.oneIn(8);
  g.catchUpSeconds = static_cast<int>(random.between(2, 15));
  g.hookSeconds = static_cast<int>(random.between(1, 5));
  g.hookRetries = static_cast<int>(random.between(0, 3));
  if (g.probe && random.oneIn(5)) g.maxLag = random.between(0, 100);
  makeFailover(random.fork(1), g);
  return g;
}

}  // namespace

const char* name(Event e) { return kKinds[static_cast<size_t>(e)].name; }

Plan makePlan(uint64_t seed) {
  Random random(seed * 0x9e3779b97f4a7c15ULL + 1);
  Plan p;
  p.seed = seed;
  p.controllers = static_cast<int>(random.between(1, 3));
  p.group = makeGroup(random);
  p.cluster.members = static_cast<int>(random.between(2, 4));
  p.cluster.keepsNames = !random.oneIn(3);
  p.cluster.service = random.oneIn(2);
  p.cluster.hooks = p.group.hooks();
  p.cluster.follows = p.group.follow;
  p.cluster.positions = !random.oneIn(8);
  p.cluster.remembers = !random.oneIn(3);
  p.cluster.hookLimit = p.group.hookSeconds * kSecond;
  p.writeEvery = random.between(20, 200) * kMillisecond;
  p.lasting = random.between(40, 240) * kSecond;
  const int64_t many = random.between(3, 40);
  const Weights kinds = weights(random);
  for (int64_t i = 0; i < many; ++i) {
    Happening h;
    h.event = draw(random, kinds);
    // Often close to the one before it: most faults mean something only while a role changes.
    const bool close = i > 0 && !random.oneIn(3);
    const Micros soon = random.oneIn(2) ? 400 * kMillisecond : 4 * kSecond;
    h.when = close ? p.happenings.back().when + random.below(soon) : random.below(p.lasting);
    h.when = std::min(h.when, p.lasting - 1);
    h.whom = random.below(16);
    const Kind& kind = kKinds[static_cast<size_t>(h.event)];
    h.lasting = random.between(kind.least, kind.most);
    h.details = random.next();
    p.happenings.push_back(h);
  }
  p.cluster.forgets = p.group.follow && random.fork(2).oneIn(3);
  addAimed(random.fork(1), p);
  std::stable_sort(p.happenings.begin(), p.happenings.end(),
                   [](const Happening& a, const Happening& b) { return a.when < b.when; });
  return p;
}

std::string describe(const Plan& p) {
  const GroupOptions& g = p.group;
  std::string hooks;
  const auto say = [&](bool is, const char* word) { hooks += is ? std::string(" ") + word : ""; };
  say(g.probe, "probe");
  say(g.demote, "demote");
  say(g.promote, "promote");
  say(g.follow, "follow");
  say(g.fence, "fence");
  say(g.disconnect, "disconnect");
  std::string fencing;
  if (g.fenceHook) fencing += " FenceHook";
  if (g.deletePod) fencing += " DeletePod";
  return std::to_string(p.controllers) + " controller(s), " + std::to_string(p.cluster.members) + " members (" +
         (p.cluster.keepsNames ? "names stay" : "names change") + (p.cluster.service ? ", a Service" : "") +
         (p.cluster.positions ? "" : ", no positions") + (p.cluster.remembers ? "" : ", epochs not kept") +
         (p.cluster.forgets ? ", upstream not kept" : "") + "), hooks:" + (hooks.empty() ? " none" : hooks) +
         ", fencing:" + (fencing.empty() ? " none" : fencing) + (g.fencingRequired ? " required" : "") +
         (g.detected ? ", probed" : "") + (g.bootstrapByHand ? ", bootstrap by hand" : "");
}

std::string describe(const Happening& h) {
  char line[128];
  std::snprintf(line, sizeof line, "%-15s #%d", name(h.event), static_cast<int>(h.whom));
  std::string text = line;
  if (h.lasting > 0) {
    std::snprintf(line, sizeof line, " for %.3f s", static_cast<double>(h.lasting) / kSecond);
    text += line;
  }
  return text;
}

}  // namespace baton::sim
