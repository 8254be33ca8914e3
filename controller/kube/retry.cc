#include "kube/retry.h"

#include <algorithm>

namespace baton::kube {
namespace {

using std::chrono::milliseconds;

bool mayRepeat(const ApiRequest& request, const Error& error) {
  switch (error.kind) {
    case Error::Kind::TooManyRequests:
      return true;
    case Error::Kind::Timeout:
    case Error::Kind::Unavailable:
      // 501 Not Implemented and 505 HTTP Version Not Supported stay so.
      return request.idempotent && error.httpStatus != 501 && error.httpStatus != 505;
    default:
      return false;
  }
}

milliseconds jitter(int tries, double random) {
  milliseconds limit = kFirstPause;
  for (int i = 1; i < tries && limit < kLongestPause; ++i) limit *= 2;
  limit = std::min(limit, kLongestPause);
  return milliseconds(
      static_cast<milliseconds::rep>(std::clamp(random, 0.0, 1.0) * static_cast<double>(limit.count())));
}

}  // namespace

std::optional<milliseconds> pauseBeforeRetry(const ApiRequest& request, const Error& error, int tries, double random) {
  if (tries > request.retries || !mayRepeat(request, error)) return std::nullopt;
  const milliseconds least = error.retryAfter.value_or(std::chrono::seconds(0));
  if (least > kLongestRetryAfter) return std::nullopt;
  return least + jitter(tries, random);
}

}  // namespace baton::kube
