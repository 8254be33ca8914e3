// Has the primary failed? The rules of docs/failover.md, on values.
#pragma once

#include <string>

#include "ha/snapshot.h"

namespace baton::ha {

struct Failure {
  bool failed = false;
  bool unknown = false;  // it had failed by another leader's word, and this one has not heard of it yet
  std::string primary;   // who has, or last had, the role; empty: nobody knows
  std::string why;       // "its pod is gone"; for a person
  Time since{};          // when it was first seen, as far as that is stored; else now
  explicit operator bool() const { return failed; }
};

Failure failure(const Snapshot& s);

/// The same with the group's status as it will be.
Failure failure(const Snapshot& s, const api::HaGroupStatus& g);

/// It is known that this pod does not answer: calls to it would only take their time.
bool silent(const Snapshot& s, const Member& m);

/// Members that take themselves for the primary or are labelled so, when there are several; else empty.
std::vector<std::string> claimants(const Snapshot& s);

}  // namespace baton::ha
