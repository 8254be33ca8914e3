// One request and its answer, bounded in time and size, whatever the other side does.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/timers.h"
#include "http/transport.h"

namespace baton::mechanisms {

inline constexpr size_t kMostAnswer = size_t{64} << 10;  // bytes of a body

struct HttpAnswer {
  int status = 0;  // 100 to 599
  std::string body;
  bool cut = false;  // there was more than kMostAnswer; this is its start, and the connection has been closed
};

/// Sends request; the whole exchange ends within request.timeout (Timeout). `done` runs exactly once, on another
/// thread. `timers` must outlive it. Errors as Transport's; any HTTP status is an answer.
http::CallHandle exchange(http::Transport& transport, http::Request request, Timers& timers,
                          std::function<void(Result<HttpAnswer>)> done);

}  // namespace baton::mechanisms
