#include "gateway/exchange.h"

#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/incoming.h"

namespace baton::gateway {
namespace {

using facades::AuthFault;
using facades::Outcome;
using facades::Wants;

/// A task that another replica has just made is known here soon.
constexpr std::chrono::milliseconds kTaskPatience{1500};
constexpr const char* kStopping = "this replica is stopping; ask again.";
constexpr size_t kMostClaimed = 64;  // characters of an unproved name in the log

std::chrono::seconds lifeOf(api::ApiKind api) {
  return api == api::ApiKind::Sbc ? std::chrono::minutes(10) : std::chrono::hours(1);
}

/// Who it says it is from; only names, never a secret.
std::string claimed(const facades::Claim& claim) {
  std::string name;
  if (const auto* password = std::get_if<facades::PasswordClaim>(&claim)) name = password->user;
  if (const auto* signature = std::get_if<facades::SignatureClaim>(&claim)) name = signature->keyId;
  return cutText(name, kMostClaimed);
}

}  // namespace

Exchange::Exchange(const GatewayOptions& options, facades::Call call, std::string address, http::Respond respond)
    : o_(options),
      call_(std::move(call)),
      address_(std::move(address)),
      began_(options.clock.steady()),
      respond_(std::move(respond)) {}

void Exchange::begin() {
  std::optional<facades::Plan> plan;
  for (const auto* facade : facades::all()) {
    plan = facade->plan(call_);
    if (!plan) continue;
    facade_ = facade;
    break;
  }
  const std::string why = call_.undecodable ? "the request target can't be decoded." : "there is no such path.";
  if (!plan)
    return finish(
        {call_.undecodable ? 400 : 404, {{"Content-Type", "application/json"}}, R"({"error":")" + why + R"("})"});
  plan_ = std::move(*plan);
  if (call_.undecodable) return end(Kind::Malformed, why);
  if (plan_.answer && !plan_.afterLogin) return finish(std::move(*plan_.answer));
  o_.authenticator.prove(plan_.claim, name(facade_->kind()), address_,
                         [self = shared_from_this()](auto result) { self->proved(std::move(result)); });
}

void Exchange::proved(std::variant<Caller, Unproved> result) {
  if (auto* no = std::get_if<Unproved>(&result)) {
    if (o_.notProved) o_.notProved(name(facade_->kind()));
    Outcome o;
    o.kind = Kind::Unauthenticated;
    o.fault = no->fault;
    o.message = no->message;
    o.signedText = no->signedText;
    complaint_ = no->message;
    if (no->fault == AuthFault::TooMany) o.kind = Kind::TooMany;  // nobody has looked whether it is right
    return end(std::move(o));
  }
  caller_ = std::get<Caller>(std::move(result));
  loggedIn();
}

bool Exchange::csrfOk() const {
  if (plan_.wants != Wants::Switch) return true;
  if (fromAnotherSite(call_)) return false;
  return plan_.csrfCookie.empty() || sameSecret(plan_.csrfToken, o_.authenticator.csrfToken(plan_.csrfCookie));
}

void Exchange::loggedIn() {
  if (!csrfOk()) return fault(AuthFault::Csrf);
  if (plan_.wants == Wants::Switch && !takesCall()) return;
  if (plan_.answer) return finish(std::move(*plan_.answer));
  switch (plan_.wants) {
    case Wants::Token:
      return giveToken();
    case Wants::Task:
      return findTask();
    case Wants::Switch:
      return caller_.nonce.empty() ? findGroup() : claimNonce();
    default:
      return findGroup();
  }
}

/// Once for each call: not too often, and of a signed one the first.
bool Exchange::takesCall() {
  if (!o_.takes(caller_.user->name, 1)) {
    end(Kind::TooMany, "you ask for changes too often.");
    return false;
  }
  const auto use = caller_.nonce.empty() ? Nonces::Use::First : o_.authenticator.use(caller_.nonce);
  if (use == Nonces::Use::Again) fault(AuthFault::Replayed);
  if (use == Nonces::Use::Full) end(Kind::TooMany, "too many signed calls within half an hour.");
  return use == Nonces::Use::First;
}

void Exchange::claimNonce() {
  o_.claims.claim(caller_.nonce, tryFor(), [self = shared_from_this()](const Result<bool>& first) {
    if (!first) return self->end(Kind::Unavailable, first.error().message);
    if (!*first) return self->fault(AuthFault::Replayed);
    self->findGroup();
  });
}

void Exchange::giveToken() {
  Outcome o;
  o.kind = Kind::Token;
  o.user = caller_.user->name;
  o.expires = o_.clock.now() + lifeOf(facade_->kind());
  if (caller_.until) o.expires = std::min(o.expires, *caller_.until);
  o.token = o_.authenticator.issue(*caller_.user, name(facade_->kind()), o.expires);
  end(std::move(o));
}

void Exchange::findTask() {
  if (!o_.groups.ready()) return end(Kind::Unavailable, "the requests are not listed yet; try again in a moment.");
  if (const auto task = o_.groups.requestByUid(plan_.task)) return foundTask(task);
  awaitTask();
}

void Exchange::awaitTask() {
  const auto id = o_.followers.followUid(plan_.task, [self = shared_from_this()](auto what, const auto& request) {
    if (what == Followers::What::Changed) return self->foundTask(request);
    what == Followers::What::Gone ? self->end(Kind::NoTask) : self->end(Kind::Unavailable, kStopping);
  });
  if (id == 0) return end(Kind::Unavailable, kStopping);
  {
    MutexLock l(mutex_);
    following_ = id;
  }
  setTimer(kTaskPatience, &Exchange::tooLong);
  if (const auto now = o_.groups.requestByUid(plan_.task)) foundTask(now);  // it came in between
  if (ended_ || taskFound_) stopWaiting();
}

void Exchange::foundTask(const Groups::Request& task) {
  if (taskFound_.exchange(true)) return;
  stopWaiting();
  task_ = task;
  ask({"get", "hagroups", task_->meta.ns, task_->spec.group});
}

void Exchange::findGroup() {
  if (!o_.groups.ready()) return end(Kind::Unavailable, "the groups are not listed yet; try again in a moment.");
  auto group = o_.groups.find(plan_.identity);
  if (!group) {
    payMore();
    return end(o_.groups.elsewhere(plan_.identity) ? Kind::AnotherApi : Kind::NoGroup);
  }
  group_ = std::move(*group);
  // Who may not even read a role is told nothing of it by what a change answers.
  const bool reads = plan_.wants == Wants::Role || facade_->kind() == api::ApiKind::Connector;
  if (plan_.wants == Wants::Switch) stillToAsk_ = Access::Question{"create", "switchoverrequests", group_.ns, ""};
  ask(reads ? Access::Question{"get", "hagroups", group_.ns, group_.name} : *std::exchange(stillToAsk_, std::nullopt));
}

/// What no right client does often costs more: each signed call leaves a note in the cluster.
void Exchange::payMore() {
  if (plan_.wants == Wants::Switch) o_.takes(caller_.user->name, 9);
}

void Exchange::ask(Access::Question question) {
  const std::string what = question.verb + " " + question.resource + " in namespace " + question.ns;
  const auto patience = plan_.soon ? Access::Patience::Short : Access::Patience::Long;
  o_.access.ask(*caller_.user, question, patience, [self = shared_from_this(), what](const Result<bool>& may) {
    if (!may || *may) return self->permitted(may);
    self->payMore();
    self->end(Kind::Forbidden, self->caller_.user->kubernetesUser + " may not " + what + ".");
  });
}

void Exchange::permitted(const Result<bool>& may) {
  if (!may) return end(Kind::Unavailable, "the API server can't be asked what you may: " + may.error().message);
  if (const auto next = std::exchange(stillToAsk_, std::nullopt)) return ask(*next);
  if (plan_.wants == Wants::Role) return tellRole();
  if (plan_.wants == Wants::Switch) return plan_.idempotency.empty() ? decide() : recall({});
  Outcome o;
  o.kind = Kind::Task;
  o.status = task_->status;
  o.task = task_->meta.uid;
  o.groupId = task_->calledId.empty() ? task_->spec.group : task_->calledId;
  end(std::move(o));
}

/// Another replica may have changed it meanwhile: what may be old is not told as though it were new.
void Exchange::tellRole() {
  const auto unheard = o_.groups.unheard(group_.ns);
  if (!unheard) return decide();
  end(Kind::Unavailable, "nothing has been heard of roles for " + std::to_string(unheard->count()) +
                             " s; they may have changed since. Ask another replica, or again in a moment.");
}

void Exchange::decide() {
  auto decision = facade_->decide(call_, plan_, group_);
  if (auto* answer = std::get_if<http::Response>(&decision)) return refuse(std::move(*answer));
  intent_ = std::get<facades::Intent>(std::move(decision));
  create();
}

void Exchange::refuse(http::Response answer) {
  if (plan_.idempotency.empty()) return finish(std::move(answer));
  // The first of several equal calls may be the very reason why this one would be refused.
  recall(std::move(answer));
}

// --- answering

void Exchange::fault(AuthFault fault) {
  Outcome o;
  o.kind = Kind::Unauthenticated;
  o.fault = fault;
  complaint_ = fault == AuthFault::Csrf ? "a browser's call without its CSRF token" : "it was sent before";
  end(std::move(o));
}

void Exchange::end(Kind kind, std::string message) {
  Outcome o;
  o.kind = kind;
  o.message = std::move(message);
  end(std::move(o));
}

void Exchange::end(Outcome outcome) {
  if (ended_.exchange(true)) return;
  if (!uid_.empty()) {
    outcome.request = group_.ns + "/" + name_;
    outcome.task = uid_;
    outcome.callId = firstCall_;
  }
  if (complaint_.empty()) complaint_ = std::string(name(outcome.reason));
  if (complaint_.empty()) complaint_ = outcome.message;
  finish(facade_->render(call_, plan_, outcome));
}

void Exchange::stopWaiting() {
  Followers::Id following = 0;
  Timers::Id timer = 0;
  {
    MutexLock l(mutex_);
    following = std::exchange(following_, 0);
    timer = std::exchange(timer_, 0);
  }
  if (following != 0) o_.followers.leave(following);
  if (timer != 0) o_.timers.cancel(timer);
}

void Exchange::addCsrfToken(http::Response& response) const {
  const std::string cookie = base64Url(o_.random(18));
  response.headers.emplace_back("X-CSRF-Token", o_.authenticator.csrfToken(cookie));
  response.headers.emplace_back("Set-Cookie", std::string(facades::kCsrfCookie) + "=" + cookie +
                                                  "; Path=/; HttpOnly; SameSite=Strict" +
                                                  (call_.tls ? "; Secure" : ""));
}

void Exchange::tell(const http::Response& response) const {
  const std::chrono::duration<double> took = o_.clock.steady() - began_;
  const std::string_view api = facade_ ? name(facade_->kind()) : std::string_view();
  log::info("API call", {{"api", api},
                         {"method", http::name(call_.method)},
                         {"path", call_.path},
                         {"from", address_},
                         {"user", caller_.user ? caller_.user->name : ""},
                         {"claimed", caller_.user ? "" : claimed(plan_.claim)},
                         {"group", group_.name.empty() ? "" : group_.ns + "/" + group_.name},
                         {"request", uid_.empty() ? "" : name_},
                         {"status", response.status},
                         {"reason", complaint_},
                         {"ms", static_cast<int64_t>(took.count() * 1000)},
                         {"id", call_.id}});
  if (o_.answered) o_.answered(api, response.status, took.count());
}

void Exchange::finish(http::Response response) {
  ended_ = true;
  stopWaiting();
  if (!uid_.empty()) response.headers.emplace_back("Baton-Switchover", group_.ns + "/" + name_);
  if (facade_ && plan_.asksForCsrfToken && caller_.user) addCsrfToken(response);
  tell(response);
  respond_(std::move(response));
}

}  // namespace baton::gateway
