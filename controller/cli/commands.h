// The commands. Each prints on standard output, its errors on standard error, and returns the exit code.
#pragma once

#include "api/hagroup.h"
#include "cli/cluster.h"
#include "cli/options.h"
#include "cli/terminal.h"

namespace baton::cli {

int status(const Options& o, Cluster& cluster);
int switchover(const Options& o, Cluster& cluster);  // and failover
int cancel(const Options& o, Cluster& cluster);
int pause(const Options& o, Cluster& cluster);  // and resume
int history(const Options& o, Cluster& cluster);
int explain(const Options& o, Cluster& cluster);
int events(const Options& o, Cluster& cluster);
int dump(const Options& o, Cluster& cluster);
int simulate(const Options& o);

/// What may stand in the place of the last of these words, one a line, from the cluster where it must be asked.
int complete(const std::vector<std::string>& words);

/// Prints the error and what may help; the exit code for it.
int failed(const Error& e);

/// As JSON or YAML.
std::string printed(api::Json j, Output how);

/// The group as a tree: members, roles, lag, what is under way, what keeps a failover. Pure.
std::string tree(const api::HaGroup& g, const std::string& activeMessage, Time now, bool wide, const Paint& paint);

}  // namespace baton::cli
