#include "app/settings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "app/address.h"
#include "app/settings_table.h"
#include "app/spelling.h"
#include "kube/lease_machine.h"

namespace baton::app {
namespace {

/// Where each setting that was given comes from, by its flag.
using Origins = std::map<std::string, std::string>;

std::string found(const Given& given) {
  std::string all;
  for (const auto& word : given.words) all += (all.empty() ? "" : ",") + word;
  return inQuotes(all);
}

Status apply(const std::vector<Given>& all, Settings& settings, Origins& origins) {
  for (const auto& given : all) {
    if (!given.setting->set(settings, given.words))
      return invalid(given.where + ": expected " + given.setting->expected + ", found " + found(given));
    origins[given.setting->flag] = given.where;
  }
  return Ok{};
}

Status checkLease(const Settings& s, const Origins& origins) {
  const auto timings = kube::checkTimings({s.leaseDuration, s.renewDeadline, s.retryPeriod});
  if (timings.ok()) return Ok{};
  std::string where;
  for (const char* flag : {"lease-duration", "renew-deadline", "retry-period"})
    if (const auto it = origins.find(flag); it != origins.end()) where = it->second + ": ";
  return invalid(where + timings.error().message + " (found: lease duration " +
                 std::to_string(s.leaseDuration.count()) + " s, renew deadline " +
                 std::to_string(s.renewDeadline.count()) + " s, retry period " + std::to_string(s.retryPeriod.count()) +
                 " s)");
}

/// A certificate needs its key, a key its certificate, and an address that others can reach needs both.
Status checkTls(const Settings& s, const Origins& origins) {
  if (s.apiTlsCert.empty() != s.apiTlsKey.empty()) {
    const bool cert = !s.apiTlsCert.empty();
    return invalid(origins.at(cert ? "api-tls-cert" : "api-tls-key") + ": expected " +
                   (cert ? "api-tls-key" : "api-tls-cert") + " to be given, too");
  }
  const auto address = parseAddress(s.apiAddress);
  if (!s.apiTlsCert.empty() || address->host.empty() || address->loopback()) return Ok{};
  return invalid(origins.at("api-address") + ": expected a loopback address, or api-tls-cert and api-tls-key, found " +
                 inQuotes(s.apiAddress));
}

}  // namespace

Result<Parsed> parse(const std::vector<std::string>& args, const ReadFile& readFile) {
  auto flags = readFlags(args);
  if (!flags.ok()) return std::move(flags).error();
  Parsed parsed;
  if (flags->help || flags->version) {
    parsed.what = flags->help ? Parsed::Do::ShowHelp : Parsed::Do::ShowVersion;
    return parsed;
  }
  Origins origins;
  parsed.configFile = flags->config;
  if (!parsed.configFile.empty()) {
    const auto text = readFile(parsed.configFile);
    if (!text.ok())
      if (!text.ok()) return invalid("--config: " + text.error().message);
    auto file = readSettingsFile(*text, parsed.configFile);
    if (!file.ok()) return std::move(file).error();
    if (auto done = apply(*file, parsed.settings, origins); !done.ok()) return std::move(done).error();
  }
  if (auto done = apply(flags->given, parsed.settings, origins); !done.ok()) return std::move(done).error();
  if (auto done = checkLease(parsed.settings, origins); !done.ok()) return std::move(done).error();
  if (auto done = checkTls(parsed.settings, origins); !done.ok()) return std::move(done).error();
  return parsed;
}

std::string apiListenAddress(const Settings& settings) {
  const auto address = parseAddress(settings.apiAddress);
  if (!settings.apiTlsCert.empty() || !address || !address->host.empty()) return settings.apiAddress;
  return "127.0.0.1" + settings.apiAddress;
}

}  // namespace baton::app
