// One run: a plan carried out, checked at every step, until everything has come to rest again.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/checks.h"
#include "sim/controller.h"
#include "sim/plan.h"

namespace baton::sim {

struct Outcome {
  std::optional<Violation> violation;
  uint64_t events = 0;
  Micros lasted = 0;
  std::map<std::string, uint64_t> ends;  // see Checks::ends
  std::vector<std::string> trace;
};

class Simulation {
 public:
  Simulation(const Plan& plan, bool traced);
  ~Simulation();
  Outcome run();

 private:
  /// A machine and the runs of the controller on it; those that are dead are kept, as answers to them are on their way.
  struct Seat {
    std::unique_ptr<Machine> machine;
    std::vector<std::unique_ptr<Controller>> runs;
    Micros backAt = -1;
    Controller& newest() { return *runs.back(); }
  };

  void makeGroup();
  void begin(Seat& seat);
  void revive();
  bool runUntil(Micros when);
  void calmDown();
  void comeToRest();
  /// What a person does when nobody has the role, or a primary that is none.
  void operate();

  // happen.cc
  void happen(const Happening& h);
  void toPeople(const Happening& h, Random& random);
  void toMember(const Happening& h, Random& random);
  void toController(const Happening& h, Random& random);
  void toServer(const Happening& h);
  void takeLease();
  // strike.cc
  void strike(Seat& seat, Micros lasting, Random random);
  void strikeNow(Seat& seat, Micros lasting, Random& random);
  void regret(Random& random);
  void blink(Micros lasting, Random& random);
  void diverge(Micros lasting, Random& random);
  void ask(Random& random);
  std::string newestRequest() const;

  const Plan plan_;
  Random random_;
  Scheduler scheduler_;
  Trace trace_;
  ApiServer server_;
  Cluster cluster_;
  Checks checks_;
  std::vector<Seat> seats_;
  bool calm_ = false;
  int requests_ = 0;
  Micros lastHelp_ = 0;
};

Outcome simulate(const Plan& plan, bool traced);

}  // namespace baton::sim
