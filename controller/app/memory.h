// What only the start needed, given back.
#pragma once

#include <algorithm>
#include <cstddef>

namespace baton::app {

/// Returns free heap pages to the system, and drops resident pages of code and constants, which come back one by one
/// as they are used again: most of what a program's start touches, it never touches again. Safe from every thread.
void giveBackMemory();

/// Gives back what a burst of work has left behind. Cheap while there is none, so that it can look often. Not
/// thread-safe.
class MemoryKeeper {
 public:
  void look(size_t connections);

  /// Of a process, in bytes.
  struct Held {
    size_t resident = 0;   // of its own, so not code and constants
    size_t allocated = 0;  // 0: not known, as another allocator is in use
  };
  // Is it worth while? PURE but for what they remember.
  /// Most connections have gone: what they needed lies scattered over the heap. Said twice, as the last ones take leave
  /// at that moment.
  bool burstIsOver(size_t connections);
  bool tooMuch(Held held);
  void gaveBack(Held left) { rest_ = left.resident - std::min(left.resident, left.allocated); }

 private:
  size_t most_ = 0;  // connections
  bool again_ = false;
  /// What stays when all that can be given back has been: stacks, pages with a little on each.
  size_t rest_ = size_t{1} << 20;
};

}  // namespace baton::app
