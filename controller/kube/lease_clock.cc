#include <time.h>

#include "kube/lease_machine.h"

namespace baton::kube {

BootClock::time_point BootClock::now() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return time_point(std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec));
}

}  // namespace baton::kube
