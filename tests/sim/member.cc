#include "sim/member.h"

#include <algorithm>

namespace baton::sim {
namespace {

using api::HookKind;

HookAnswer refuse(const std::string& why) { return {409, why}; }

HookAnswer probe(const Member& m, const Member* upstream, bool positions, bool lies) {
  // Data that are not those of whom it copies are no position to be promoted from.
  const bool sound =
      m.accepting || !upstream || begins(m.disk->log, upstream->disk->log) || begins(upstream->disk->log, m.disk->log);
  std::string body = m.accepting && !(lies && m.denies) ? R"({"role":"primary")" : R"({"role":"standby")";
  if (positions) body += R"(,"position":)" + std::to_string(m.disk->log.size());
  if (!sound || (lies && !m.denies)) body += R"(,"healthy":false)";
  return {200, body + "}"};
}

HookAnswer promote(Member& m, int64_t epoch, bool remembers) {
  // The epoch at which it gave the role up never comes back: such a call was delayed on its way.
  if (remembers && epoch <= m.disk->gaveUp)
    return refuse("gave the role up at epoch " + std::to_string(m.disk->gaveUp));
  m.accepting = true;
  m.lostRole = false;
  m.fenced = false;
  m.disk->upstream.clear();
  return {200, "promoted"};
}

HookAnswer giveUp(Member& m, int64_t epoch) {
  m.accepting = false;
  m.disk->gaveUp = std::max(m.disk->gaveUp, epoch);
  return {200, "standby"};
}

}  // namespace

bool begins(const std::vector<uint32_t>& older, const std::vector<uint32_t>& newer) {
  // A write stands in one log first, and is copied after all that stood before it: so the last one tells.
  return older.empty() || (older.size() <= newer.size() && older.back() == newer[older.size() - 1]);
}

HookAnswer callHook(Member& m, HookKind hook, int64_t epoch, const std::string& primary, const Member* upstream,
                    bool positions, bool remembers, bool lies) {
  if (hook == HookKind::Probe) return probe(m, upstream, positions, lies);
  if (hook == HookKind::Disconnect) return {200, ""};
  if (remembers && epoch < m.disk->told) return refuse("was told epoch " + std::to_string(m.disk->told) + " already");
  if (remembers && hook == HookKind::Follow && m.accepting && epoch == m.disk->told && m.disk->gaveUp < epoch)
    return refuse("is the primary at this epoch");
  m.disk->told = epoch;
  if (hook == HookKind::Promote) return promote(m, epoch, remembers);
  if (hook == HookKind::Fence) m.fenced = true;
  if (hook == HookKind::Follow) m.disk->upstream = primary == m.name ? "" : primary;
  return giveUp(m, epoch);
}

}  // namespace baton::sim
