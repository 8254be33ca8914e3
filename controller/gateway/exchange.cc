#include "gateway/exchange.h"

#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "kube/request.h"

namespace baton::gateway {
namespace {

using facades::AuthFault;
using facades::Outcome;
using facades::Wants;

/// A call that is answered when its request is accepted waits for that no longer: clients give up after three seconds.
constexpr std::chrono::milliseconds kAcceptance{2000};
/// One that waits for the end: longer than any request of its own takes, its way back included.
constexpr std::chrono::seconds kEnd{400};

std::chrono::seconds lifeOf(api::ApiKind api) {
  return api == api::ApiKind::Sbc ? std::chrono::minutes(10) : std::chrono::hours(1);
}

/// Accepted means that it has begun, or waits for its turn; nothing: it is not known yet.
std::optional<Outcome> outcomeOf(const api::SwitchoverStatus& st, bool waitForEnd) {
  Outcome o;
  o.reason = st.reason;
  o.message = st.message;
  if (st.phase == api::Phase::Succeeded)
    o.kind = Outcome::Kind::Succeeded;
  else if (st.phase == api::Phase::Rejected)
    o.kind = Outcome::Kind::Refused;
  else if (api::finished(st.phase))
    o.kind = Outcome::Kind::Failed;
  else if (!waitForEnd && api::started(st.phase) && st.phase != api::Phase::Validating)
    o.kind = Outcome::Kind::Accepted;
  else
    return std::nullopt;
  return o;
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
  if (!plan) return finish({404, {{"Content-Type", "application/json"}}, R"({"error":"there is no such path"})"});
  plan_ = std::move(*plan);
  if (plan_.answer && !plan_.afterLogin) return finish(std::move(*plan_.answer));
  o_.authenticator.prove(plan_.claim, facade_->kind(), address_,
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
    return end(std::move(o));
  }
  caller_ = std::get<Caller>(std::move(result));
  loggedIn();
}

bool Exchange::csrfOk() const {
  return plan_.wants != Wants::Switch || plan_.csrfCookie.empty() ||
         sameSecret(plan_.csrfToken, o_.authenticator.csrfToken(plan_.csrfCookie));
}

void Exchange::loggedIn() {
  if (!csrfOk()) {
    Outcome o;
    o.kind = Kind::Unauthenticated;
    o.fault = AuthFault::Csrf;
    return end(std::move(o));
  }
  if (plan_.answer) return finish(std::move(*plan_.answer));
  switch (plan_.wants) {
    case Wants::Token:
      return giveToken();
    case Wants::Task:
      return showTask();
    default:
      return findGroup();
  }
}

void Exchange::giveToken() {
  Outcome o;
  o.kind = Kind::Token;
  o.user = caller_.user->name;
  o.expires = o_.clock.now() + lifeOf(facade_->kind());
  o.token = o_.authenticator.issue(*caller_.user, facade_->kind(), lifeOf(facade_->kind()));
  end(std::move(o));
}

void Exchange::showTask() {
  task_ = o_.groups.requestByUid(plan_.task);
  if (!task_) return end(Kind::NoTask);
  ask({"get", "hagroups", task_->meta.ns, task_->spec.group});
}

void Exchange::findGroup() {
  if (!o_.groups.ready()) return end(Kind::Unavailable, "the groups are not listed yet; try again in a moment.");
  auto group = o_.groups.find(plan_.identity);
  if (!group) return end(o_.groups.elsewhere(plan_.identity) ? Kind::AnotherApi : Kind::NoGroup);
  group_ = std::move(*group);
  // Who may not even read a role is told nothing of it by what a change answers.
  const bool reads = plan_.wants == Wants::Role || facade_->kind() == api::ApiKind::Connector;
  if (plan_.wants == Wants::Switch) stillToAsk_ = Access::Question{"create", "switchoverrequests", group_.ns, ""};
  ask(reads ? Access::Question{"get", "hagroups", group_.ns, group_.name} : *std::exchange(stillToAsk_, std::nullopt));
}

void Exchange::ask(Access::Question question) {
  const std::string what = question.verb + " " + question.resource + " in namespace " + question.ns;
  o_.access.ask(*caller_.user, question, [self = shared_from_this(), what](const Result<bool>& may) {
    if (may && !*may) return self->end(Kind::Forbidden, self->caller_.user->kubernetesUser + " may not " + what + ".");
    self->permitted(may);
  });
}

void Exchange::permitted(const Result<bool>& may) {
  if (!may) return end(Kind::Unavailable, "the API server can't be asked what you may: " + may.error().message);
  if (const auto next = std::exchange(stillToAsk_, std::nullopt)) return ask(*next);
  if (plan_.wants == Wants::Role) return decide();
  if (plan_.wants == Wants::Switch) return plan_.idempotency.empty() ? decide() : recall({});
  Outcome o;
  o.kind = Kind::Task;
  o.status = task_->status;
  o.task = task_->meta.uid;
  o.groupId = task_->spec.group;
  end(std::move(o));
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

/// Is there a request of an earlier call with the same token? Then that is the answer; else `otherwise`, or what is
/// decided now.
void Exchange::recall(std::optional<http::Response> otherwise) {
  chooseName();
  o_.client.send(kube::get(kube::resources::switchoverRequests, group_.ns, name_),
                 [self = shared_from_this(), otherwise](Result<http::Response> r) {
                   if (!r && r.error().kind == Error::Kind::NotFound)
                     return otherwise ? self->finish(*otherwise) : self->decide();
                   self->stored(std::move(r));
                 });
}

void Exchange::chooseName() {
  const api::ApiKind api = facade_->kind();
  std::string what = "random " + hex(o_.random(16));
  if (!caller_.nonce.empty()) what = "nonce " + caller_.nonce;
  if (!plan_.idempotency.empty()) what = "token " + plan_.idempotency;
  name_ = requestName(api, group_.ns, group_.name, what);
  origin_ = {api, caller_.user->name, call_.id, plan_.identity.id, plan_.fingerprint};
  firstCall_ = call_.id;
}

void Exchange::create() {
  // What is refused is not stored.
  if (const auto refusal = o_.groups.refusal(group_.ns, group_.name, intent_)) {
    Outcome o;
    o.kind = Kind::Refused;
    o.reason = refusal->reason;
    o.message = refusal->message;
    return refuse(facade_->render(call_, plan_, o));
  }
  if (name_.empty()) chooseName();
  auto request = kube::create(kube::resources::switchoverRequests, group_.ns,
                              requestBody(group_.ns, name_, group_.name, intent_, origin_));
  request.idempotent = true;  // the name is its own: a repetition meets itself
  request.lane = kube::Lane::RoleChange;
  o_.client.send(std::move(request),
                 [self = shared_from_this()](Result<http::Response> r) { self->created(std::move(r)); });
}

void Exchange::created(Result<http::Response> answer) {
  const bool there = !answer && answer.error().kind == Error::Kind::AlreadyExists;
  if (there)
    return o_.client.send(kube::get(kube::resources::switchoverRequests, group_.ns, name_),
                          [self = shared_from_this()](Result<http::Response> r) { self->stored(std::move(r)); });
  if (answer || answer.error().httpStatus < 400 || answer.error().httpStatus >= 500) return stored(std::move(answer));
  Outcome o;
  o.kind = Kind::Refused;
  o.reason = api::Reason::InvalidSpec;
  o.message = answer.error().message;
  end(std::move(o));
}

void Exchange::stored(Result<http::Response> answer) {
  if (!answer) return end(Kind::Unavailable, "the API server can't be asked: " + answer.error().message);
  const api::Json object = api::Json::parse(answer->body, nullptr, false);
  if (!object.is_object()) return end(Kind::Unavailable, "the API server's answer is not JSON.");
  taken(object);
}

/// The request as the API server has it: made by this call, or by an earlier one of the same name.
void Exchange::taken(const api::Json& object) {
  const Origin made = originOf(object);
  const bool ours = made.callId == call_.id;
  Outcome o;
  if (!ours && plan_.idempotency.empty()) {  // the same nonce, at another replica
    o.kind = Kind::Unauthenticated;
    o.fault = AuthFault::Replayed;
    return end(std::move(o));
  }
  if (!ours && made.fingerprint != hex(sha256(plan_.fingerprint))) {
    o.kind = Kind::Mismatch;
    o.message = "it was used before with other parameters.";
    return end(std::move(o));
  }
  firstCall_ = made.callId.empty() ? call_.id : made.callId;
  uid_ = api::text(api::object(object, "metadata"), "uid");
  news(std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(object)));
  if (!ended_) follow();
}

void Exchange::follow() {
  const std::weak_ptr<Exchange> weak = weak_from_this();
  const auto limit = intent_.waitForEnd ? std::chrono::milliseconds(kEnd) : kAcceptance;
  {
    MutexLock l(mutex_);
    following_ = o_.followers.follow(
        group_.ns, name_, [self = shared_from_this()](const Groups::Request& request) { self->news(request); });
    timer_ = o_.timers.after(limit, [weak] {
      if (const auto self = weak.lock())
        self->end(self->intent_.waitForEnd ? Kind::Unavailable : Kind::Accepted, "it has not ended yet.");
    });
  }
  // What came between the answer and now.
  if (const auto now = o_.groups.request(group_.ns, name_); now && now->meta.uid == uid_) news(now);
}

void Exchange::news(const Groups::Request& request) {
  if (!request || (!uid_.empty() && request->meta.uid != uid_)) {
    Outcome o;
    o.kind = Kind::Failed;
    o.message = "the request was deleted.";
    return end(std::move(o));
  }
  if (auto o = outcomeOf(request->status, intent_.waitForEnd)) end(std::move(*o));
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
  finish(facade_->render(call_, plan_, outcome));
}

void Exchange::finish(http::Response response) {
  ended_ = true;
  Followers::Id following = 0;
  Timers::Id timer = 0;
  {
    MutexLock l(mutex_);
    following = std::exchange(following_, 0);
    timer = std::exchange(timer_, 0);
  }
  if (following != 0) o_.followers.leave(following);
  if (timer != 0) o_.timers.cancel(timer);
  if (!uid_.empty()) response.headers.emplace_back("Baton-Switchover", group_.ns + "/" + name_);
  if (facade_ && plan_.asksForCsrfToken && caller_.user) {
    const std::string cookie = base64Url(o_.random(18));
    response.headers.emplace_back("X-CSRF-Token", o_.authenticator.csrfToken(cookie));
    response.headers.emplace_back("Set-Cookie", std::string(facades::kCsrfCookie) + "=" + cookie +
                                                    "; Path=/; HttpOnly; SameSite=Strict" +
                                                    (call_.tls ? "; Secure" : ""));
  }
  const std::chrono::duration<double> took = o_.clock.steady() - began_;
  const std::string_view api = facade_ ? name(facade_->kind()) : std::string_view();
  log::info("API call", {{"api", api},
                         {"method", http::name(call_.method)},
                         {"path", call_.path},
                         {"from", address_},
                         {"user", caller_.user ? caller_.user->name : ""},
                         {"group", group_.name.empty() ? "" : group_.ns + "/" + group_.name},
                         {"request", uid_.empty() ? "" : name_},
                         {"status", response.status},
                         {"reason", complaint_},
                         {"ms", static_cast<int64_t>(took.count() * 1000)},
                         {"id", call_.id}});
  if (o_.answered) o_.answered(api, response.status, took.count());
  respond_(std::move(response));
}

}  // namespace baton::gateway
