// What only the start needed, given back.
#pragma once

namespace baton::app {

/// Returns free heap pages to the system, and drops resident pages of code and constants, which come back one by one
/// as they are used again: most of what a program's start touches, it never touches again. Safe from every thread.
void giveBackMemory();

/// Returns free heap pages to the system when they are many, as after a flood of connections. Cheap when they are not.
void trimMemory();

}  // namespace baton::app
