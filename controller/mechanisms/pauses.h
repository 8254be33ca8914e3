// PURE: how long to wait before the next try.
#pragma once

#include <algorithm>
#include <chrono>

namespace baton::mechanisms {

/// Before the next try of a hook: 200 ms after the first failed one, doubling up to 5 s.
inline std::chrono::milliseconds hookPause(int failed) {
  return std::chrono::milliseconds(std::min(200 << std::clamp(failed - 1, 0, 5), 5000));
}

/// Before a write whose precondition failed is tried anew: 10 ms after the first failure, doubling up to 640 ms.
inline std::chrono::milliseconds conflictPause(int failed) {
  return std::chrono::milliseconds(10 << std::clamp(failed - 1, 0, 6));
}

/// Before looking again whether a pod is gone: 100 ms, doubling up to 1 s.
inline std::chrono::milliseconds gonePause(int looks) {
  return std::chrono::milliseconds(std::min(100 << std::clamp(looks - 1, 0, 4), 1000));
}

}  // namespace baton::mechanisms
