#include "mechanisms/exec_status.h"

#include <charconv>

#include "api/json.h"
#include "mechanisms/text.h"

namespace baton::mechanisms {
namespace {

std::optional<int> exitCode(const api::Json& status) {
  for (const auto& cause : api::array(api::object(status, "details"), "causes")) {
    if (api::text(cause, "reason") != "ExitCode") continue;
    const std::string word = api::text(cause, "message");
    int code = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), code);
    if (error == std::errc() && stop == word.data() + word.size()) return code;
  }
  return std::nullopt;
}

}  // namespace

ExecStatus parseExecStatus(std::string_view text) {
  const api::Json j = api::Json::parse(text, nullptr, false);
  if (!j.is_object()) return {false, std::nullopt, "the server sent no exit status but: " + readable(text, 200)};
  if (api::text(j, "status") == "Success") return {true, 0, ""};
  if (api::text(j, "reason") == "NonZeroExitCode")
    if (const auto code = exitCode(j)) return {false, code, "exit code " + std::to_string(*code)};
  const std::string message = readable(api::text(j, "message"));
  if (!message.empty()) return {false, std::nullopt, message};
  return {false, std::nullopt, "the server says only: " + readable(text, 200)};
}

std::string execMessage(const ExecStatus& status, const http::ExecOutput& output) {
  if (status.success) return readable(output.out);
  // Errors mostly stand on standard error, so half of the room is kept for it.
  const std::string err = readable(output.err, kMostText / 2);
  const std::string out = readable(output.out, kMostText - err.size());
  std::string message = status.message;
  for (const std::string* part : {&out, &err})
    if (!part->empty()) message += (part == &err && !out.empty() ? " / " : ": ") + *part;
  return message;
}

bool saysNotRunning(std::string_view words) {
  // kubelet (server.go, kuberuntime_container.go), containerd (container_exec.go, task errors), runc.
  for (const std::string_view w : {"container not found", "CONTAINER_EXITED", "in a stopped state",
                                   "container is not running", "container not running", "failed to load task"})
    if (words.find(w) != std::string_view::npos) return true;
  return false;
}

bool saysNodeUnreachable(std::string_view words) {
  // apimachinery: util/proxy, of a connection to the kubelet: "error dialing backend: dial tcp ...: i/o timeout".
  return words.find("error dialing backend") != std::string_view::npos &&
         words.find("connection refused") == std::string_view::npos;
}

bool saysPodNotFound(std::string_view statusObject, std::string_view pod) {
  const api::Json j = api::Json::parse(statusObject, nullptr, false);
  if (!j.is_object() || api::text(j, "reason") != "NotFound") return false;
  const api::Json& details = api::object(j, "details");
  return api::text(details, "kind") == "pods" && api::text(details, "name") == pod;
}

}  // namespace baton::mechanisms
