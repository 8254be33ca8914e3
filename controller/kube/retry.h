// Whether a request that failed is sent again, and when. Pure.
#pragma once

#include <chrono>
#include <optional>

#include "base/result.h"
#include "kube/client.h"

namespace baton::kube {

inline constexpr std::chrono::milliseconds kFirstPause{100};
inline constexpr std::chrono::milliseconds kLongestPause{5000};
/// A server that asks for more than this gets the request no more from here; the error says when to come again.
inline constexpr std::chrono::seconds kLongestRetryAfter{30};

/// The pause before the next try; nothing: give up. `tries`: how many were made, at least 1. random: in [0, 1).
/// A 429 was not acted on, so any request may be repeated; it also comes from an API server whose watch cache is not
/// filled yet. After a 5xx, a lost connection or a timeout only what is idempotent is repeated.
/// The pause is random from 0 to an upper limit that doubles from 100 ms to 5 s ("full jitter",
/// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and begins after Retry-After.
std::optional<std::chrono::milliseconds> pauseBeforeRetry(const ApiRequest& request, const Error& error, int tries,
                                                          double random);

}  // namespace baton::kube
