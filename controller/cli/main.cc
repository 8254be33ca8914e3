// kubectl-baton
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <map>

#include "base/log.h"
#include "cli/commands.h"
#include "http/transport.h"

namespace {

using namespace baton::cli;

int run(const Options& o) {
  static const std::map<std::string, int (*)(const Options&, Cluster&)> commands = {
      {"status", status}, {"switchover", switchover}, {"failover", switchover}, {"cancel", cancel}, {"pause", pause},
      {"resume", pause},  {"history", history},       {"explain", explain},     {"events", events}, {"dump", dump}};
  if (o.command == "simulate") return simulate(o);
  if (o.command == "completion") return std::fputs(completionScript(o.shell).c_str(), stdout), kDone;
  auto cluster = Cluster::connect(o);
  if (!cluster) return failed(cluster.error());
  return commands.at(o.command)(o, **cluster);
}

/// An interrupted --wait or --watch leaves no thread to end: what it has asked for goes on without it.
void onSignal(int signal) { _exit(128 + signal); }

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, onSignal);
  std::signal(SIGTERM, onSignal);
  baton::log::configure(baton::log::Level::Error, baton::log::Format::Text);
  baton::http::initialise();
  const std::vector<std::string> args(argv + 1, argv + argc);
  if (!args.empty() && args.front() == "__complete") return complete({args.begin() + 1, args.end()});
  auto parsed = parse(args);
  if (!parsed) {
    std::fprintf(stderr, "error: %s\nTry 'kubectl baton --help'.\n", parsed.error().message.c_str());
    return kUsage;
  }
  if (!parsed->text.empty()) return std::fputs(parsed->text.c_str(), stdout), kDone;
  return run(parsed->options);
}
