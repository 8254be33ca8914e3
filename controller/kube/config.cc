#include "kube/config.h"

#include <cstdlib>
#include <utility>
#include <vector>

#include "kube/in_cluster.h"
#include "kube/kubeconfig.h"
#include "kube/kubeconfig_resolve.h"

namespace baton::kube {
namespace {

std::optional<std::string> processEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// The paths of $KUBECONFIG, or else the user's own file; client-go's rules.
std::vector<std::string> defaultFiles(const ConfigOptions& options) {
  std::vector<std::string> files;
  const auto list = options.environment("KUBECONFIG");
  if (list && !list->empty()) {
    for (size_t begin = 0; begin <= list->size();) {
      const size_t end = std::min(list->find(':', begin), list->size());
      if (end > begin) files.push_back(list->substr(begin, end - begin));
      begin = end + 1;
    }
    return files;
  }
  const auto home = options.environment("HOME");
  if (home && !home->empty()) files.push_back(*home + "/.kube/config");
  return files;
}

/// Those files that exist, merged; nothing when none does.
Result<std::optional<Kubeconfig>> readFiles(const std::vector<std::string>& files) {
  std::vector<Kubeconfig> all;
  for (const std::string& file : files) {
    auto one = readKubeconfig(file);
    if (one) {
      all.push_back(std::move(*one));
    } else if (one.error().kind != Error::Kind::NotFound) {
      return std::move(one).error();
    }
  }
  if (all.empty()) return std::optional<Kubeconfig>();
  return std::optional<Kubeconfig>(mergeKubeconfigs(std::move(all)));
}

Error noSource(const ConfigOptions& options, const std::vector<std::string>& files) {
  std::string tried;
  for (const std::string& file : files) tried += (tried.empty() ? "" : ", ") + file;
  const auto host = options.environment("KUBERNETES_SERVICE_HOST");
  const std::string cluster = !options.context.empty() ? std::string("a context was named")
                              : host && !host->empty() ? "this pod has no token in " + options.serviceAccountDirectory
                                                       : std::string("KUBERNETES_SERVICE_HOST is not set");
  return notFound("no API server is configured: in-cluster: " + cluster +
                  "; kubeconfig: " + (tried.empty() ? "neither KUBECONFIG nor HOME is set" : "no file " + tried) +
                  "; expected a pod's service account, $KUBECONFIG, ~/.kube/config or --kubeconfig");
}

}  // namespace

Result<Config> loadConfig(const ConfigOptions& given) {
  ConfigOptions options = given;
  if (!options.environment) options.environment = processEnvironment;
  if (!options.kubeconfig.empty()) {
    auto file = readKubeconfig(options.kubeconfig);
    if (!file) return std::move(file).error();
    return resolveKubeconfig(*file, options.context, *options.clock);
  }
  if (options.inClusterFirst && options.context.empty())
    if (auto config = inClusterConfig(options)) return std::move(*config);
  const auto files = defaultFiles(options);
  auto kubeconfig = readFiles(files);
  if (!kubeconfig) return std::move(kubeconfig).error();
  if (*kubeconfig) return resolveKubeconfig(**kubeconfig, options.context, *options.clock);
  if (!options.inClusterFirst && options.context.empty())
    if (auto config = inClusterConfig(options)) return std::move(*config);
  return noSource(options, files);
}

}  // namespace baton::kube
