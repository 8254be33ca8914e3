#include "gateway/attempts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/crypto.h"

namespace baton::gateway {
namespace {

constexpr std::chrono::milliseconds kFirst{250};
constexpr int kMostWaitingOfNetwork = 128, kMostWaitingOfKnown = 4;
constexpr std::chrono::hours kKnown{24};
constexpr double kMostOver = 10;  // failures beyond the free ones that are counted: nobody is locked out for long

std::string keyOf(const std::string& user, const std::string& network) { return sha256(user + "\n" + network); }
std::string keyOf(const std::string& network) { return sha256("\n" + network); }

}  // namespace

// Of one user, who mistypes; of a network, behind which many users may be.
const Attempts::Kind Attempts::kOfUser{3, std::chrono::seconds(8), std::chrono::seconds(60)};
const Attempts::Kind Attempts::kOfNetwork{20, std::chrono::seconds(2), std::chrono::seconds(15)};

Attempts::Row& Attempts::row(const std::string& key, const Kind& kind, Steady now) {
  Row& r = rows_[key];
  const std::chrono::duration<double> since = now - r.last;
  const double forgiven = since / std::chrono::duration<double>(kind.forgiveOne);
  r.failures = std::clamp(r.failures - forgiven, static_cast<double>(r.waiting), kind.free + kMostOver + r.waiting);
  r.last = now;
  return r;
}

std::chrono::milliseconds Attempts::delayOf(const Row& row, const Kind& kind) {
  const double over = std::ceil(row.failures - kind.free);
  if (over <= 0) return std::chrono::milliseconds(0);
  return std::min(kind.most, kFirst * (1 << static_cast<int>(std::min(over - 1, 5.0))));
}

std::optional<std::chrono::milliseconds> Attempts::begin(const std::string& user, const std::string& network,
                                                         Steady now) {
  makeRoom();
  Row& ofNetwork = row(keyOf(network), kOfNetwork, now);
  Row& ofUser = row(keyOf(user, network), kOfUser, now);  // references stay when a map grows
  const bool trusted = ofUser.succeeded && now - *ofUser.succeeded < kKnown;
  const auto own = delayOf(ofUser, kOfUser), wait = trusted ? own : std::max(own, delayOf(ofNetwork, kOfNetwork));
  const bool tooMany = trusted ? ofUser.waiting >= kMostWaitingOfKnown : ofNetwork.waiting >= kMostWaitingOfNetwork;
  if (wait.count() > 0 && tooMany) return std::nullopt;
  for (Row* r : {&ofNetwork, &ofUser}) ++r->failures, ++r->waiting;
  return wait;
}

void Attempts::ended(const std::string& user, const std::string& network, End end, Steady now) {
  Row& ofNetwork = row(keyOf(network), kOfNetwork, now);
  Row& ofUser = row(keyOf(user, network), kOfUser, now);
  for (Row* r : {&ofNetwork, &ofUser}) {
    r->waiting = std::max(0, r->waiting - 1);
    if (end != End::Failed) r->failures = std::max<double>(r->failures - 1, r->waiting);
  }
  if (end != End::Succeeded) return;
  ofUser.failures = ofUser.waiting;
  ofUser.succeeded = now;
}

bool Attempts::known(const std::string& user, const std::string& network, Steady now) const {
  const auto found = rows_.find(keyOf(user, network));
  return found != rows_.end() && found->second.succeeded && now - *found->second.succeeded < kKnown;
}

/// Who has succeeded stays longest; of the others the oldest tenth goes: whoever tries so many names is slowed down by
/// his network, which has tried just now.
void Attempts::makeRoom() {
  if (rows_.size() + 2 <= kMostRows) return;
  const auto expendable = [](const Row& r, bool known) { return r.waiting == 0 && r.succeeded.has_value() == known; };
  for (const bool known : {false, true}) {
    std::vector<Steady> times;
    for (const auto& [key, r] : rows_)
      if (expendable(r, known)) times.push_back(r.last);
    if (times.size() < kMostRows / 10) continue;
    const auto tenth = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 10);
    std::nth_element(times.begin(), tenth, times.end());
    std::erase_if(rows_, [&](const auto& r) { return expendable(r.second, known) && r.second.last <= *tenth; });
    return;
  }
}

}  // namespace baton::gateway
