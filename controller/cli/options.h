// What stands on the command line of kubectl-baton. One table of commands makes the parser, the help and the
// completion.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace baton::cli {

/// Exit codes: a script may rely on them.
enum Exit { kDone = 0, kFailed = 1, kUsage = 2, kRefused = 3, kTimedOut = 4 };

enum class Output { Text, Wide, Json, Yaml };

struct Options {
  std::string command;  // "status"
  std::string group;    // empty where it may be
  // As kubectl has them.
  std::string kubeconfig, context, ns;
  bool allNamespaces = false;
  std::string color = "auto";  // auto, always, never
  Output output = Output::Text;
  bool watch = false;
  // Of requests.
  std::string to, zone, reason, request;
  bool wait = false, dryRun = false;
  std::chrono::seconds timeout{0};  // 0: as long as the request takes
  std::string file = "-";           // of simulate
  std::string shell;                // of completion
};

struct Parsed {
  Options options;
  std::string text;  // not empty: help or version was asked for, and this is it
};

/// An error is a sentence for the user; it ends with exit code 2.
Result<Parsed> parse(const std::vector<std::string>& args);

/// What may stand in the place of the last of these words, which may be empty or begun: "NAME\tDESCRIPTION". Names of
/// the cluster's objects are asked for by the word that the table has for them: kGroups or kRequests come instead.
std::vector<std::string> candidates(const std::vector<std::string>& words);
inline constexpr const char *kGroups = "<groups>", *kPods = "<pods>", *kRequests = "<requests>";

/// The script for that shell ("bash", "zsh", "fish"); it asks `kubectl-baton __complete`.
std::string completionScript(const std::string& shell);

}  // namespace baton::cli
