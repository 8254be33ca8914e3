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
/// Of one try at the API server; the second follows at once.
constexpr std::chrono::milliseconds kTry{4000};

Outcome::Kind kindOf(api::Phase p) {
  if (p == api::Phase::Succeeded) return Outcome::Kind::Succeeded;
  return p == api::Phase::Rejected ? Outcome::Kind::Refused : Outcome::Kind::Failed;
}

Outcome outcomeOf(const api::SwitchoverStatus& st, Outcome::Kind kind) {
  Outcome o;
  o.kind = kind;
  o.reason = st.reason;
  o.message = st.message;
  return o;
}

bool takenUp(const Followers::Request& r) {
  return r && (api::started(r->status.phase) || r->status.phase == api::Phase::Validating);
}
bool begun(const Followers::Request& r) { return takenUp(r) && r->status.phase != api::Phase::Validating; }

}  // namespace

void Exchange::send(kube::ApiRequest request, void (Exchange::*then)(Answer)) {
  request.lane = kube::Lane::RoleChange;
  request.timeout = kTry;
  request.retries = 1;
  o_.client.send(std::move(request), [self = shared_from_this(), then](Answer r) { ((*self).*then)(std::move(r)); });
}

/// Is there a request of an earlier call with the same token? Then that is the answer; else `otherwise`, or what is
/// decided now.
void Exchange::recall(std::optional<http::Response> otherwise) {
  chooseName();
  o_.client.send(kube::get(kube::resources::switchoverRequests, group_.ns, name_),
                 [self = shared_from_this(), otherwise](Answer r) {
                   if (!r && r.error().kind == Error::Kind::NotFound)
                     return otherwise ? self->finish(*otherwise) : self->decide();
                   self->stored(std::move(r));
                 });
}

void Exchange::chooseName() {
  const api::ApiKind api = facade_->kind();
  const std::string what = plan_.idempotency.empty() ? "call " + hex(o_.random(16)) : "token " + plan_.idempotency;
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
    complaint_ = std::string(name(o.reason));
    return refuse(facade_->render(call_, plan_, o));
  }
  if (name_.empty()) chooseName();
  auto request = kube::create(kube::resources::switchoverRequests, group_.ns,
                              requestBody(group_.ns, name_, group_.name, intent_, origin_));
  request.idempotent = true;  // the name is its own: a repetition meets itself
  send(std::move(request), &Exchange::created);
}

void Exchange::created(Answer answer) {
  if (answer) return stored(std::move(answer));
  const Error& e = answer.error();
  // There: of an earlier call with the same token, or ours, whose answer was lost. Not known: it may be.
  if (e.kind == Error::Kind::AlreadyExists || e.kind == Error::Kind::Timeout || e.kind == Error::Kind::Unavailable) {
    complaint_ = "the answer to its creation was lost";
    return send(kube::get(kube::resources::switchoverRequests, group_.ns, name_), &Exchange::stored);
  }
  if (e.kind != Error::Kind::Invalid) return end(Kind::Unavailable, "the request can't be made: " + e.message);
  Outcome o;
  o.kind = Kind::Refused;
  o.reason = api::Reason::InvalidSpec;
  o.message = e.message;
  end(std::move(o));
}

void Exchange::stored(Answer answer) {
  if (!answer && answer.error().kind == Error::Kind::NotFound)
    return end(Kind::Unavailable, "the API server did not take the request; nothing has changed.");
  if (!answer)
    return end(Kind::Unavailable, "the API server can't be asked, and may hold the SwitchoverRequest " + group_.ns +
                                      "/" + name_ + ": " + answer.error().message);
  const api::Json object = api::Json::parse(answer->body, nullptr, false);
  if (!object.is_object()) return end(Kind::Unavailable, "the API server's answer is not JSON.");
  complaint_.clear();
  taken(object);
}

/// The request as the API server has it: made by this call, or by an earlier one with the same token.
void Exchange::taken(const api::Json& object) {
  const Origin made = originOf(object);
  if (made.callId != call_.id && made.fingerprint != hex(sha256(plan_.fingerprint)))
    return end(Kind::Mismatch, "it was used before with other parameters.");
  firstCall_ = made.callId.empty() ? call_.id : made.callId;
  uid_ = api::text(api::object(object, "metadata"), "uid");
  news(Followers::What::Changed, std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(object)));
  if (!ended_) follow();
}

std::chrono::milliseconds Exchange::patience() const {
  if (intent_.waitForEnd) return kTakenUp;
  const auto gone = std::chrono::duration_cast<std::chrono::milliseconds>(o_.clock.steady() - began_);
  return std::max(kLeastAcceptance, kAcceptance - gone);
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
  const std::string named = "SwitchoverRequest " + group_.ns + "/" + name_;
  if (what == Followers::What::Stopping)
    return end(Kind::Unavailable, "this replica is stopping; " + named + " goes on, and says how it ends.");
  if (request->meta.uid != uid_) {
    if (what == Followers::What::Gone) return;  // an earlier one of that name
    return end(Kind::Unavailable, named + " was deleted.");
  }
  if (what == Followers::What::Gone) return end(Kind::Unavailable, named + " was deleted.");
  if (api::finished(request->status.phase)) return end(outcomeOf(request->status, kindOf(request->status.phase)));
  if (begun(request) && !intent_.waitForEnd) end(Kind::Accepted);
}

/// It is time. Whoever wants its acceptance only has it: the request is stored, and begins as soon as a controller
/// leads, or not at all (its start deadline). But it is not to wait behind another, as Busy is refused.
void Exchange::overdue() {
  auto now = o_.groups.request(group_.ns, name_);
  if (now && now->meta.uid != uid_) now = nullptr;
  const bool queued = now && now->status.phase == api::Phase::Queued;
  if (queued || (intent_.waitForEnd && !takenUp(now))) return withdraw(now);
  if (!intent_.waitForEnd) return end(Kind::Accepted);
  setTimer(kEnd, &Exchange::tooLong);
}

void Exchange::tooLong() {
  if (plan_.wants == facades::Wants::Task) return end(Kind::NoTask);
  end(Kind::Unavailable, "it has not ended yet; SwitchoverRequest " + group_.ns + "/" + name_ + " says how it ends.");
}

/// Unless it has changed meanwhile.
void Exchange::withdraw(const Followers::Request& seen) {
  stopWaiting();
  kube::DeleteOptions o;
  o.uid = uid_;
  if (seen) o.resourceVersion = std::to_string(seen->meta.resourceVersion);
  notTakenUp_ = seen && seen->status.phase == api::Phase::Queued ? "it waits behind another role change"
                                                                 : "no controller has taken it up";
  auto request = kube::remove(kube::resources::switchoverRequests, group_.ns, name_, o);
  request.lane = kube::Lane::RoleChange;
  request.timeout = kTry;
  o_.client.send(std::move(request), [self = shared_from_this()](const Answer& r) { self->withdrawn(r); });
}

void Exchange::withdrawn(const Answer& answer) {
  const bool gone = answer || answer.error().kind == Error::Kind::NotFound;
  if (gone) return end(Kind::Unavailable, notTakenUp_ + "; it was withdrawn, and nothing has changed.");
  send(kube::get(kube::resources::switchoverRequests, group_.ns, name_), &Exchange::acceptedYet);
}

/// It could not be withdrawn: it has changed, or the API server does not say.
void Exchange::acceptedYet(Answer answer) {
  if (!answer) return stored(std::move(answer));
  const api::Json object = api::Json::parse(answer->body, nullptr, false);
  const auto r = std::make_shared<const api::SwitchoverRequest>(api::switchoverFromJson(object));
  news(Followers::What::Changed, r);
  if (ended_) return;
  if (intent_.waitForEnd) return follow();
  if (takenUp(r)) return end(Kind::Accepted);
  end(Kind::Unavailable,
      notTakenUp_ + ", and it could not be withdrawn; it does not begin any more after its start deadline.");
}

}  // namespace baton::gateway
