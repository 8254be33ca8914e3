// Kubeconfig files, settings and flags.
#include "app/settings.h"
#include "fuzz/fuzz.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_resolve.h"
#include "kube/yaml_map.h"

namespace baton::fuzz {
namespace {

constexpr std::string_view kSecret = "Zq7xSecret9Kw";  // in the corpus it stands where secrets do

bool usesFiles(const kube::Kubeconfig& k) {
  for (const auto& c : k.clusters)
    if (!c.ca.path.empty()) return true;
  for (const auto& u : k.users)
    if (!u.clientCert.path.empty() || !u.clientKey.path.empty() || !u.tokenFile.empty()) return true;
  return false;
}

/// The secret stands only where secrets are, and nowhere else.
bool keepsSecret(const kube::Kubeconfig& k) {
  std::string shown = k.currentContext;
  for (const auto& c : k.clusters) shown += c.name + c.server + c.tlsServerName + c.proxyUrl;
  for (const auto& c : k.contexts) shown += c.name + c.cluster + c.user + c.ns;
  for (const auto& u : k.users) {
    shown += u.name + u.interactiveMode + u.authProvider;
    if (u.exec) shown += u.exec->apiVersion + u.exec->command;
    for (const auto& [key, value] : u.as.extra) shown += key;
  }
  return shown.find(kSecret) == shown.npos;
}

void kubeconfig(const std::string& text) {
  const auto k = kube::parseKubeconfig(text, "dir/config");
  if (!k) return check(!k.error().message.empty(), "an error says something");
  const auto twice = kube::mergeKubeconfigs({*k, *k});
  check(twice.clusters.size() == k->clusters.size() && twice.users.size() == k->users.size() &&
            twice.contexts.size() == k->contexts.size() && twice.currentContext == k->currentContext,
        "a file twice is the same as once");
  if (usesFiles(*k)) return;
  std::vector<std::string> contexts = {""};
  for (const auto& c : k->contexts) contexts.push_back(c.name);
  contexts.resize(std::min<size_t>(contexts.size(), 3));
  for (const auto& context : contexts) {
    const auto config = kube::resolveKubeconfig(*k, context, Clock::real());
    if (config)
      check(config->server.starts_with("http") && config->authenticator != nullptr, "a server is somewhere");
    else if (keepsSecret(*k))
      check(config.error().message.find(kSecret) == std::string::npos, "no message quotes a secret");
  }
}

/// Any map as JSON: aliases make no more of it than there is.
void anything(const std::string& text) {
  try {
    const auto document = kube::YamlMap::document(text, "file");
    for (const auto& key : document.keys()) {
      try {
        check(document.json(key.c_str()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).size() <
                  text.size() * 10000 + 100000,
              "JSON is not much larger than its YAML");
      } catch (const kube::YamlFault&) {
        continue;
      }
    }
  } catch (const kube::YamlFault& fault) {
    check(std::string_view(fault.what()).starts_with("file"), "a message names the file");
  }
}

void settings(const std::string& text) {
  const auto parsed =
      app::parse({"--config", "f.yaml"}, [&](const std::string&) -> Result<std::string> { return text; });
  if (!parsed) return check(!parsed.error().message.empty(), "an error says something");
  const app::Settings& s = parsed->settings;
  check(s.workers >= 1 && s.workers <= 64 && s.leaseDuration > s.renewDeadline, "settings are within their limits");
  check(!app::apiListenAddress(s).empty(), "there is an address to listen on");
}

void flags(const std::string& text) {
  std::vector<std::string> args;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    args.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  const auto parsed = app::parse(args, [](const std::string&) -> Result<std::string> { return invalid("none"); });
  if (!parsed) check(!parsed.error().message.empty(), "an error says something");
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  const std::string text = unfolded(textOf(data, size));
  kubeconfig(text);
  anything(text);
  settings(text);
  flags(text);
  return 0;
}
