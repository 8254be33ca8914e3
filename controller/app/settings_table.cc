#include "app/settings_table.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <utility>

#include "app/address.h"

namespace baton::app {
namespace {

using Words = std::vector<std::string>;
using Check = bool (*)(std::string_view);

std::string camel(std::string_view flag) {
  std::string key;
  for (size_t i = 0; i < flag.size(); ++i) {
    if (flag[i] == '-')
      key += static_cast<char>(std::toupper(static_cast<unsigned char>(flag[++i])));
    else
      key += flag[i];
  }
  return key;
}

bool anything(std::string_view) { return true; }
bool isAddress(std::string_view text) { return parseAddress(text).has_value(); }

/// A DNS label, as names of namespaces are.
bool isNamespace(std::string_view text) {
  const auto good = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), good) && text.front() != '-' &&
         text.back() != '-';
}
bool isNamespaceOrEmpty(std::string_view text) { return text.empty() || isNamespace(text); }

std::optional<int> wholeNumber(const std::string& text, int least, int most) {
  int n = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc() || stop != end || n < least || n > most) return std::nullopt;
  return n;
}

Setting start(std::string flag, std::string placeholder, Shape shape, std::string expected, std::string meaning) {
  Setting s;
  s.key = camel(flag);
  s.flag = std::move(flag);
  s.placeholder = std::move(placeholder);
  s.shape = shape;
  s.expected = std::move(expected);
  s.meaning = std::move(meaning);
  return s;
}

struct TextKind {
  std::string placeholder, expected;
  Check check;
};
const TextKind kFile{"FILE", "the path of a file", anything};
const TextKind kName{"NAME", "a name", anything};
const TextKind kNamespace{"NAME", "the name of a namespace", isNamespaceOrEmpty};
const TextKind kAddress{"ADDRESS", "HOST:PORT, [IPV6]:PORT or :PORT", isAddress};

Setting text(std::string flag, const TextKind& kind, std::string Settings::*member, std::string unset,
             std::string meaning) {
  Setting s = start(std::move(flag), kind.placeholder, Shape::Text, kind.expected, std::move(meaning));
  s.unset = std::move(unset);
  s.set = [member, check = kind.check](Settings& settings, const Words& words) {
    if (!check(words.front())) return false;
    settings.*member = words.front();
    return true;
  };
  s.show = [member](const Settings& settings) { return settings.*member; };
  return s;
}

Setting namespaces(std::string flag, std::vector<std::string> Settings::*member, std::string unset,
                   std::string meaning) {
  Setting s = start(std::move(flag), "NAME,...", Shape::List, "names of namespaces, each once", std::move(meaning));
  s.unset = std::move(unset);
  s.set = [member](Settings& settings, const Words& words) {
    Words sorted = words;
    std::sort(sorted.begin(), sorted.end());
    if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return false;
    if (!std::all_of(words.begin(), words.end(), isNamespace)) return false;
    settings.*member = words;
    return true;
  };
  s.show = [](const Settings&) { return std::string(); };
  return s;
}

Setting onOff(std::string flag, bool Settings::*member, std::string meaning) {
  Setting s = start(std::move(flag), "", Shape::Switch, "true or false", std::move(meaning));
  s.set = [member](Settings& settings, const Words& words) {
    if (words.front() != "true" && words.front() != "false") return false;
    settings.*member = words.front() == "true";
    return true;
  };
  s.show = [member](const Settings& settings) { return settings.*member ? "true" : "false"; };
  return s;
}

struct Range {
  int least, most;
  std::string expected;  // when it needs a word of its own
};

/// Number is int, or seconds.
template <class Number>
Setting number(std::string flag, std::string placeholder, Number Settings::*member, const Range& range,
               std::string meaning) {
  const std::string expected = !range.expected.empty() ? range.expected
                                                       : "a whole number from " + std::to_string(range.least) + " to " +
                                                             std::to_string(range.most);
  Setting s = start(std::move(flag), std::move(placeholder), Shape::Number, expected, std::move(meaning));
  s.set = [member, least = range.least, most = range.most](Settings& settings, const Words& words) {
    const auto n = wholeNumber(words.front(), least, most);
    if (n) settings.*member = Number(*n);
    return n.has_value();
  };
  s.show = [member](const Settings& settings) {
    if constexpr (std::is_same_v<Number, int>)
      return std::to_string(settings.*member);
    else
      return std::to_string((settings.*member).count());
  };
  return s;
}

template <class Value>
using Choices = std::vector<std::pair<std::string, Value>>;

template <class Value>
Setting choice(std::string flag, Value Settings::*member, const Choices<Value>& choices, std::string meaning) {
  std::string expected, placeholder;
  for (size_t i = 0; i < choices.size(); ++i) {
    expected += (i == 0 ? "" : i + 1 < choices.size() ? ", " : " or ") + choices[i].first;
    placeholder += (i == 0 ? "" : "|") + choices[i].first;
  }
  Setting s = start(std::move(flag), placeholder, Shape::Text, expected, std::move(meaning));
  s.set = [member, choices](Settings& settings, const Words& words) {
    for (const auto& [word, value] : choices) {
      if (word != words.front()) continue;
      settings.*member = value;
      return true;
    }
    return false;
  };
  s.show = [member, choices](const Settings& settings) {
    for (const auto& [word, value] : choices)
      if (value == settings.*member) return word;
    return std::string();
  };
  return s;
}

const Range kSeconds{1, 3600, "whole seconds from 1 to 3600"};
const Choices<log::Level> kLevels = {
    {"debug", log::Level::Debug}, {"info", log::Level::Info}, {"warn", log::Level::Warn}, {"error", log::Level::Error}};
const Choices<log::Format> kFormats = {{"json", log::Format::Json}, {"text", log::Format::Text}};

std::vector<Setting> table() {
  using S = Settings;
  return {
      text("kubeconfig", kFile, &S::kubeconfig, "in-cluster account, then $KUBECONFIG, then ~/.kube/config",
           "Where the API server is, and who Baton is there."),
      text("context", kName, &S::context, "the current one", "The kubeconfig's context to use."),
      namespaces("namespaces", &S::namespaces, "all", "Only groups of these namespaces are looked after."),
      text("api-address", kAddress, &S::apiAddress, "",
           "Where the REST API listens. Without a certificate: only on loopback."),
      text("api-tls-cert", kFile, &S::apiTlsCert, "none",
           "The REST API's certificate chain, PEM. Read again when it changes. Needs api-tls-key."),
      text("api-tls-key", kFile, &S::apiTlsKey, "none", "The certificate's private key, PEM."),
      text("api-credentials", kFile, &S::apiCredentials, "none",
           "Who may call the REST API. Read again when it changes. None: the API is not served."),
      text("metrics-address", kAddress, &S::metricsAddress, "", "Where /metrics is served."),
      text("health-address", kAddress, &S::healthAddress, "", "Where /healthz and /readyz are served."),
      onOff("leader-elect", &S::leaderElect,
            "Of several replicas only the holder of a Lease acts. Turn it off only where there can never be two."),
      text("leader-elect-namespace", kNamespace, &S::leaderElectNamespace, "the controller's own",
           "The namespace of the Lease."),
      number("lease-duration", "SECONDS", &S::leaseDuration, kSeconds,
             "How long other replicas wait for a leader that is silent. Longer than renew-deadline."),
      number("renew-deadline", "SECONDS", &S::renewDeadline, kSeconds,
             "A leader that could not renew its Lease for so long gives up. Longer than 1.2 times retry-period."),
      number("retry-period", "SECONDS", &S::retryPeriod, kSeconds,
             "The pause between two tries to renew or to get the Lease."),
      number("workers", "N", &S::workers, {1, 64, ""}, "How many groups are decided on at the same time."),
      number("max-requests-in-flight", "N", &S::maxRequestsInFlight, {1, 1000, ""},
             "Requests to the API server at the same time; a few more for role changes."),
      onOff("multi-tenant", &S::multiTenant,
            "Groups must name a serviceAccountName; hooks run with its rights and never with Baton's own."),
      number("max-concurrent-failovers", "N", &S::maxConcurrentFailovers, {0, 10000, ""},
             "Failovers of all groups at the same time; others wait for one to end. 0: any number."),
      number("storm-share", "PERCENT", &S::stormShare, {0, 100, ""},
             "When so many of all groups fail within storm-window, no failover is begun. 0: never."),
      number("storm-groups", "N", &S::stormGroups, {1, 100000, ""}, "Fewer failed groups than that are no storm."),
      number("storm-window", "SECONDS", &S::stormWindow, kSeconds, "The time in which failed groups are counted."),
      number("shards", "N", &S::shards, {1, 1, "1 (more than one shard is not supported yet)"},
             "Reserved: how many controllers share the groups."),
      number("shard", "N", &S::shard, {0, 0, "0 (more than one shard is not supported yet)"},
             "Reserved: which of them this one is."),
      choice("log-level", &S::logLevel, kLevels, "The least important messages that are logged."),
      choice("log-format", &S::logFormat, kFormats, "One JSON object a line, or text for people."),
  };
}

}  // namespace

const std::vector<Setting>& allSettings() {
  static const std::vector<Setting> all = table();
  return all;
}

const std::vector<ProgramFlag>& programFlags() {
  static const std::vector<ProgramFlag> all = {
      {"config", "FILE", "A YAML file with settings. Flags win over it."},
      {"version", "", "Print the version."},
      {"help", "", "Print this."},
  };
  return all;
}

}  // namespace baton::app
