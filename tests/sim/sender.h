// A controller as those see it who judge what it sends.
#pragma once

#include <string>

#include "http/message.h"
#include "sim/evidence.h"

namespace baton::sim {

struct Sender {
  const std::string& name;
  bool leads;  // no other can be leader now
  const Evidence& evidence;
};

/// What the judges of a run are told, all at the moment at which it happens.
class Judges {
 public:
  virtual ~Judges() = default;
  /// It leads from now on.
  virtual void leads(const Sender& s) = 0;
  /// A hook leaves for a pod: to that address, at that path, with that body.
  virtual void hookSent(const Sender& s, const std::string& ip, const std::string& path, const std::string& body) = 0;
  /// A request leaves for the API server.
  virtual void apiSent(const Sender& s, const http::Request& request) = 0;
};

}  // namespace baton::sim
