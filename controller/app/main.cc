// baton-controller
#include <csignal>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <malloc.h>
#include <pthread.h>
#include <sys/resource.h>

#include "app/program.h"
#include "app/settings.h"
#include "base/log.h"

namespace {

baton::Result<std::string> readFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return baton::notFound(path + ": can't be read");
  std::ostringstream all;
  all << in.rdbuf();
  if (!in || !all) return baton::invalid(path + ": can't be read; is it a directory?");
  return all.str();
}

/// Blocks the signals for all threads that come; main waits for them.
sigset_t blockSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return set;
}

/// Up to what the system allows: each connection of the REST API is one.
void allowManyFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == files.rlim_max) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

int run(const baton::app::Settings& settings) {
  allowManyFiles();
  const sigset_t signals = blockSignals();
  baton::log::configure(settings.logLevel, settings.logFormat);
  // Few threads allocate much, and seldom at the same time: one arena wastes least.
  mallopt(M_ARENA_MAX, 1);
  // The buffers that a TLS connection has as long as it lasts (17 KiB each) are mappings of their own: between what
  // stays for longer, each would leave a gap. Those that come and go with each request are a little smaller.
  mallopt(M_MMAP_THRESHOLD, 17 << 10);
  baton::http::initialise();
  baton::app::Program program(settings);
  if (const auto started = program.start(); !started) {
    baton::log::error("can't start", {{"error", started.error().message}});
    return 1;
  }
  int signal = 0;
  sigwait(&signals, &signal);
  baton::log::info("stopping", {{"signal", signal}});
  program.stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  const auto parsed = baton::app::parse(args, readFile);
  if (!parsed) {
    std::fprintf(stderr, "baton-controller: %s\nTry 'baton-controller --help'.\n", parsed.error().message.c_str());
    return 2;
  }
  if (parsed->what == baton::app::Parsed::Do::ShowHelp) {
    std::fputs(baton::app::helpText().c_str(), stdout);
    return 0;
  }
  if (parsed->what == baton::app::Parsed::Do::ShowVersion) {
    const auto& v = baton::app::version();
    std::printf("baton-controller %s (%s)\n", v.version.c_str(), v.commit.c_str());
    return 0;
  }
  return run(parsed->settings);
}
