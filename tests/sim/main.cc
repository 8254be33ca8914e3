// Runs the simulator: seed after seed until the time is over, or one seed again.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "base/log.h"
#include "sim/shrink.h"
#include "sim/simulation.h"

namespace {

using namespace baton::sim;

constexpr const char* kUsage =
    "usage: sim [--seconds N] [--seed S] [--step D] [--seeds N] [--replay S] [--events] [--until-found] [--all]\n"
    "  --seconds N    so long, at most (10)\n"
    "  --seed S       the first seed (1); --step D: every Dth from there (1); --seeds N: no more than so many\n"
    "  --replay S     this seed alone, with its whole trace; without making it smaller\n"
    "  --events       with --replay: what the plan of the seed is, and nothing is run\n"
    "  --until-found  ends with 0 when a seed breaks a rule, and with 1 when none does\n"
    "  --all          goes on after a seed that breaks a rule, and tells a line of each\n"
    "A seed that breaks a rule is made as small as it can be, and told; then the program ends with 1.\n";

struct Arguments {
  uint64_t seed = 1, step = 1, seeds = UINT64_MAX;
  double seconds = 10;
  std::optional<uint64_t> replay;
  bool events = false, untilFound = false, all = false;
};

bool number(const char* word, uint64_t& n) {
  const char* end = word + std::strlen(word);
  const auto [p, error] = std::from_chars(word, end, n);
  return error == std::errc() && p == end;
}

bool read(int argc, char** argv, Arguments& a) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    uint64_t n = 0;
    if (word == "--events") {
      a.events = true;
    } else if (word == "--until-found") {
      a.untilFound = true;
    } else if (word == "--all") {
      a.all = true;
    } else if (i + 1 >= argc || !number(argv[++i], n)) {
      return false;
    } else if (word == "--seconds") {
      a.seconds = static_cast<double>(n);
    } else if (word == "--seed") {
      a.seed = n;
    } else if (word == "--step") {
      a.step = n;
    } else if (word == "--seeds") {
      a.seeds = n;
    } else if (word == "--replay") {
      a.replay = n;
    } else {
      return false;
    }
  }
  return true;
}

void print(const Plan& plan) {
  std::printf("seed %llu: %s\n", static_cast<unsigned long long>(plan.seed), describe(plan).c_str());
  for (const Happening& h : plan.happenings)
    std::printf("%10.3f         -- %s\n", static_cast<double>(h.when) / kSecond, describe(h).c_str());
}

void print(const Outcome& o) {
  for (const auto& line : o.trace) std::printf("%s\n", line.c_str());
  if (o.violation)
    std::printf("broken: %s: %s\n", o.violation->rule.c_str(), o.violation->what.c_str());
  else
    std::printf("no rule is broken\n");
}

void tell(uint64_t seed, const Violation& v) {
  std::printf("seed %llu: %s: %s\n", static_cast<unsigned long long>(seed), v.rule.c_str(), v.what.c_str());
}

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

int replay(const Arguments& a) {
  const Plan plan = makePlan(*a.replay);
  print(plan);
  if (a.events) return 0;
  const Outcome o = simulate(plan, true);
  print(o);
  return o.violation ? 1 : 0;
}

int search(const Arguments& a) {
  const auto begin = std::chrono::steady_clock::now();
  uint64_t events = 0, runs = 0;
  double hours = 0;
  std::optional<uint64_t> found;
  std::map<std::string, uint64_t> ends;
  for (uint64_t seed = a.seed; runs < a.seeds && !found && secondsSince(begin) < a.seconds; seed += a.step) {
    const Outcome o = simulate(makePlan(seed), false);
    ++runs;
    events += o.events;
    hours += static_cast<double>(o.lasted) / (60.0 * kMinute);
    for (const auto& [how, n] : o.ends) ends[how] += n;
    if (o.violation && a.all) tell(seed, *o.violation);
    if (o.violation && !a.all) found = seed;
  }
  const double took = secondsSince(begin);
  if (found && !a.untilFound) {
    const Plan plan = shrink(makePlan(*found));
    print(plan);
    print(simulate(plan, true));
  } else if (found) {
    tell(*found, *simulate(makePlan(*found), false).violation);
  }
  if (!a.untilFound)
    for (const auto& [how, n] : ends) std::printf("%10llu %s\n", static_cast<unsigned long long>(n), how.c_str());
  std::printf("%llu seeds, %llu events, %.1f simulated hours, %.1f s; %.0f events/s, %.1f hours/s\n",
              static_cast<unsigned long long>(runs), static_cast<unsigned long long>(events), hours, took,
              static_cast<double>(events) / took, hours / took);
  return found.has_value() == a.untilFound ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read(argc, argv, arguments)) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  baton::log::configure(baton::log::Level::Error, baton::log::Format::Text);
  return arguments.replay ? replay(arguments) : search(arguments);
}
