// Writes Events beside the work: never blocks, never fails the caller. What is written is decided by event_series.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/time.h"
#include "base/timers.h"
#include "kube/client.h"
#include "kube/event_series.h"

namespace baton::kube {

/// Safe from every thread.
class EventRecorder {
 public:
  virtual ~EventRecorder() = default;
  /// Occurrence::time may be left at its default: now.
  virtual void record(Occurrence occurrence) = 0;
};

/// For tests, and where Events are not wanted.
class NoEvents final : public EventRecorder {
 public:
  void record(Occurrence) override {}
};

struct EventRecorderOptions {
  EventSettings events;  // reportingInstance: the leader's identity
  size_t queue = 5000;   // writes waiting; of more the oldest are dropped
  int inFlight = 64;     // handed to the client, where they wait behind everything else
};

class ApiEventRecorder final : public EventRecorder {
 public:
  /// client and timers must outlive it.
  ApiEventRecorder(Client& client, Timers& timers, const Clock& clock, EventRecorderOptions options);
  /// What still waits is dropped; see flush(). Not to be called from a callback of the client.
  ~ApiEventRecorder() override;
  ApiEventRecorder(const ApiEventRecorder&) = delete;
  ApiEventRecorder& operator=(const ApiEventRecorder&) = delete;

  void record(Occurrence occurrence) override;
  /// Writes what waits, growing series too. Blocks until it is done (true) or that time.
  bool flush(Steady deadline);
  /// Left out since the start: queue full, no tokens, or refused by the server.
  uint64_t dropped() const;

 private:
  class Inner;
  std::shared_ptr<Inner> inner_;  // also held by requests and timers under way
};

}  // namespace baton::kube
