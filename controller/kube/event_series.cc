#include "kube/event_series.h"

#include <algorithm>
#include <utility>

namespace baton::kube {
namespace {

std::string identityOf(const ObjectReference& o) {
  return o.uid.empty() ? o.kind + '\0' + o.ns + '\0' + o.name : o.uid;
}

/// Two occurrences with the same key are one Event.
std::string keyOf(const Occurrence& o) {
  std::string key = identityOf(o.regarding);
  const auto add = [&key](std::string_view part) {
    key += '\0';
    key += part;
  };
  if (!o.dedupeKey.empty()) {
    add("once");
    add(o.dedupeKey);
    return key;
  }
  add(o.severity == Severity::Normal ? "Normal" : "Warning");
  add(o.reason);
  add(o.action);
  add(o.note);
  if (o.related) add(identityOf(*o.related));
  return key;
}

/// The same for one occurrence however often it is told of, also by another process when it has a dedupeKey.
std::string nameOf(const Occurrence& o, const std::string& key, const EventSettings& settings) {
  if (!o.dedupeKey.empty()) return eventName(o.regarding.name, o.regarding.uid + '\0' + o.dedupeKey);
  return eventName(o.regarding.name,
                   key + '\0' + settings.reportingInstance + '\0' + std::to_string(o.time.time_since_epoch().count()));
}

}  // namespace

std::optional<EventWrite> EventSeries::add(Occurrence occurrence, Steady now) {
  prune(now);
  const bool once = !occurrence.dedupeKey.empty();
  std::string key = keyOf(occurrence);
  const auto found = byKey_.find(key);
  if (found != byKey_.end()) {
    Known& known = *found->second;
    known.lastSeen = now;
    known_.splice(known_.end(), known_, found->second);
    if (once) return std::nullopt;
    ++known.count;
    known.last = occurrence.time;
    if (now - known.lastWrite < settings_.seriesPause && known.written > 1) {
      if (!std::exchange(known.grown, true)) ++grown_;
      return std::nullopt;
    }
    return write(known, now);
  }
  if (!once && !spend(occurrence.regarding, now)) {
    ++limited_;
    return std::nullopt;
  }
  Known known;
  known.name = nameOf(occurrence, key, settings_);
  known.last = occurrence.time;
  known.lastSeen = now;
  known.first = std::make_shared<const Occurrence>(std::move(occurrence));
  known.key = key;
  const auto at = known_.insert(known_.end(), std::move(known));
  byKey_.emplace(std::move(key), at);
  return write(*at, now);
}

EventWrite EventSeries::write(Known& known, Steady now) {
  known.lastWrite = now;
  known.written = known.count;
  if (std::exchange(known.grown, false)) --grown_;
  const std::string& ns = known.first->regarding.ns;
  const auto what = known.count == 1 ? EventWrite::What::Create : EventWrite::What::Patch;
  return {what, ns.empty() ? "default" : ns, known.name, known.first, known.count, known.last};
}

std::vector<EventWrite> EventSeries::due(std::optional<Steady> now) {
  std::vector<EventWrite> writes;
  for (Known& known : known_) {
    if (known.written == known.count) continue;
    if (now && *now - known.lastWrite < settings_.seriesPause) continue;
    writes.push_back(write(known, now.value_or(known.lastSeen)));
  }
  return writes;
}

std::optional<Steady> EventSeries::nextDue() const {
  std::optional<Steady> next;
  if (grown_ == 0) return next;  // mostly so, while many are remembered
  for (const Known& known : known_) {
    if (known.written == known.count) continue;
    const Steady at = known.lastWrite + settings_.seriesPause;
    next = next ? std::min(*next, at) : at;
  }
  return next;
}

/// Takes a token of the object; false when it has none.
bool EventSeries::spend(const ObjectReference& object, Steady now) {
  const auto [it, fresh] = buckets_.try_emplace(identityOf(object));
  Bucket& bucket = it->second;
  const double most = settings_.burst;
  const double refill = std::chrono::duration<double>(settings_.refill).count();
  bucket.tokens =
      fresh ? most : std::min(most, bucket.tokens + std::chrono::duration<double>(now - bucket.at).count() / refill);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/// Ends the series that paused longer than the window, and keeps within bounds. A series with something unwritten
/// stays until due() has given it out, unless there are too many.
void EventSeries::prune(Steady now) {
  while (!known_.empty()) {
    const Known& oldest = known_.front();
    const bool over = now - oldest.lastSeen > settings_.window && oldest.written == oldest.count;
    if (!over && known_.size() < settings_.remember) break;
    if (oldest.grown) --grown_;
    byKey_.erase(oldest.key);
    known_.pop_front();
  }
  if (buckets_.size() < settings_.remember) return;
  const auto whole = settings_.refill * settings_.burst;
  std::erase_if(buckets_, [&](const auto& b) { return now - b.second.at > whole; });
  // Still too many objects at once: who comes first is let go, and may spend anew.
  while (buckets_.size() >= settings_.remember) buckets_.erase(buckets_.begin());
}

}  // namespace baton::kube
