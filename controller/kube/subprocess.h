// Runs a program to its end, without a terminal, and collects what it writes.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace baton::kube {

struct Command {
  std::vector<std::string> arguments;  // the first is the program: a path, or a name to be found on PATH
  std::vector<std::pair<std::string, std::string>> environment;  // besides our own; these win
  std::chrono::milliseconds timeout{60000};
  size_t mostOutput = 1 << 20;  // bytes; more ends the program
  size_t mostErrors = 1024;     // bytes kept of what it writes to standard error; the rest is read and dropped
};

struct Output {
  int exitCode = 0;  // 128 + N when signal N ended it
  std::string out;
  std::string err;
};

/// Blocks. The program gets no open file of ours, /dev/null as standard input, default signal handling and a process
/// group of its own, which is killed with all its descendants when the time is over or `stop` becomes true (looked at
/// each 20 ms). Errors: NotFound or Invalid (can't be started), Timeout, Cancelled, Invalid (too much output).
Result<Output> run(const Command& command, const std::atomic<bool>& stop);

}  // namespace baton::kube
