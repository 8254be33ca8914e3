#include "app/memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

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

}  // namespace

void trimMemory() {
  constexpr size_t kMany = size_t{16} << 20;
  if (mallinfo2().fordblks > kMany) malloc_trim(0);
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
