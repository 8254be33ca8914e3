// Chance from a seed: the same seed gives the same run. Each actor has a stream of its own, so that leaving one event
// out of a run disturbs the others as little as possible.
#pragma once

#include <cstdint>

namespace baton::sim {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  /// SplitMix64: https://prng.di.unimi.it/splitmix64.c
  uint64_t next() {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  int64_t below(int64_t n) { return n <= 1 ? 0 : static_cast<int64_t>(next() % static_cast<uint64_t>(n)); }
  int64_t between(int64_t least, int64_t most) { return least + below(most - least + 1); }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  bool chance(double p) { return p > 0 && unit() < p; }
  bool oneIn(int64_t n) { return below(n) == 0; }
  /// A stream of its own for somebody; this one goes on as if nothing had been asked.
  Random fork(uint64_t whom) const { return Random(Random(state_ ^ (whom * 0xd1342543de82ef95ULL + 1)).next()); }

 private:
  uint64_t state_;
};

}  // namespace baton::sim
