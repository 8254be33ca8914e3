// Files of configuration and credentials: small, read whole, and replaced while we run.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"

namespace baton::kube {

/// The whole file. NotFound when there is none; Invalid when it can't be read or is larger than that (bytes).
Result<std::string> readFile(const std::string& path, size_t atMost);

/// A file that others replace from time to time, as the kubelet does with projected tokens. Looked at when asked for,
/// at most once a second; read again when its time, size or inode changed, and each minute all the same. When it can't
/// be read any more, the last content stays (and a line is logged once a minute). Thread-safe.
class RotatingFile {
 public:
  explicit RotatingFile(std::string path, const Clock& clock = Clock::real());

  struct Content {
    std::string text;
    uint64_t serial = 0;  // rises with each change of the text, from 1
  };
  /// Error: it could never be read, or is empty.
  Result<Content> read() EXCLUDES(mutex_);
  /// Reads the file now. True when the text is not that of `serial`.
  bool changedSince(uint64_t serial) EXCLUDES(mutex_);

 private:
  struct Stamp {
    int64_t seconds = 0, nanoseconds = 0, size = 0;
    uint64_t inode = 0;
    bool operator==(const Stamp&) const = default;
  };
  Stamp look() const;
  void load(const Stamp& stamp) REQUIRES(mutex_);

  const std::string path_;
  const Clock& clock_;
  Mutex mutex_;
  Content content_ GUARDED_BY(mutex_);
  Error error_ GUARDED_BY(mutex_);
  Stamp stamp_ GUARDED_BY(mutex_);
  Steady looked_ GUARDED_BY(mutex_);
  Steady loaded_ GUARDED_BY(mutex_);
};

}  // namespace baton::kube
