// Short texts from outside: times, what hooks and plugins answer, refusals, leases, Secrets.
#include "api/json.h"
#include "base/text.h"
#include "base/time.h"
#include "fuzz/fuzz.h"
#include "http/status_error.h"
#include "kube/exec_credential.h"
#include "kube/leader_elector.h"
#include "kube/lean_json.h"
#include "kube/status_error.h"
#include "kube/token_file.h"
#include "mechanisms/exec_status.h"
#include "mechanisms/expansion.h"
#include "mechanisms/probe_answer.h"
#include "mechanisms/secret_headers.h"
#include "mechanisms/text.h"

namespace baton::fuzz {
namespace {

void times(const std::string& text) {
  const auto time = parseTime(text);
  if (!time) return;
  check(parseTime(formatTime(*time)) == time || *time < *parseTime("0000-01-01T00:00:00Z") ||
            *time > *parseTime("9999-12-31T23:59:59.999999Z"),
        "a time is read as it is written");
}

void checkReadable(const std::string& line, size_t most) {
  check(line.size() <= most + 3 && isUtf8(line) && !hasControl(line), "a message is one short line of UTF-8");
  check(line.empty() || (line.front() != ' ' && line.back() != ' '), "a message has no blanks at its ends");
}

void messages(const std::string& text) {
  for (const size_t most : {1U, 20U, 512U}) {
    checkReadable(mechanisms::readable(text, most), most);
    const std::string cut = cutText(text, most);
    check(cut.size() <= most && text.starts_with(cut) && (!isUtf8(text) || isUtf8(cut)), "text is cut at a character");
  }
  const std::string once = mechanisms::readable(text, text.size() * 2 + 3);
  check(mechanisms::readable(once, once.size()) == once, "what is readable stays as it is");
  check(sameWord(lowerCase(text), text), "a word is the same in lower case");
}

void probes(const std::string& text) {
  for (const auto& report : {mechanisms::parseExecAnswer(text), mechanisms::parseJsonAnswer(text)})
    if (!report) check(isUtf8(report.error().message) && !hasControl(report.error().message), "an error is one line");
  if (const auto json = mechanisms::parseJsonAnswer(text)) {
    const auto exec = mechanisms::parseExecAnswer(text);
    if (exec) check(exec->primary == json->primary && exec->position == json->position, "JSON is read in one way");
  }
}

void commands(const std::string& text) {
  const auto status = mechanisms::parseExecStatus(text);
  check(status.success == status.message.empty(), "a failure says why");
  check(isUtf8(status.message) && !hasControl(status.message), "a message is one line");
  http::ExecOutput output;
  output.out = output.err = text;
  const std::string message = mechanisms::execMessage(status, output);
  check(isUtf8(message) && message.size() < 3 * mechanisms::kMostText, "a message is short");
  if (mechanisms::saysPodNotFound(text, "orders-0")) check(text.find("orders-0") != text.npos, "it says which pod");
  const auto variables = [](std::string_view name) -> std::optional<std::string> {
    return name == "BATON_POD" ? std::optional<std::string>("$(BATON_POD)$$") : std::nullopt;
  };
  const std::string expanded = mechanisms::expand(text, variables);
  check(text.find('$') != text.npos || expanded == text, "only variables are replaced");
  check(mechanisms::expand(text, [](auto) { return std::nullopt; }).size() <= text.size(),
        "nothing comes from nowhere");
}

void refusals(const std::string& text) {
  const http::Headers headers = {{"Retry-After", text}};
  for (const int code : {0, 300, 404, 409, 429, 503}) {
    const Error e = kube::statusError(code, headers, text);
    check(!e.message.empty() && !hasControl(e.message), "a refusal is one line");
    check(!e.retryAfter || (e.retryAfter->count() >= 0 && e.retryAfter->count() <= 86400), "nobody waits for years");
  }
  check(!kube::statusObjectError(text).message.empty(), "a Status says something");
  check(kube::parseVersion(text) == 0 || text.find_first_not_of("0123456789") == text.npos, "a version is a number");
}

void leases(const std::string& text) {
  const auto lease = kube::parseLease(text);
  if (!lease) return;
  const auto again = kube::parseLease(kube::leasePatch(*lease));
  check(again && *again == *lease, "a lease is read as it is written");
}

void secrets(const std::string& text) {
  if (const auto headers = mechanisms::secretHeaders(text, "s")) {
    check(http::wellFormed(*headers), "headers of a Secret can be sent");
    std::string echo;
    for (const auto& [name, value] : *headers) echo += value + " ";
    const std::string hidden = mechanisms::withoutValues(echo, *headers);
    for (const auto& [name, value] : *headers)
      check(value.size() < 12 || headers->size() > 1 || hidden.find(value) == hidden.npos, "a value is hidden");
  }
  if (const auto token = kube::checkToken(text, "file"))
    check(token->find_first_of(" \t\r\n") == token->npos && !token->empty(), "a token has no blanks");
  kube::ExecPlugin plugin;
  plugin.apiVersion = "client.authentication.k8s.io/v1";
  plugin.command = "plugin";
  const auto answer = kube::readExecAnswer(plugin, text);
  if (answer) check(!answer->token.empty() || !answer->clientKey.empty(), "a plugin gives credentials");
}

}  // namespace
}  // namespace baton::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace baton::fuzz;
  const std::string text = unfolded(textOf(data, size));
  times(text);
  messages(text);
  probes(text);
  commands(text);
  refusals(text);
  leases(text);
  secrets(text);
  return 0;
}
