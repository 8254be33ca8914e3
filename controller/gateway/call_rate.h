// How many changes one user may ask for: so many at once, then so many a second. A token bucket for each user. PURE but
// for its memory; time is an argument. Not thread-safe.
#pragma once

#include <string>
#include <unordered_map>

#include "base/time.h"

namespace baton::gateway {

class CallRate {
 public:
  struct Limit {
    double burst, perSecond;
  };
  explicit CallRate(Limit limit) : limit_(limit) {}
  /// False: too many. Users are those of the credentials file, so there are not many.
  bool take(const std::string& user, double cost, Steady now);

 private:
  struct Bucket {
    double left;
    Steady seen;
  };
  const Limit limit_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace baton::gateway
