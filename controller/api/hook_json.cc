#include "api/hook.h"

#include <algorithm>

namespace baton::api {
namespace {

ExecAction exec(const Json& j) {
  ExecAction a{text(j, "container"), {}};
  for (const auto& c : array(j, "command"))
    if (c.is_string()) a.command.push_back(c.get<std::string>());
  return a;
}

HttpAction http(const Json& j) {
  HttpAction a;
  a.https = text(j, "scheme", "HTTP") == "HTTPS";
  if (const auto p = j.find("port"); p != j.end() && p->is_number_integer())
    a.port = static_cast<int>(std::clamp<int64_t>(p->get<int64_t>(), 0, 65536));  // out of range stays so
  else
    a.port = text(j, "port");
  a.path = text(j, "path", "/");
  a.method = text(j, "method", "POST");
  a.headersSecret = text(object(j, "headersSecretRef"), "name");
  a.caBundle = text(j, "caBundle");
  a.insecureSkipVerify = boolean(j, "insecureSkipVerify");
  return a;
}

bool hasPort(const HttpAction& a) {
  if (const int* n = std::get_if<int>(&a.port)) return *n >= 1 && *n <= 65535;
  return !std::get<std::string>(a.port).empty();
}

}  // namespace

std::string_view name(HookKind k) {
  static constexpr std::array<std::string_view, 6> names = {"probe",  "demote", "promote",
                                                            "follow", "fence",  "disconnect"};
  return names[static_cast<size_t>(k)];
}

Hooks hooksFromJson(const Json& j, std::string& error) {
  Hooks hooks;
  for (const HookKind kind : kHookKinds) {
    const auto found = j.find(std::string(name(kind)));
    if (found == j.end() || found->is_null()) continue;
    const std::string path = "spec.hooks." + std::string(name(kind));
    Hook h;
    h.timeoutSeconds = static_cast<int>(integer(*found, "timeoutSeconds", 10));
    h.retries = static_cast<int>(integer(*found, "retries", 3));
    const bool isExec = found->contains("exec"), isHttp = found->contains("http");
    if (isExec == isHttp) {
      error = path + ": exactly one of exec or http is needed";
      continue;
    }
    if (isExec) {
      ExecAction a = exec(object(*found, "exec"));
      if (a.command.empty()) error = path + ".exec.command: at least one word is needed";
      h.action = std::move(a);
    } else {
      HttpAction a = http(object(*found, "http"));
      if (!hasPort(a)) error = path + ".http.port: a number from 1 to 65535 or the name of a container port is needed";
      h.action = std::move(a);
    }
    hooks.all[static_cast<size_t>(kind)] = std::move(h);
  }
  return hooks;
}

}  // namespace baton::api
