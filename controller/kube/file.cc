#include "kube/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace baton::kube {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kLoadEvery{60};
constexpr size_t kLargest = 1 << 20;  // bytes of a credential file

Error failure(const std::string& path, int number) {
  const std::string message = "cannot read " + path + ": " + std::generic_category().message(number);
  return number == ENOENT ? notFound(message) : invalid(message);
}

class Descriptor {
 public:
  explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

}  // namespace

Result<std::string> readFile(const std::string& path, size_t atMost) {
  const Descriptor file(path);
  if (file.get() < 0) return failure(path, errno);
  std::string text;
  size_t size = 0;
  for (;;) {
    text.resize(size + 16384);
    const ssize_t n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure(path, errno);
    if (n == 0) break;
    size += static_cast<size_t>(n);
    if (size > atMost) return invalid(path + " is larger than " + std::to_string(atMost) + " bytes");
  }
  text.resize(size);
  return text;
}

RotatingFile::RotatingFile(std::string path, const Clock& clock) : path_(std::move(path)), clock_(clock) {}

RotatingFile::Stamp RotatingFile::look() const {
  struct stat s {};
  if (::stat(path_.c_str(), &s) != 0) return {};
  return {s.st_mtim.tv_sec, s.st_mtim.tv_nsec, s.st_size, s.st_ino};
}

void RotatingFile::load(const Stamp& stamp) {
  loaded_ = looked_ = clock_.steady();
  stamp_ = stamp;
  auto text = readFile(path_, kLargest);
  if (text && text->empty()) text = invalid(path_ + " is empty");
  if (!text) {
    error_ = std::move(text).error();
    if (content_.serial != 0) log::warn("Keeping the last content of a file", {{"error", error_.message}});
    return;
  }
  if (content_.serial != 0 && content_.text == *text) return;
  content_.text = std::move(*text);
  ++content_.serial;
}

Result<RotatingFile::Content> RotatingFile::read() {
  MutexLock l(mutex_);
  const Steady now = clock_.steady();
  if (content_.serial == 0) {
    load(look());
    if (content_.serial == 0) return error_;
  } else if (now - looked_ >= kLookEvery) {
    looked_ = now;
    // The stamp is taken before the content: a change in between is seen the next time.
    const Stamp stamp = look();
    if (stamp != stamp_ || now - loaded_ >= kLoadEvery) load(stamp);
  }
  return content_;
}

bool RotatingFile::changedSince(uint64_t serial) {
  MutexLock l(mutex_);
  load(look());
  return content_.serial != serial;
}

}  // namespace baton::kube
