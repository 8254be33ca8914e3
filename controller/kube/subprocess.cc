#include "kube/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <map>
#include <system_error>

extern char** environ;

namespace baton::kube {
namespace {

using std::chrono::steady_clock;

constexpr int kLookEvery = 20;  // milliseconds

/// Both ends of a pipe; closed at the end, or before by the caller.
struct Pipe {
  std::array<int, 2> fd{-1, -1};
  Pipe() {
    if (::pipe2(fd.data(), O_CLOEXEC) != 0) fd = {-1, -1};
  }
  ~Pipe() {
    closeEnd(0);
    closeEnd(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void closeEnd(size_t i) {
    if (fd[i] >= 0) ::close(fd[i]);
    fd[i] = -1;
  }
};

std::string explain(int number) { return std::generic_category().message(number); }

std::vector<std::string> fullEnvironment(const Command& command) {
  std::map<std::string, std::string> all;
  for (char** e = environ; e != nullptr && *e != nullptr; ++e) {
    const std::string entry = *e;
    const size_t eq = entry.find('=');
    if (eq != std::string::npos) all.emplace(entry.substr(0, eq), entry.substr(eq + 1));
  }
  for (const auto& [name, value] : command.environment) all[name] = value;
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> p;
  p.reserve(strings.size() + 1);
  for (std::string& s : strings) p.push_back(s.data());
  p.push_back(nullptr);
  return p;
}

/// posix_spawn with what run() promises; 0 or an errno value.
int spawn(const Command& command, const Pipe& out, const Pipe& err, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out.fd[1], 1);
  posix_spawn_file_actions_adddup2(&files, err.fd[1], 2);
  posix_spawn_file_actions_addclosefrom_np(&files, 3);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = fullEnvironment(command);
  const int failed = posix_spawnp(&pid, arguments.front().c_str(), &files, &attributes, pointers(arguments).data(),
                                  pointers(environment).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed;
}

/// Reads what is there. False at the end of the file.
bool drain(int fd, std::string& into, size_t most, bool& tooMuch) {
  std::array<char, 8192> buffer;
  for (;;) {
    const ssize_t n = ::read(fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    if (n == 0) return false;
    const size_t got = static_cast<size_t>(n);
    const size_t room = most - into.size();
    into.append(buffer.data(), std::min(got, room));
    tooMuch = tooMuch || got > room;
  }
}

/// The child and what it writes, until it ends or has to.
class Running {
 public:
  Running(pid_t pid, int out, int err) : pid_(pid), out_(out), err_(err) {
    ::fcntl(out_, F_SETFL, O_NONBLOCK);
    ::fcntl(err_, F_SETFL, O_NONBLOCK);
  }
  ~Running() {
    if (ended_) return;
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

  Result<Output> finish(const Command& command, const std::atomic<bool>& stop) {
    const auto end = steady_clock::now() + command.timeout;
    for (;;) {
      pause();
      // First whether it ended, then what it wrote: so nothing written before the end is missed. A descendant that
      // still holds the pipes is not waited for.
      const bool ended = reap();
      bool tooMuch = false;
      bool dropped = false;
      outOpen_ = outOpen_ && drain(out_, output_.out, command.mostOutput, tooMuch);
      errOpen_ = errOpen_ && drain(err_, output_.err, command.mostErrors, dropped);
      if (tooMuch) return invalid("wrote more than " + std::to_string(command.mostOutput) + " bytes");
      if (ended) return std::move(output_);
      if (stop) return cancelled("ended, as we are stopping");
      if (steady_clock::now() >= end)
        return timedOut("did not end within " + std::to_string(command.timeout.count()) + " ms");
    }
  }

 private:
  void pause() const {
    std::array<pollfd, 2> p{{{outOpen_ ? out_ : -1, POLLIN, 0}, {errOpen_ ? err_ : -1, POLLIN, 0}}};
    ::poll(p.data(), p.size(), kLookEvery);
  }

  bool reap() {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) != pid_) return false;
    ended_ = true;
    output_.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

  const pid_t pid_;
  const int out_;
  const int err_;
  bool outOpen_ = true;
  bool errOpen_ = true;
  bool ended_ = false;
  Output output_;
};

}  // namespace

Result<Output> run(const Command& command, const std::atomic<bool>& stop) {
  if (command.arguments.empty() || command.arguments.front().empty()) return invalid("no program given");
  Pipe out;
  Pipe err;
  if (out.fd[0] < 0 || err.fd[0] < 0) return internal("cannot make a pipe: " + explain(errno));
  pid_t pid = 0;
  if (const int failed = spawn(command, out, err, pid); failed != 0) {
    const std::string message = "cannot start " + command.arguments.front() + ": " + explain(failed);
    return failed == ENOENT ? notFound(message) : invalid(message);
  }
  out.closeEnd(1);
  err.closeEnd(1);
  return Running(pid, out.fd[0], err.fd[0]).finish(command, stop);
}

}  // namespace baton::kube
