// What the program is told at its start. Each setting is a flag and, in camelCase, a key of the YAML file that --config
// names; flags win over the file. One table (settings_table.cc) makes flags, keys, --help and docs/settings.md.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"

namespace baton::app {

/// The values here are the defaults.
struct Settings {
  std::string kubeconfig;               // empty: in-cluster, then $KUBECONFIG, then the user's
  std::string context;                  // empty: the kubeconfig's current one
  std::vector<std::string> namespaces;  // empty: all

  std::string apiAddress = ":8443";  // where to listen: listenAddress() of it
  std::string apiTlsCert, apiTlsKey;
  std::string apiCredentials;
  std::string metricsAddress = ":9090";
  std::string healthAddress = ":8081";

  bool leaderElect = true;
  std::string leaderElectNamespace;  // empty: the controller's own
  std::chrono::seconds leaseDuration{15};
  std::chrono::seconds renewDeadline{10};
  std::chrono::seconds retryPeriod{2};

  int workers = 2;
  int maxRequestsInFlight = 16;
  bool multiTenant = false;
  int maxConcurrentFailovers = 16;       // 0: any number
  int stormShare = 50;                   // per cent; 0: no brake
  int stormGroups = 10;                  // fewer than that are never a storm
  std::chrono::seconds stormWindow{60};  // failed within that time
  int shards = 1;                        // more are refused so far
  int shard = 0;

  log::Level logLevel = log::Level::Info;
  log::Format logFormat = log::Format::Json;
};

struct Parsed {
  enum class Do { Run, ShowHelp, ShowVersion };
  Do what = Do::Run;
  Settings settings;       // all defaults unless what is Run
  std::string configFile;  // empty: none
};

/// Its errors name the path.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

/// `args` without the program's name. PURE but for what readFile does, which is called only for --config. Errors are
/// for a person, and name the flag, or file, line and key, and what was expected.
Result<Parsed> parse(const std::vector<std::string>& args, const ReadFile& readFile);

/// For --help; ends with a newline; no line is longer than 100 characters.
std::string helpText();

/// The table of docs/settings.md; a test compares them.
std::string settingsTable();

/// Where the REST API listens: without a certificate only on loopback, whatever interfaces apiAddress means.
std::string apiListenAddress(const Settings& settings);

}  // namespace baton::app
