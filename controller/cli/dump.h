// One group with all that a decision about it is made from: gathered from the cluster, or read from a file. The
// snapshot is made by the controller's own World.
#pragma once

#include <string>
#include <vector>

#include "api/json.h"
#include "cli/cluster.h"
#include "ha/snapshot.h"

namespace baton::cli {

struct Dump {
  std::string ns, group;
  Time at{};
  // Objects as the API server has them, reduced to what Baton reads: no environment, no command, no Secret is in them.
  api::Json groups, requests, pods, nodes, services;
  std::vector<std::string> notes;  // what could not be read, for a person
};

/// Error NotFound: there is no such group.
Result<Dump> gather(Cluster& cluster, const std::string& ns, const std::string& group, Time now);

api::Json toJson(const Dump& d);
/// Errors say what is wrong with the text.
Result<Dump> dumpFrom(const std::string& text);

/// As a controller sees it that has just begun: it has heard nothing from its own probes.
Result<ha::Snapshot> snapshot(const Dump& d);

}  // namespace baton::cli
