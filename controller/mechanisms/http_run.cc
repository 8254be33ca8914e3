// Hooks that are HTTP requests to the pod.
#include <optional>
#include <utility>
#include <variant>

#include "kube/request.h"
#include "mechanisms/hook_run.h"
#include "mechanisms/http_exchange.h"
#include "mechanisms/pod_url.h"
#include "mechanisms/probe_answer.h"
#include "mechanisms/runs.h"
#include "mechanisms/secret_headers.h"
#include "mechanisms/text.h"

namespace baton::mechanisms {
namespace {

using Kind = Outcome::Kind;

http::Method methodOf(const std::string& name) {
  for (const http::Method m : {http::Method::Get, http::Method::Put, http::Method::Patch, http::Method::Delete})
    if (name == http::name(m)) return m;
  return http::Method::Post;
}

class HttpRun final : public HookRun {
 public:
  using HookRun::HookRun;

 private:
  const api::HttpAction& action() const { return std::get<api::HttpAction>(hook().action); }

  void attempt() override {
    until_ = options().clock.steady() + limit();
    if (probing() && !action().headersSecret.empty()) secret_ = secrets().find(secretKey(), options().clock.steady());
    if (action().headersSecret.empty() || secret_) return send();
    kube::ApiRequest q = kube::get(kube::resources::secrets, told().ns, action().headersSecret);
    q.lane = kube::Lane::RoleChange;
    q.as = account();
    q.timeout = limit();
    q.retries = 0;
    request(std::move(q), [this](Result<http::Response> answer) { secretRead(std::move(answer)); });
  }

  void secretRead(Result<http::Response> answer) {
    if (!answer) {
      const Error& e = answer.error();
      return tried({transient(e) ? Kind::Failure : Kind::Final,
                    "Secret " + action().headersSecret + ": " + e.message,
                    {},
                    ha::Contact::Way});
    }
    Result<http::Headers> headers = secretHeaders(answer->body, action().headersSecret);
    if (!headers) return tried({Kind::Final, headers.error().message, {}, ha::Contact::Way});
    secret_ = std::move(headers).value();
    if (probing()) secrets().keep(secretKey(), *secret_, options().clock.steady());
    send();
  }

  void send() {
    const Result<std::string> url = podUrl(action(), *target_.pod);
    if (!url) return tried({Kind::Final, url.error().message, {}, ha::Contact::Way});
    const auto left = std::chrono::ceil<Milliseconds>(until_ - options().clock.steady());
    if (left.count() <= 0)
      return tried({Kind::TimedOut, "no time left after the Secret was read", {}, ha::Contact::Way});
    http::Request r;
    r.method = methodOf(action().method);
    r.target = action().path;
    r.headers = {{"User-Agent", "baton"}, {"Baton-Epoch", std::to_string(told().epoch)}};
    if (secret_) r.headers.insert(r.headers.end(), secret_->begin(), secret_->end());
    if (r.method != http::Method::Get && r.method != http::Method::Delete) {
      r.headers.emplace_back("Content-Type", "application/json");
      r.body = jsonBody(told());
    }
    r.timeout = left;
    const auto transport = options().transports.get(*url, podTls(action(), *target_.pod));
    call([&] {
      return exchange(*transport, std::move(r), options().timers,
                      [self = shared_from_this(), this](Result<HttpAnswer> answer) {
                        step([&] { answer ? answered(*answer) : failed(answer.error()); });
                      });
    });
  }

  void failed(const Error& e) {
    const bool late = e.kind == Error::Kind::Timeout, wrong = e.kind == Error::Kind::Invalid;
    const ha::Contact contact = e.refused ? ha::Contact::Refused : wrong ? ha::Contact::Way : ha::Contact::None;
    tried({late ? Kind::TimedOut : wrong ? Kind::Final : Kind::Failure, clean(e.message), {}, contact});
  }

  void answered(const HttpAnswer& answer) {
    const std::string body = clean(answer.body);
    if (probing() && (answer.status == 401 || answer.status == 403)) secrets().drop(secretKey());
    if (answer.status < 200 || answer.status > 299)
      return tried({Kind::Failure,
                    "HTTP status " + std::to_string(answer.status) + (body.empty() ? "" : ": " + body),
                    {},
                    ha::Contact::Heard});
    if (!probing()) return tried({Kind::Success, body, {}});
    if (answer.cut) return tried({Kind::Failure, "probe answered more than 64 KiB", {}, ha::Contact::Heard});
    Result<ha::Report> report = parseJsonAnswer(answer.body);
    if (!report) return tried({Kind::Failure, clean(report.error().message), {}, ha::Contact::Heard});
    tried({Kind::Success, body, std::move(report).value()});
  }

  /// Who may read it counts as well: another group's account may not.
  std::string secretKey() const {
    const auto as = account();
    return told().ns + "/" + action().headersSecret + " " + (as ? as->user : "");
  }
  std::string clean(const std::string& text) const { return readable(secret_ ? withoutValues(text, *secret_) : text); }

  std::optional<http::Headers> secret_;  // read once for the effect; for a probe less often
  Steady until_{};                       // end of the try that is under way
};

}  // namespace

std::shared_ptr<Run> httpRun(RunArguments a, const api::Hook& hook) {
  return std::make_shared<HttpRun>(std::move(a.context), std::move(a.effect), std::move(a.target), std::move(a.done),
                                   hook);
}

}  // namespace baton::mechanisms
