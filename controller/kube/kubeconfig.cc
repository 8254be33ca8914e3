#include "kube/kubeconfig.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "kube/file.h"
#include "kube/yaml_map.h"

namespace baton::kube {
namespace {

constexpr size_t kLargest = 1 << 20;  // bytes; many clusters with their certificates fit, and memory stays bounded
constexpr const char* kExecExtension = "client.authentication.k8s.io/exec";

/// A path as it stands in a file, made relative to the file's folder.
std::string resolvePath(const std::string& path, const std::string& file) {
  const size_t slash = file.rfind('/');
  if (path.empty() || path.front() == '/' || slash == std::string::npos) return path;
  return file.substr(0, slash + 1) + path;
}

/// A command with a slash in it is a path like the others; a bare name is looked up on PATH.
std::string resolveCommand(const std::string& command, const std::string& file) {
  return command.find('/') == std::string::npos ? command : resolvePath(command, file);
}

FileOrData fileOrData(const YamlMap& map, const char* fileKey, const char* dataKey, const std::string& file) {
  return {resolvePath(map.string(fileKey), file), map.base64(dataKey)};
}

/// The entries of a list with their names, which must differ: {{"x", entry}, ...}; kind: "cluster".
std::vector<std::pair<std::string, YamlMap>> namedEntries(const YamlMap& document, const char* list, const char* kind) {
  std::vector<std::pair<std::string, YamlMap>> all;
  std::unordered_set<std::string> seen;
  for (const YamlMap& entry : document.maps(list)) {
    const std::string name = entry.string("name");
    const std::string label = std::string(kind) + " \"" + name + "\"";
    if (!seen.insert(name).second) throw YamlFault(entry.named(label).where() + ": the name stands twice in this file");
    all.emplace_back(name, entry.named(label));
  }
  return all;
}

nlohmann::json execExtension(const YamlMap& cluster) {
  for (const YamlMap& extension : cluster.maps("extensions"))
    if (extension.string("name") == kExecExtension) return extension.json("extension");
  return nullptr;
}

void readClusters(const YamlMap& document, const std::string& file, Kubeconfig& into) {
  for (const auto& [name, entry] : namedEntries(document, "clusters", "cluster")) {
    KubeconfigCluster c;
    c.name = name;
    c.where = entry.where();
    if (const auto cluster = entry.map("cluster")) {
      c.server = cluster->string("server");
      c.tlsServerName = cluster->string("tls-server-name");
      c.proxyUrl = cluster->string("proxy-url");
      c.insecureSkipVerify = cluster->boolean("insecure-skip-tls-verify");
      c.ca = fileOrData(*cluster, "certificate-authority", "certificate-authority-data", file);
      c.execConfig = execExtension(*cluster);
    }
    into.clusters.push_back(std::move(c));
  }
}

ExecPlugin readExec(const YamlMap& exec, const std::string& file, const std::string& where) {
  ExecPlugin plugin;
  plugin.where = where;
  plugin.apiVersion = exec.string("apiVersion");
  plugin.command = resolveCommand(exec.string("command"), file);
  plugin.arguments = exec.strings("args");
  for (const YamlMap& variable : exec.maps("env"))
    plugin.environment.emplace_back(variable.string("name"), variable.string("value"));
  plugin.installHint = exec.string("installHint");
  return plugin;
}

Impersonation readImpersonation(const YamlMap& user) {
  Impersonation as;
  as.user = user.string("as");
  as.uid = user.string("as-uid");
  as.groups = user.strings("as-groups");
  if (const auto extra = user.map("as-user-extra"))
    for (const auto& [key, values] : extra->listsByKey())
      for (const std::string& value : values) as.extra.emplace_back(key, value);
  return as;
}

void readUsers(const YamlMap& document, const std::string& file, Kubeconfig& into) {
  for (const auto& [name, entry] : namedEntries(document, "users", "user")) {
    KubeconfigUser u;
    u.name = name;
    u.where = entry.where();
    if (const auto user = entry.map("user")) {
      u.clientCert = fileOrData(*user, "client-certificate", "client-certificate-data", file);
      u.clientKey = fileOrData(*user, "client-key", "client-key-data", file);
      u.token = user->string("token");
      u.tokenFile = resolvePath(user->string("tokenFile"), file);
      u.username = user->string("username");
      u.password = user->string("password");
      u.as = readImpersonation(*user);
      if (const auto exec = user->map("exec")) {
        u.exec = readExec(*exec, file, u.where);
        u.provideClusterInfo = exec->boolean("provideClusterInfo");
        u.interactiveMode = exec->string("interactiveMode");
      }
      if (const auto provider = user->map("auth-provider")) {
        u.authProvider = provider->string("name");
        if (u.authProvider.empty()) u.authProvider = "(no name)";
      }
    }
    into.users.push_back(std::move(u));
  }
}

void readContexts(const YamlMap& document, Kubeconfig& into) {
  for (const auto& [name, entry] : namedEntries(document, "contexts", "context")) {
    KubeconfigContext c;
    c.name = name;
    c.where = entry.where();
    if (const auto context = entry.map("context")) {
      c.cluster = context->string("cluster");
      c.user = context->string("user");
      c.ns = context->string("namespace");
    }
    into.contexts.push_back(std::move(c));
  }
}

template <class Entry>
void addNew(std::vector<Entry>& into, std::vector<Entry>&& from) {
  std::unordered_set<std::string> known;
  for (const Entry& entry : into) known.insert(entry.name);
  for (Entry& entry : from)
    if (known.insert(entry.name).second) into.push_back(std::move(entry));
}

}  // namespace

Result<Kubeconfig> parseKubeconfig(const std::string& text, const std::string& file) {
  try {
    const YamlMap document = YamlMap::document(text, file);
    const std::string kind = document.string("kind");
    if (!kind.empty() && kind != "Config")
      return invalid(file + ": kind: expected \"Config\", found \"" + kind.substr(0, 100) + "\"");
    const std::string version = document.string("apiVersion");
    if (!version.empty() && version != "v1")
      return invalid(file + ": apiVersion: expected \"v1\", found \"" + version.substr(0, 100) + "\"");
    Kubeconfig config;
    config.files = {file};
    config.currentContext = document.string("current-context");
    readClusters(document, file, config);
    readUsers(document, file, config);
    readContexts(document, config);
    return config;
  } catch (const YamlFault& fault) {
    return invalid(fault.what());
  } catch (const YAML::Exception& e) {
    return invalid(file + ": " + e.msg);
  }
}

Result<Kubeconfig> readKubeconfig(const std::string& file) {
  auto text = readFile(file, kLargest);
  if (!text) return std::move(text).error().within("kubeconfig");
  return parseKubeconfig(*text, file);
}

Kubeconfig mergeKubeconfigs(std::vector<Kubeconfig> all) {
  Kubeconfig merged;
  for (Kubeconfig& next : all) {
    if (merged.currentContext.empty()) merged.currentContext = std::move(next.currentContext);
    addNew(merged.clusters, std::move(next.clusters));
    addNew(merged.users, std::move(next.users));
    addNew(merged.contexts, std::move(next.contexts));
    std::move(next.files.begin(), next.files.end(), std::back_inserter(merged.files));
  }
  return merged;
}

}  // namespace baton::kube
