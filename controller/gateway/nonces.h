// What has been signed once is not taken twice. PURE but for its memory; time is an argument. Not thread-safe.
// Of calls that change something, another replica learns by the SwitchoverRequest, whose name is made of the nonce.
#pragma once

#include <string>
#include <unordered_map>

#include "base/time.h"

namespace baton::gateway {

/// A signature is good for so long before and after its date.
inline constexpr std::chrono::minutes kSignatureAge{15};

class Nonces {
 public:
  /// False: it was used before.
  bool use(const std::string& nonce, Steady now);
  size_t remembered() const { return used_.size(); }

 private:
  void forgetOld(Steady now);

  std::unordered_map<std::string, Steady> used_;  // until when it is remembered
  Steady nextLook_{};
};

}  // namespace baton::gateway
