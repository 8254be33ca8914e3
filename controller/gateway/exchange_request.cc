#include <algorithm>
#include <utility>

#include "base/crypto.h"
#include "gateway/exchange.h"
#include "kube/request.h"

namespace baton::gateway {
namespace {

using facades::Outcome;

/// A call that is answered when its request is accepted waits for that no longer, from its arrival: clients give up
/// after three seconds. The least is for what the steps before have left.
constexpr std::chrono::milliseconds kAcceptance{2000}, kLeastAcceptance{300};
/// One that waits for the end: so long for somebody to take the request up, a new leader too, and then longer than any
/// request of its own takes, its way back included.
constexpr std::chrono::seconds kTakenUp{30}, kEnd{400};
/// No request is made later than this after the call has come: whoever called has given up.
constexpr std::chrono::seconds kLate{10}, kLateForEnd{30};
/// Of one try at the API server; the second follows at once.
constexpr std::chrono::milliseconds kTry{4000};
/// The same for a call that is to be answered soon: the whole way takes hardly more than kSoon when the API server
/// falls silent, whichever step it is at. There is a second try only of what has failed early.
constexpr std::chrono::milliseconds kSoon{2200}, kSoonTry{1500}, kLeastTry{500}, kEarly{700};

Outcome::Kind kindOf(api::Phase p) {
  if (p == api::Phase::Succeeded) return Outcome::Kind::Succeeded;
  return p == api::Phase::Rejected ? Outcome::Kind::Refused : Outcome::Kind::Failed;
}

Outcome outcomeOf(Outcome::Kind kind, api::Reason reason, const std::string& message) {
  Outcome o;
  o.kind = kind;
  o.reason = reason;
  o.message = message;
  return o;
}

bool takenUp(const api::SwitchoverStatus& st) { return api::started(st.phase) || st.phase == api::Phase::Validating; }
bool begun(const api::SwitchoverStatus& st) { return takenUp(st) && st.phase != api::Phase::Validating; }
bool isQueued(const Followers::Request& r) { return r && r->status.phase == api::Phase::Queued; }

}  // namespace

std::string Exchange::named() const { return "SwitchoverRequest " + group_.ns + "/" + name_; }

std::chrono::milliseconds Exchange::gone() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(o_.clock.steady() - began_);
}

bool Exchange::late() const { return gone() > (intent_.waitForEnd ? kLateForEnd : kLate); }

std::chrono::milliseconds Exchange::tryFor() const {
  return plan_.soon ? std::clamp(kSoon - gone(), kLeastTry, kSoonTry) : kTry;
}

void Exchange::send(kube::ApiRequest request, void (Exchange::*then)(Answer)) {
  request.lane = kube::Lane::RoleChange;
  request.timeout = tryFor();
  request.retries = 1;
  if (plan_.soon)
    request.stillWanted = [self = shared_from_this(), more = std::move(request.stillWanted), again = false]() mutable {
      return (!std::exchange(again, true) || self->gone() < kEarly) && (!more || more());
    };
  o_.client.send(std::move(request), [self = shared_from_this(), then](Answer r) { ((*self).*then)(std::move(r)); });
}

void Exchange::look(void (Exchange::*then)(Answer)) {
  send(kube::get(kube::resources::switchoverRequests, group_.ns, name_), then);
}

/// Is there a request of an earlier call with the same token? Then that is the answer; else `otherwise`, or what is
/// decided now.
void Exchange::recall(std::optional<http::Response> otherwise) {
  chooseName();
  otherwise_ = std::move(otherwise);
  look(&Exchange::recalled);
}

void Exchange::recalled(Answer answer) {
  if (answer || answer.error().kind != Error::Kind::NotFound) return stored(std::move(answer));
  otherwise_ ? finish(std::move(*otherwise_)) : decide();
}

void Exchange::chooseName() {
  const api::ApiKind api = facade_->kind();
  const std::string what = plan_.idempotency.empty() ? "call " + hex(o_.random(16)) : "token " + plan_.idempotency;
  name_ = requestName(api, group_.ns, group_.name, what);
  // Of another user the same token means something else.
  origin_ = {api, caller_.user->name, call_.id, plan_.identity.id, caller_.user->name + "\n" + plan_.fingerprint};
  firstCall_ = call_.id;
}

void Exchange::create() {
  // What is refused is not stored.
  if (const auto refusal = o_.groups.refusal(group_.ns, group_.name, intent_)) {
    complaint_ = std::string(name(refusal->reason));
    return refuse(facade_->render(call_, plan_, outcomeOf(Kind::Refused, refusal->reason, refusal->message)));
  }
  if (o_.stopping()) return end(Kind::Unavailable, "this replica is stopping; nothing has changed.");
  if (late()) return end(Kind::Unavailable, "the API server was too slow; nothing has changed.");
  if (name_.empty()) chooseName();
  auto request = kube::create(kube::resources::switchoverRequests, group_.ns,
                              requestBody(group_.ns, name_, group_.name, intent_, origin_));
  request.idempotent = true;  // the name is its own: a repetition meets itself
  request.stillWanted = [self = shared_from_this()] { return !self->late(); };
  send(std::move(request), &Exchange::created);
}

void Exchange::created(Answer answer) {
  if (answer) return stored(std::move(answer));
  const Error& e = answer.error();
  switch (e.kind) {
    // There: of an earlier call with the same token, or ours, whose answer was lost. Else it may be there.
    case Error::Kind::AlreadyExists:
    case Error::Kind::Timeout:
    case Error::Kind::Unavailable:
    case Error::Kind::Cancelled:
      return look(&Exchange::stored);
    case Error::Kind::Invalid:
      return end(outcomeOf(Kind::Refused, api::Reason::InvalidSpec, e.message));
    default:
      return end(Kind::Unavailable, "the request can't be made: " + e.message);
  }
}

void Exchange::stored(Answer answer) {
  if (!answer && answer.error().kind == Error::Kind::NotFound)
    return end(Kind::Unavailable,
               "the API server has not stored the request; if it does, late, it is " + named() + ".");
  if (!answer)
    return end(Kind::Unavailable,
               "the API server can't be asked, and may hold " + named() + ": " + answer.error().message);
  const api::Json object = api::Json::parse(answer->body, nullptr, false);
  if (!object.is_object()) return end(Kind::Unavailable, "the API server's answer is not JSON.");
  taken(object);
}

/// The request as the API server has it: made by this call, or by an earlier one with the same token.
void Exchange::taken(const api::Json& object) {
  const Origin made = originOf(object);
  if (made.callId != call_.id && made.fingerprint != hex(sha256(origin_.fingerprint)))
    return end(Kind::Mismatch, "it was used before with other parameters.");
  firstCall_ = made.callId.empty() ? call_.id : made.callId;
  const auto request = api::switchoverFromJson(object);
  uid_ = request.meta.uid;
  read(request);
  if (!ended_) follow();
}

/// From the API server itself, so nothing older counts any more.
void Exchange::read(const api::SwitchoverRequest& request) {
  version_ = request.meta.resourceVersion;
  news(Followers::What::Changed, std::make_shared<const api::SwitchoverRequest>(request));
}

std::chrono::milliseconds Exchange::patience() const {
  if (intent_.waitForEnd) return kTakenUp;
  return std::max(kLeastAcceptance, kAcceptance - gone());
}

void Exchange::setTimer(std::chrono::milliseconds after, void (Exchange::*then)()) {
  MutexLock l(mutex_);
  if (ended_) return;
  timer_ = o_.timers.after(after, [weak = weak_from_this(), then] {
    if (const auto self = weak.lock(); self && !self->ended_) ((*self).*then)();
  });
}

void Exchange::follow() {
  const auto id = o_.followers.follow(
      group_.ns, name_, [self = shared_from_this()](auto what, const auto& request) { self->news(what, request); });
  if (id == 0) return news(Followers::What::Stopping, nullptr);
  {
    MutexLock l(mutex_);
    following_ = id;
  }
  setTimer(patience(), &Exchange::overdue);
  // What came between the answer and now.
  if (const auto now = o_.groups.request(group_.ns, name_); now && now->meta.uid == uid_)
    news(Followers::What::Changed, now);
  if (ended_) stopWaiting();  // news came before following_ was known
}

void Exchange::news(Followers::What what, const Followers::Request& request) {
  if (what == Followers::What::Stopping) {
    if (!intent_.waitForEnd && !isQueued(o_.groups.request(group_.ns, name_))) return end(Kind::Accepted);
    return end(Kind::Unavailable, "this replica is stopping; " + named() + " goes on, and says how it ends.");
  }
  // The watch may be behind, and tell of an earlier request of that name.
  if (request->meta.uid != uid_ && (what == Followers::What::Gone || request->meta.resourceVersion < version_)) return;
  if (request->meta.uid != uid_ || what == Followers::What::Gone)
    return end(Kind::Unavailable, named() + " was deleted.");
  const auto& st = request->status;
  if (api::finished(st.phase)) return end(outcomeOf(kindOf(st.phase), st.reason, st.message));
  if (begun(st) && !intent_.waitForEnd) end(Kind::Accepted);
}

/// It is time. Whoever wants its acceptance only has it: the request is stored, and begins as soon as a controller
/// leads, or not at all (its start deadline). But it is not to wait behind another, as Busy is refused; unless an
/// earlier call with the same token was told otherwise.
void Exchange::overdue() {
  auto now = o_.groups.request(group_.ns, name_);
  if (now && now->meta.uid != uid_) now = nullptr;
  queued_ = isQueued(now);
  const bool untouched = queued_ || (intent_.waitForEnd && !(now && takenUp(now->status)));
  if (untouched && firstCall_ == call_.id) return withdraw(now);
  if (!intent_.waitForEnd) return end(Kind::Accepted);
  setTimer(kEnd, &Exchange::tooLong);
}

/// Before the call is told that it has not ended: this replica's watch may have stopped.
void Exchange::tooLong() {
  if (plan_.wants == facades::Wants::Task) return end(Kind::NoTask);
  stopWaiting();
  look(&Exchange::lastLook);
}

void Exchange::lastLook(Answer answer) {
  const api::Json object = answer ? api::Json::parse(answer->body, nullptr, false) : api::Json();
  if (object.is_object()) read(api::switchoverFromJson(object));
  if (!ended_) end(Kind::Unavailable, "it has not ended yet; " + named() + " says how it ends.");
}

/// Unless it has changed since somebody told of it last: the watch may be behind, so what was read counts, too.
void Exchange::withdraw(const Followers::Request& seen) {
  stopWaiting();
  kube::DeleteOptions o;
  o.uid = uid_;
  o.resourceVersion = std::to_string(std::max(version_.load(), seen ? seen->meta.resourceVersion : 0));
  send(kube::remove(kube::resources::switchoverRequests, group_.ns, name_, o), &Exchange::withdrawn);
}

void Exchange::withdrawn(Answer answer) {
  if (!answer && answer.error().kind != Error::Kind::NotFound) return look(&Exchange::acceptedYet);
  if (queued_) return end(outcomeOf(Kind::Refused, api::Reason::Busy, "another change of roles was first."));
  end(Kind::Unavailable, "no controller has taken it up; it was withdrawn, and nothing has changed.");
}

/// It could not be withdrawn: it has changed, or the API server does not say.
void Exchange::acceptedYet(Answer answer) {
  if (!answer)
    return end(Kind::Unavailable, answer.error().kind == Error::Kind::NotFound
                                      ? named() + " was deleted."
                                      : "the API server can't be asked; " + named() + " says what becomes of it.");
  const api::Json object = api::Json::parse(answer->body, nullptr, false);
  const auto request = api::switchoverFromJson(object);
  read(request);
  if (ended_) return;
  if (intent_.waitForEnd && takenUp(request.status)) return follow();
  if (takenUp(request.status)) return end(Kind::Accepted);
  end(Kind::Unavailable, named() + " has not begun and could not be withdrawn; it begins soon or not at all.");
}

}  // namespace baton::gateway
