// Cluster's data: hooks that arrive, standbys that copy, clients that write.
#include <algorithm>
#include <utility>

#include "sim/cluster.h"

namespace baton::sim {

using api::HookKind;

void Cluster::call(const std::string& ip, const std::string& path, const std::string& body, Respond answer) {
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.second.ip == ip; });
  if (found != members_.end() && scheduler_.now() < found->second.unreachableUntil) {
    if (found->second.way == Member::Way::Silent) return;
    if (found->second.way == Member::Way::Refused) return answer(0, "connection refused");
    answer = [](int, const std::string&) {};
  }
  hook(ip, path, body, std::move(answer));
}

void Cluster::hook(const std::string& ip, const std::string& path, const std::string& body, const Respond& answer) {
  const Micros now = scheduler_.now();
  const auto found = std::find_if(members_.begin(), members_.end(), [&](const auto& m) { return m.second.ip == ip; });
  if (found == members_.end()) return;  // an address that nobody has
  Member& m = found->second;
  if (m.cut(now)) return;
  if (!m.running) return answer(0, "connection refused");
  HookKind kind = HookKind::Probe;
  for (const HookKind k : api::kHookKinds)
    if (path == "/" + std::string(api::name(k))) kind = k;
  const HookFault fault = m.fault(kind, now);
  if (fault == HookFault::Hang) return;
  Micros takes = random_.between(1, kind == HookKind::Probe ? 10 : 150) * kMillisecond;
  if (fault == HookFault::Slow) takes += random_.below(options_.remembers ? 4 * kSecond : options_.hookLimit / 2);
  if (m.hung(now) && !options_.remembers) return;
  takes = std::max(takes, m.hungUntil - now + random_.below(100 * kMillisecond));  // what waits is done when it goes on
  scheduler_.after(takes, [this, ip, kind, body, answer, fault] {
    const auto it = std::find_if(members_.begin(), members_.end(), [&](const auto& x) { return x.second.ip == ip; });
    if (it == members_.end() || !it->second.running) return;
    if (fault == HookFault::Fail) return answer(500, "out of order");
    Respond say = answer;
    if (fault == HookFault::DoneFail) say = [answer](int, const std::string&) { answer(500, "could not say so"); };
    handle(it->second, kind, body, say, fault == HookFault::Mute);
  });
}

void Cluster::handle(Member& m, HookKind kind, const std::string& body, const Respond& answer, bool mute) {
  const Json told = Json::parse(body, nullptr, false);
  const int64_t epoch = api::integer(told, "epoch");
  const bool before = m.accepting;
  const auto how = callHook(m, kind, epoch, api::text(told, "primaryPod"), upstreamOf(m), options_.positions,
                            options_.remembers, scheduler_.now() < m.liesUntil);
  const std::string request = api::text(told, "request");
  const bool again = kind == HookKind::Probe && m.lastAnswer == how.body;  // nothing new
  if (trace_.wanted()) m.lastAnswer = kind == HookKind::Probe ? how.body : "";
  if (!again)
    trace_.tell(m.name.c_str(), [&] {
      return std::string(api::name(kind)) + " at epoch " + std::to_string(epoch) +
             (request.empty() ? "" : " for " + request) + " -> " + std::to_string(how.status) + " " + how.body +
             (mute ? " (not answered)" : "");
    });
  if (how.status == 200 && kind != HookKind::Probe) events.done(m, std::string(api::name(kind)), epoch);
  if (how.status == 200 && kind == HookKind::Promote && !before) events.promoted(m, request, epoch);
  if (before != m.accepting) events.rolesChanged();
  if (!mute) answer(how.status, how.body);
}

const Member* Cluster::upstreamOf(const Member& m) {
  return m.accepting || m.disk->upstream.empty() || m.disk->upstream == m.name ? nullptr : find(m.disk->upstream);
}

/// Without a follow hook a program looks for the label; who has found nobody stays with whom it has.
void Cluster::discover() {
  if (options_.follows || endpoints_.empty()) return;
  for (auto& [name, m] : members_)
    if (*endpoints_.begin() != name) m.disk->upstream = *endpoints_.begin();
}

bool Cluster::copiesFrom(const Member& m, const Member& from) const {
  const Micros now = scheduler_.now();
  const auto away = [&](const Member& x) { return !x.running || x.hung(now) || x.cut(now) || now < x.lonelyUntil; };
  return !away(m) && !away(from) && !from.fenced && !m.accepting;
}

void Cluster::replicate() {
  discover();
  for (auto& [name, m] : members_) {
    const Member* from = upstreamOf(m);
    if (from && copiesFrom(m, *from)) copy(m, *from);
  }
  scheduler_.after(random_.between(20, 100) * kMillisecond, [this] { replicate(); });
}

void Cluster::copy(Member& m, const Member& from) {
  auto& mine = m.disk->log;
  const auto& theirs = from.disk->log;
  if (!begins(mine, theirs)) {
    // Only whoever is the primary, and of an epoch as new, decides what is thrown away.
    if (!from.accepting || from.disk->told < m.disk->told) return;
    size_t common = 0;
    while (common < mine.size() && common < theirs.size() && mine[common] == theirs[common]) ++common;
    for (size_t i = common; i < mine.size(); ++i) events.rewound(m, mine[i]);
    mine.resize(common);
  }
  const size_t most = scheduler_.now() < m.slowUntil ? 1 : 50;
  const size_t end = std::min(theirs.size(), mine.size() + most);
  mine.insert(mine.end(), theirs.begin() + static_cast<long>(mine.size()), theirs.begin() + static_cast<long>(end));
}

/// A client writes to where the Service sends it, or to where its session is still open.
void Cluster::write() {
  if (writeEvery <= 0) return;
  Member* to = nullptr;
  if (!endpoints_.empty() && random_.oneIn(2)) {
    auto it = endpoints_.begin();
    std::advance(it, random_.below(static_cast<int64_t>(endpoints_.size())));
    to = find(*it);
  } else {
    to = pick(random_.below(8));
  }
  if (to && to->running && to->accepting && !to->hung(scheduler_.now())) to->disk->log.push_back(++writes_);
  scheduler_.after(random_.between(writeEvery / 2, writeEvery * 2), [this] { write(); });
}

}  // namespace baton::sim
