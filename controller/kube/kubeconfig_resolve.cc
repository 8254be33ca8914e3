#include "kube/kubeconfig_resolve.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "kube/base64.h"
#include "kube/exec_authenticator.h"
#include "kube/impersonation.h"
#include "kube/tls_source.h"
#include "kube/token_file.h"

namespace baton::kube {
namespace {

constexpr const char* kExecV1 = "client.authentication.k8s.io/v1";
constexpr const char* kExecV1beta1 = "client.authentication.k8s.io/v1beta1";

std::string inQuotes(const std::string& s) { return "\"" + s + "\""; }

template <class Entry>
std::string namesOf(const std::vector<Entry>& entries) {
  constexpr size_t kMost = 20;
  std::string names;
  for (size_t i = 0; i < entries.size() && i < kMost; ++i) names += (i == 0 ? "" : ", ") + inQuotes(entries[i].name);
  if (entries.size() > kMost) names += ", ...";
  return entries.empty() ? "none" : names;
}

template <class Entry>
const Entry* findNamed(const std::vector<Entry>& entries, const std::string& name) {
  const auto it = std::find_if(entries.begin(), entries.end(), [&](const Entry& e) { return e.name == name; });
  return it == entries.end() ? nullptr : &*it;
}

std::string joined(const std::vector<std::string>& files) {
  std::string all;
  for (const std::string& file : files) all += (all.empty() ? "" : ", ") + file;
  return all;
}

Result<KubeconfigContext> chooseContext(const Kubeconfig& k, const std::string& wanted) {
  const std::string name = wanted.empty() ? k.currentContext : wanted;
  const std::string files = joined(k.files);
  if (name.empty())
    return invalid(
        files + ": current-context: expected the name of a context, found nothing; there are: " + namesOf(k.contexts));
  if (const auto* context = findNamed(k.contexts, name)) return *context;
  return invalid(files + ": " + (wanted.empty() ? "current-context" : "contexts") + ": context " + inQuotes(name) +
                 " does not exist; there are: " + namesOf(k.contexts));
}

/// The entry that a context names.
template <class Entry>
Result<Entry> referred(const std::vector<Entry>& entries, const KubeconfigContext& context, const char* field,
                       const std::string& name) {
  if (name.empty()) return invalid(context.where + "." + field + ": expected a name, found nothing");
  if (const auto* entry = findNamed(entries, name)) return *entry;
  return invalid(context.where + "." + field + ": " + inQuotes(name) +
                 " does not exist; there are: " + namesOf(entries));
}

Status bothSet(const FileOrData& f, const std::string& where, const char* field) {
  if (f.path.empty() || f.data.empty()) return Ok{};
  return invalid(where + "." + field + ": expected this or " + field + "-data, found both");
}

Status checkCluster(const KubeconfigCluster& c) {
  if (c.server.empty()) return invalid(c.where + ".server: expected a URL, found nothing");
  if (!c.proxyUrl.empty()) return invalid(c.where + ".proxy-url: a proxy is not supported; expected nothing");
  if (c.insecureSkipVerify && !c.ca.empty())
    return invalid(c.where +
                   ".insecure-skip-tls-verify: a certificate authority is not allowed together with this; "
                   "expected one of them");
  return bothSet(c.ca, c.where, "certificate-authority");
}

Status checkExec(const KubeconfigUser& u) {
  if (!u.exec) return Ok{};
  const std::string where = u.where + ".exec";
  const std::string& version = u.exec->apiVersion;
  if (u.exec->command.empty()) return invalid(where + ".command: expected a program, found nothing");
  if (version != kExecV1 && version != kExecV1beta1)
    return invalid(where + ".apiVersion: expected " + kExecV1 + " or v1beta1, found " +
                   inQuotes(version.substr(0, 100)));
  for (const auto& [name, value] : u.exec->environment)
    if (name.empty() || name.find('=') != std::string::npos)
      return invalid(where + ".env: expected the name of a variable, found nothing or a name with \"=\"");
  const std::string& mode = u.interactiveMode;
  if (mode == "Never" || mode == "IfAvailable" || (mode.empty() && version == kExecV1beta1)) return Ok{};
  if (mode == "Always")
    return invalid(where +
                   ".interactiveMode: the plugin needs a terminal (Always), and there is none; expected Never "
                   "or IfAvailable");
  return invalid(where + ".interactiveMode: expected Never or IfAvailable, found " +
                 (mode.empty() ? "nothing" : inQuotes(mode.substr(0, 100))));
}

Status checkImpersonation(const KubeconfigUser& u) {
  if (u.as.user.empty() && u.as.uid.empty() && u.as.groups.empty() && u.as.extra.empty()) return Ok{};
  if (u.as.user.empty())
    return invalid(u.where + ".as: expected a user name, as as-uid, as-groups or as-user-extra is set; found nothing");
  auto headers = impersonationHeaders(u.as);
  if (!headers) return std::move(headers).error().within(u.where);
  return Ok{};
}

Status checkUser(const KubeconfigUser& u) {
  if (!u.authProvider.empty())
    return invalid(u.where + ".auth-provider: " + inQuotes(u.authProvider) +
                   " was removed from Kubernetes clients in 1.26; expected exec, a token or a client certificate");
  const bool basic = !u.username.empty() || !u.password.empty();
  if (basic && (!u.token.empty() || !u.tokenFile.empty()))
    return invalid(u.where + ": expected a token or username and password, found both");
  if (u.clientCert.empty() != u.clientKey.empty())
    return invalid(u.where + (u.clientKey.empty() ? ".client-key" : ".client-certificate") +
                   ": expected a file or data, as the other half of the pair is set; found nothing");
  for (auto s : {bothSet(u.clientCert, u.where, "client-certificate"), bothSet(u.clientKey, u.where, "client-key"),
                 checkExec(u), checkImpersonation(u)})
    if (!s) return std::move(s).error();
  return Ok{};
}

/// spec.cluster of KUBERNETES_EXEC_INFO.
Result<std::string> clusterInfo(const KubeconfigCluster& c) {
  nlohmann::json info = {{"server", c.server}};
  if (!c.tlsServerName.empty()) info["tls-server-name"] = c.tlsServerName;
  if (c.insecureSkipVerify) info["insecure-skip-tls-verify"] = true;
  auto ca = readPem(c.ca, "CERTIFICATE");
  if (!ca) return std::move(ca).error().within(c.where + ".certificate-authority");
  if (!ca->empty()) info["certificate-authority-data"] = base64Encode(*ca);
  if (!c.execConfig.is_null()) info["config"] = c.execConfig;
  return info.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

struct Identity {
  std::shared_ptr<Authenticator> authenticator;
  std::shared_ptr<ExecAuthenticator> plugin;  // the same, when it is one; else null
};

/// Static credentials go before a plugin, as in client-go.
Result<Identity> identify(const KubeconfigUser& u, const KubeconfigCluster& c, const Clock& clock) {
  std::string token;
  if (!u.token.empty()) {
    auto checked = checkToken(u.token, u.where + ".token");
    if (!checked) return std::move(checked).error();
    token = std::move(*checked);
  }
  if (!u.tokenFile.empty()) {
    auto authenticator = tokenFile(u.tokenFile, token, clock);
    Status status = Ok{};
    authenticator->credential([&](Result<Credential> r) {
      if (!r) status = std::move(r).error().within(u.where + ".tokenFile");
    });
    if (!status) return std::move(status).error();
    return Identity{std::move(authenticator), nullptr};
  }
  if (!token.empty()) return Identity{staticToken(token), nullptr};
  if (!u.username.empty() || !u.password.empty()) return Identity{basicAuth(u.username, u.password), nullptr};
  if (!u.exec) return Identity{noAuthenticator(), nullptr};
  ExecPlugin plugin = *u.exec;
  if (u.provideClusterInfo) {
    auto info = clusterInfo(c);
    if (!info) return std::move(info).error();
    plugin.clusterInfo = std::move(*info);
  }
  auto authenticator = std::make_shared<ExecAuthenticator>(std::move(plugin), runPlugin, clock);
  return Identity{authenticator, authenticator};
}

}  // namespace

Result<ServerAddress> parseServer(const std::string& url) {
  const std::string expected = "expected \"https://HOST[:PORT][/PATH]\"";
  const size_t scheme = url.rfind("https://", 0) == 0 ? 8 : url.rfind("http://", 0) == 0 ? 7 : 0;
  if (scheme == 0) return invalid(expected);
  const size_t slash = std::min(url.find('/', scheme), url.size());
  const std::string host = url.substr(scheme, slash - scheme);
  const bool odd = std::any_of(url.begin(), url.end(), [](char c) { return c <= 0x20 || c == 0x7F; });
  if (host.empty() || host.front() == ':' || odd || url.find_first_of("?#@", scheme) != std::string::npos)
    return invalid(expected);
  std::string prefix = url.substr(slash);
  while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
  return ServerAddress{url.substr(0, slash), std::move(prefix)};
}

Result<Config> resolveKubeconfig(const Kubeconfig& kubeconfig, const std::string& contextName, const Clock& clock) {
  auto context = chooseContext(kubeconfig, contextName);
  if (!context) return std::move(context).error();
  auto cluster = referred(kubeconfig.clusters, *context, "cluster", context->cluster);
  if (!cluster) return std::move(cluster).error();
  auto user = referred(kubeconfig.users, *context, "user", context->user);
  if (!user) return std::move(user).error();
  if (auto s = checkCluster(*cluster); !s) return std::move(s).error();
  if (auto s = checkUser(*user); !s) return std::move(s).error();
  auto address = parseServer(cluster->server);
  if (!address) return std::move(address).error().within(cluster->where + ".server");
  auto identity = identify(*user, *cluster, clock);
  if (!identity) return std::move(identity).error();
  auto tls =
      tlsSource({cluster->ca, user->clientCert, user->clientKey, cluster->tlsServerName, cluster->insecureSkipVerify},
                identity->plugin, clock);
  if (!tls) return std::move(tls).error().within(cluster->where + ", user " + inQuotes(user->name));
  Config config;
  config.server = std::move(address->server);
  config.pathPrefix = std::move(address->pathPrefix);
  config.tls = std::move(*tls);
  config.authenticator = std::move(identity->authenticator);
  if (!user->as.user.empty()) config.as = user->as;
  if (!context->ns.empty()) config.ns = context->ns;
  config.source = joined(kubeconfig.files) + ", context " + inQuotes(context->name);
  return config;
}

}  // namespace baton::kube
