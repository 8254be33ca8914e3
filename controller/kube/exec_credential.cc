#include "kube/exec_credential.h"

#include <nlohmann/json.hpp>

#include "kube/token_file.h"

namespace baton::kube {
namespace {

using nlohmann::json;

std::string text(const json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

Error wrong(const ExecPlugin& plugin, const std::string& what) {
  return invalid(plugin.where + ": credential plugin " + plugin.command + " " + what);
}

}  // namespace

std::string execInfo(const ExecPlugin& plugin) {
  json spec = {{"interactive", false}};
  if (!plugin.clusterInfo.empty()) spec["cluster"] = json::parse(plugin.clusterInfo, nullptr, false);
  const json info = {{"kind", "ExecCredential"}, {"apiVersion", plugin.apiVersion}, {"spec", std::move(spec)}};
  return info.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<ExecAnswer> readExecAnswer(const ExecPlugin& plugin, std::string_view output) {
  const json j = json::parse(output, nullptr, false);
  if (!j.is_object() || text(j, "kind") != "ExecCredential") return wrong(plugin, "did not print an ExecCredential");
  if (text(j, "apiVersion") != plugin.apiVersion)
    return wrong(plugin, "printed apiVersion \"" + text(j, "apiVersion").substr(0, 100) + "\", expected \"" +
                             plugin.apiVersion + "\"");
  const auto status = j.find("status");
  if (status == j.end() || !status->is_object()) return wrong(plugin, "printed an ExecCredential without status");
  ExecAnswer answer;
  answer.token = text(*status, "token");
  answer.clientCert = text(*status, "clientCertificateData");
  answer.clientKey = text(*status, "clientKeyData");
  if (answer.clientCert.empty() != answer.clientKey.empty())
    return wrong(plugin, "printed a client certificate or a key, expected both or none");
  if (answer.token.empty() && answer.clientCert.empty())
    return wrong(plugin, "printed neither a token nor a client certificate");
  if (!answer.token.empty()) {
    auto token = checkToken(answer.token, plugin.where + ": credential plugin " + plugin.command);
    if (!token) return std::move(token).error();
    answer.token = std::move(*token);
  }
  const auto expires = status->find("expirationTimestamp");
  if (expires == status->end() || expires->is_null()) return answer;
  if (expires->is_string()) answer.expires = parseTime(expires->get_ref<const std::string&>());
  if (!answer.expires) return wrong(plugin, "printed an expirationTimestamp that is not an RFC 3339 time");
  return answer;
}

}  // namespace baton::kube
