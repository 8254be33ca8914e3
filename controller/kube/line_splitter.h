// Cuts a stream into lines. Not safe for threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton::kube {

class LineSplitter {
 public:
  explicit LineSplitter(size_t maxLine) : maxLine_(maxLine) {}

  enum class End { More, Stopped, Overflow };

  /// Calls f(line) for each line that this piece completes, without its end; empty lines are left out. The view is
  /// valid during the call. f returns false: the rest is dropped. Overflow: a line is longer than the limit.
  template <class F>
  End feed(std::string_view piece, F&& f) {
    while (!piece.empty()) {
      const size_t end = piece.find('\n');
      const bool whole = end != std::string_view::npos;
      const std::string_view part = piece.substr(0, end);
      piece.remove_prefix(whole ? end + 1 : piece.size());
      if (partial_.size() + part.size() > maxLine_) return End::Overflow;
      if (!whole) {
        partial_.append(part);
      } else if (partial_.empty()) {
        if (!part.empty() && !f(part)) return End::Stopped;
      } else {
        partial_.append(part);
        const bool goOn = f(std::string_view(partial_));
        reset();
        if (!goOn) return End::Stopped;
      }
    }
    return End::More;
  }

  /// Forgets an unfinished line, and gives back the memory of a long one.
  void reset() {
    if (partial_.capacity() > kKeep)
      partial_ = std::string();
    else
      partial_.clear();
  }

 private:
  static constexpr size_t kKeep = size_t{64} << 10;
  const size_t maxLine_;
  std::string partial_;
};

}  // namespace baton::kube
