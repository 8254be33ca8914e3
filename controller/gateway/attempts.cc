#include "gateway/attempts.h"

#include <algorithm>

namespace baton::gateway {
namespace {

// So many failures cost nothing: of one user, who mistypes; of an address, behind which many users may be.
constexpr int kFreeOfUser = 3, kFreeOfAddress = 20;
constexpr std::chrono::milliseconds kFirst{250}, kMost{8000};

std::string both(const std::string& user, const std::string& address) { return user + "\n" + address; }
std::string alone(const std::string& address) { return "\n" + address; }

}  // namespace

std::chrono::milliseconds Attempts::delayOf(const std::string& key, int free, Steady now) const {
  const auto row = rows_.find(key);
  if (row == rows_.end() || now - row->second.last > kForgotten) return {};
  const int over = row->second.failures - free;
  return over <= 0 ? std::chrono::milliseconds(0) : std::min(kMost, kFirst * (1 << std::min(over - 1, 5)));
}

std::chrono::milliseconds Attempts::delay(const std::string& user, const std::string& address, Steady now) const {
  return std::max(delayOf(both(user, address), kFreeOfUser, now), delayOf(alone(address), kFreeOfAddress, now));
}

void Attempts::add(const std::string& key, Steady now) {
  Row& row = rows_[key];
  if (now - row.last > kForgotten) row.failures = 0;
  ++row.failures;
  row.last = now;
}

void Attempts::failed(const std::string& user, const std::string& address, Steady now) {
  if (rows_.size() >= kMostRows) {
    std::erase_if(rows_, [&](const auto& r) { return now - r.second.last > kForgotten; });
    // Whoever tries so many names is slowed down by his address.
    if (rows_.size() >= kMostRows) std::erase_if(rows_, [](const auto& r) { return r.first[0] != '\n'; });
  }
  add(both(user, address), now);
  add(alone(address), now);
}

void Attempts::succeeded(const std::string& user, const std::string& address) { rows_.erase(both(user, address)); }

}  // namespace baton::gateway
