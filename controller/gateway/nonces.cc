#include "gateway/nonces.h"

namespace baton::gateway {
namespace {

// A signature may be dated ahead, so it can come back for twice its age.
constexpr auto kRemembered = 2 * kSignatureAge + std::chrono::minutes(1);

}  // namespace

bool Nonces::use(const std::string& nonce, Steady now) {
  forgetOld(now);
  return used_.emplace(nonce, now + kRemembered).second;
}

void Nonces::forgetOld(Steady now) {
  if (now < nextLook_) return;
  nextLook_ = now + std::chrono::minutes(1);
  std::erase_if(used_, [&](const auto& n) { return n.second <= now; });
}

}  // namespace baton::gateway
