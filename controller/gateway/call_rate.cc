#include "gateway/call_rate.h"

#include <algorithm>

namespace baton::gateway {

bool CallRate::take(const std::string& user, double cost, Steady now) {
  Bucket& b = buckets_.try_emplace(user, Bucket{limit_.burst, now}).first->second;
  const std::chrono::duration<double> since = now - b.seen;
  b.left = std::min(limit_.burst, b.left + since.count() * limit_.perSecond);
  b.seen = now;
  if (b.left < cost) return false;
  b.left -= cost;
  return true;
}

}  // namespace baton::gateway
