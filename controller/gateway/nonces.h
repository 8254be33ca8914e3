// What has been signed once is not taken twice by this replica; for others see nonce_claims.h. PURE but for its memory;
// time is an argument. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "base/time.h"

namespace baton::gateway {

/// A signature is good for so long before and after its date.
inline constexpr std::chrono::minutes kSignatureAge{15};
/// So it can come back for twice that; and a minute, as clocks differ.
inline constexpr std::chrono::minutes kNonceLife = 2 * kSignatureAge + std::chrono::minutes(1);

class Nonces {
 public:
  enum class Use { First, Again, Full };
  /// Full: so many are remembered that no signed call can be taken until some are forgotten.
  Use use(const std::string& nonce, Steady now);
  size_t remembered() const;

  static constexpr size_t kMost = 200000;

 private:
  void forgetOld(Steady now);

  // By the minute in which they came: a minute is forgotten as a whole.
  std::map<Steady, std::unordered_set<std::string>> used_;
};

}  // namespace baton::gateway
