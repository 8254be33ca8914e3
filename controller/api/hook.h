// What Baton calls on a pod: a command in a container, or an HTTP request.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/json.h"

namespace baton::api {

struct ExecAction {
  std::string container;  // empty: as for kubectl exec
  std::vector<std::string> command;
  bool operator==(const ExecAction&) const = default;
};

struct HttpAction {
  bool https = false;
  std::variant<int, std::string> port = 0;  // number, or name of a container port
  std::string path = "/";
  std::string method = "POST";
  std::string headersSecret;  // name of a Secret of the group's namespace: each entry becomes a header
  std::string caBundle;       // PEM, or base64 of PEM as Kubernetes objects carry it
  bool insecureSkipVerify = false;
  bool operator==(const HttpAction&) const = default;
};

struct Hook {
  std::variant<ExecAction, HttpAction> action;
  int timeoutSeconds = 10;  // of one try
  int retries = 3;          // further tries
  bool operator==(const Hook&) const = default;
};

enum class HookKind { Probe, Demote, Promote, Follow, Fence, Disconnect };
inline constexpr std::array<HookKind, 6> kHookKinds = {HookKind::Probe,  HookKind::Demote, HookKind::Promote,
                                                       HookKind::Follow, HookKind::Fence,  HookKind::Disconnect};
std::string_view name(HookKind k);  // "probe"

struct Hooks {
  std::array<std::optional<Hook>, 6> all;
  const Hook* get(HookKind k) const {
    const auto& h = all[static_cast<size_t>(k)];
    return h ? &*h : nullptr;
  }
  bool operator==(const Hooks&) const = default;
};

/// Sets `error` to a sentence when a hook is not usable (neither exec nor http, no command, ...).
Hooks hooksFromJson(const Json& j, std::string& error);

}  // namespace baton::api
