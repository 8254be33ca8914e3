#include "gateway/nonces.h"

#include <algorithm>

namespace baton::gateway {

Nonces::Use Nonces::use(const std::string& nonce, Steady now) {
  forgetOld(now);
  if (std::any_of(used_.begin(), used_.end(), [&](const auto& m) { return m.second.count(nonce) > 0; }))
    return Use::Again;
  if (remembered() >= kMost) return Use::Full;
  used_[std::chrono::floor<std::chrono::minutes>(now)].insert(nonce);
  return Use::First;
}

void Nonces::forgetOld(Steady now) {
  while (!used_.empty() && used_.begin()->first + kNonceLife + std::chrono::minutes(1) <= now)
    used_.erase(used_.begin());
}

size_t Nonces::remembered() const {
  size_t all = 0;
  for (const auto& [minute, nonces] : used_) all += nonces.size();
  return all;
}

}  // namespace baton::gateway
