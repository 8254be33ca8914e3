#include "app/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>

namespace baton::app {
namespace {

struct Mapping {
  uintptr_t begin = 0, end = 0;
  bool readOnlyFile = false;
  bool clean = true;  // nothing in it was ever written, by the loader neither
};

/// "7f00-7f10 r-xp 00000000 08:01 1234 /usr/lib/libx.so"; false for the other lines of smaps.
bool parseHead(const std::string& line, Mapping& m) {
  unsigned long long begin = 0, end = 0;
  char perms[5] = {}, path[2] = {};
  if (std::sscanf(line.c_str(), "%llx-%llx %4s %*s %*s %*s %1s", &begin, &end, perms, path) < 3) return false;
  m = {static_cast<uintptr_t>(begin), static_cast<uintptr_t>(end), perms[1] == '-' && path[0] == '/', true};
  return true;
}

void drop(const Mapping& m) {
  if (!m.readOnlyFile || !m.clean || m.end <= m.begin) return;
  // A private mapping of a file without pages of our own: what is dropped is read from the file again.
  madvise(reinterpret_cast<void*>(m.begin), m.end - m.begin, MADV_DONTNEED);
}

/// https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
MemoryKeeper::Held heldNow() {
  size_t size = 0, resident = 0, shared = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> shared;
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const struct mallinfo2 m = mallinfo2();
  return {(resident - std::min(resident, shared)) * page, m.uordblks + m.hblkhd};
}

}  // namespace

bool MemoryKeeper::burstIsOver(size_t connections) {
  constexpr size_t kBurst = 16;
  most_ = std::max(most_, connections);
  if (most_ < kBurst || connections > most_ / 4) return std::exchange(again_, false);
  most_ = connections;
  return again_ = true;
}

bool MemoryKeeper::tooMuch(Held held) {
  if (held.allocated == 0) return false;
  const size_t over = held.resident - std::min(held.resident, held.allocated);
  rest_ = std::min(rest_, over);
  return over > rest_ + held.allocated / 4 + (size_t{1} << 20);
}

void MemoryKeeper::look(size_t connections) {
  const bool over = burstIsOver(connections), much = tooMuch(heldNow());
  if (!over && !much) return;
  malloc_trim(0);  // code stays: what is dropped of it comes back by and by, at any time
  gaveBack(heldNow());
}

void giveBackMemory() {
  malloc_trim(0);
  std::ostringstream all;  // read first: dropping changes what is being read
  all << std::ifstream("/proc/self/smaps").rdbuf();
  std::istringstream in(all.str());
  Mapping m, next;
  for (std::string line; std::getline(in, line);) {
    if (parseHead(line, next)) {
      drop(m);
      m = next;
      continue;
    }
    unsigned long kib = 0;
    if (std::sscanf(line.c_str(), "Private_Dirty: %lu", &kib) == 1 ||
        std::sscanf(line.c_str(), "Anonymous: %lu", &kib) == 1 || std::sscanf(line.c_str(), "Swap: %lu", &kib) == 1)
      m.clean = m.clean && kib == 0;
  }
  drop(m);
}

}  // namespace baton::app
