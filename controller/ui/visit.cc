#include "ui/visit.h"

#include <utility>

#include "base/crypto.h"
#include "base/log.h"
#include "facades/common.h"
#include "gateway/incoming.h"
#include "kube/request.h"
#include "ui/asked.h"
#include "ui/board.h"
#include "ui/page.h"
#include "ui/view.h"

namespace baton::ui {
namespace {

using api::Json;
using facades::AuthFault;
using http::Method;

constexpr std::string_view kPath = "ui";  // of its tokens, metrics and log lines
constexpr std::string_view kCookie = "BATON_UI";
constexpr std::chrono::hours kSession{8};
constexpr size_t kMostRequests = 20, kMostClaimed = 64;
constexpr std::chrono::seconds kTry{4};

bool isJson(const facades::Call& call) {
  const auto type = call.header("Content-Type").value_or("");
  return sameWord(facades::trimmed(type.substr(0, type.find(';'))), facades::kJson);
}

const char* wordOf(AuthFault fault) {
  switch (fault) {
    case AuthFault::Missing:
      return "NotSignedIn";
    case AuthFault::Expired:
      return "SessionExpired";
    case AuthFault::TooMany:
      return "TooMany";
    default:
      return "WrongCredentials";
  }
}

}  // namespace

Visit::Visit(const SiteParts& parts, Live& live, facades::Call call, std::string address, http::Respond respond)
    : o_(parts),
      live_(live),
      call_(std::move(call)),
      address_(std::move(address)),
      began_(parts.clock.steady()),
      respond_(std::move(respond)),
      credentials_(parts.authenticator.credentials()) {}

void Visit::begin() {
  if (call_.undecodable) return refuse(400, "BadRequest", "the request target can't be decoded.");
  if (auto file = pageAnswer(call_)) return finish(std::move(*file));
  const auto all = ways();
  if (all.empty()) return refuse(404, "NotFound", "there is no such path.");
  std::string allowed;
  for (const auto& way : all) {
    const bool head = call_.method == Method::Head && way.method == Method::Get;
    if (way.method == call_.method || head) return enter(way);
    allowed += (allowed.empty() ? "" : ", ") + std::string(http::name(way.method));
  }
  finish(facades::withAllow(facades::jsonAnswer(405, {{"error", "only " + allowed}, {"reason", "NoSuchMethod"}}),
                            allowed));
}

std::vector<Visit::Way> Visit::ways() const {
  const auto is = [&](std::initializer_list<std::string_view> words) { return facades::isPath(call_, words); };
  if (is({"ui", "api", "session"}))
    return {{Method::Get, &Visit::tellSession},
            {Method::Post, &Visit::signIn, true},
            {Method::Delete, &Visit::signOut, true}};
  if (is({"ui", "api", "groups"})) return {{Method::Get, &Visit::tellGroups}};
  if (is({"ui", "api", "groups", "*", "*"})) return {{Method::Get, &Visit::tellGroup}};
  if (is({"ui", "api", "groups", "*", "*", "switchover"})) return {{Method::Post, &Visit::switchOver}};
  if (is({"ui", "api", "requests", "*", "*"})) return {{Method::Get, &Visit::tellRequest}};
  if (is({"ui", "api", "events"})) return {{Method::Get, &Visit::stream}};
  return {};
}

void Visit::enter(const Way& way) {
  const bool changes = way.method != Method::Get;
  if (changes && gateway::fromAnotherSite(call_))
    return refuse(403, "AnotherSite", "a browser made this call for another site's page.");
  if (way.method == Method::Post && !isJson(call_))
    return refuse(415, "NoJson", "the body must be application/json, and say so in Content-Type.");
  if (way.open) return (this->*way.step)();
  o_.authenticator.prove(claim(), kPath, address_, [self = shared_from_this(), step = way.step](auto result) {
    self->proved(std::move(result), step);
  });
}

facades::Claim Visit::claim() const {
  if (const auto authorization = call_.header("Authorization")) {
    if (auto basic = facades::basicClaim(*authorization)) return std::move(*basic);
    if (const auto token = facades::afterScheme(*authorization, "Bearer"))
      return facades::TokenClaim{std::string(*token)};
    return facades::BadClaim{"Authorization is neither Basic nor Bearer"};
  }
  std::string token = facades::cookie(call_, kCookie);
  if (token.empty()) return facades::NoClaim{};
  return facades::TokenClaim{std::move(token)};
}

void Visit::proved(std::variant<gateway::Caller, gateway::Unproved> result, Step next) {
  if (const auto* no = std::get_if<gateway::Unproved>(&result)) return unproved(*no);
  caller_ = std::get<gateway::Caller>(std::move(result));
  (this->*next)();
}

// --- the session

Json Visit::session(const std::string& user, std::optional<Time> until) const {
  Json j = {{"user", user}};
  if (until) j["expires"] = formatTimeSeconds(*until);
  return j;
}

std::string Visit::setCookie(const std::string& value, std::chrono::seconds life) const {
  // Without a path it is sent to this folder only, wherever a proxy has put it. Who ends TLS in front of us leaves its
  // trace in Origin.
  const bool secure = call_.tls || call_.header("Origin").value_or("").starts_with("https://");
  return std::string(kCookie) + "=" + value + "; Max-Age=" + std::to_string(life.count()) +
         "; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
}

void Visit::signIn() {
  auto claim = readSignIn(call_.body);
  if (!claim) return refuse(400, "BadRequest", claim.error().message);
  claimed_ = cutText(claim->user, kMostClaimed);
  o_.authenticator.prove(*claim, kPath, address_, [self = shared_from_this()](auto result) {
    self->proved(std::move(result), &Visit::signedIn);
  });
}

void Visit::signedIn() {
  const Time until = o_.clock.now() + kSession;
  http::Response r = facades::jsonAnswer(200, session(caller_.user->name, until));
  r.headers.emplace_back("Set-Cookie", setCookie(o_.authenticator.issue(*caller_.user, kPath, until), kSession));
  finish(std::move(r));
}

void Visit::signOut() { finish({204, {{"Set-Cookie", setCookie("", std::chrono::seconds(0))}}, ""}); }

void Visit::tellSession() { finish(facades::jsonAnswer(200, session(caller_.user->name, caller_.until))); }

// --- what there is

bool Visit::listed() {
  if (o_.source.ready()) return true;
  refuse(503, "NotReady", "the groups are not listed yet; try again in a moment.");
  return false;
}

/// Answers of the API server come on a thread that all of the program waits for: all else is done on another.
RightsDone Visit::then(std::function<void(const Rights&)> next) {
  return [self = shared_from_this(), next = std::move(next)](Result<Rights> rights) {
    self->o_.timers.after(std::chrono::seconds(0), [self, next, rights = std::move(rights)] {
      if (rights) return next(*rights);
      self->refuse(503, "Unavailable", "the API server can't be asked what you may: " + rights.error().message);
    });
  };
}

void Visit::withRights(std::function<void(const Rights&)> next) {
  if (listed()) askRights(o_.access, caller_.user, namespacesOf(o_.source), then(std::move(next)));
}

void Visit::withRight(std::function<void(const Right&)> next) {
  if (!listed()) return;
  askRight(
      o_.access, caller_.user, ns(), then([self = shared_from_this(), next = std::move(next)](const Rights& rights) {
        const Right right = rights.in(self->ns());
        if (right.groups) return next(right);
        self->refuse(403, "Forbidden",
                     self->caller_.user->kubernetesUser + " may not list hagroups in namespace " + self->ns() + ".");
      }));
}

void Visit::tellGroups() {
  withRights([this](const Rights& rights) {
    Board board(o_.source, o_.version);
    board.lookAtAll();
    // Much text, which somebody may take slowly: no more of it than all streams may have waiting.
    http::Response r{200, {{"Content-Type", facades::kJson}}, ""};
    r.stream = [text = board.everything(rights)](const std::shared_ptr<http::BodyStream>& body) {
      body->send(text);
      body->finish();
    };
    finish(std::move(r));
  });
}

void Visit::tellGroup() {
  withRight([this](const Right& right) {
    const auto group = o_.source.group(ns(), object());
    if (!group) return refuse(404, "GroupNotFound", "there is no HaGroup " + ns() + "/" + object() + ".");
    Json requests = Json::array();
    if (right.requests)
      for (const auto& r : o_.source.requestsOf(ns(), object()))
        if (requests.size() < kMostRequests) requests.push_back(toJson(*r));
    finish(
        facades::jsonAnswer(200, {{"group", seen(o_.source, *group, right, true)}, {"requests", std::move(requests)}}));
  });
}

void Visit::tellRequest() {
  withRight([this](const Right& right) {
    const auto request = o_.source.request(ns(), object());
    // What he has asked for himself he may follow.
    const bool his = right.change && request && request->requestedBy == caller_.user->name;
    if (!right.requests && !his)
      return refuse(403, "Forbidden",
                    caller_.user->kubernetesUser + " may not list switchoverrequests in namespace " + ns() + ".");
    if (!request) return refuse(404, "NotFound", "there is no SwitchoverRequest " + ns() + "/" + object() + ".");
    finish(facades::jsonAnswer(200, toJson(*request)));
  });
}

void Visit::stream() {
  if (live_.full(caller_.user->name)) {
    http::Response r = facades::jsonAnswer(
        503, {{"error", "too many look at this page through this replica, or you do in too many windows."},
              {"reason", "TooMany"}});
    return finish(facades::withRetry(std::move(r)));
  }
  withRights([this](const Rights& rights) {
    http::Response r{200, {{"Content-Type", "text/event-stream"}, {"X-Accel-Buffering", "no"}}, "retry: 1000\n\n"};
    Live::Viewer viewer{caller_.user, credentials_, caller_.until.value_or(Time::max()), rights};
    r.stream = [&live = live_, viewer = std::move(viewer)](std::shared_ptr<http::BodyStream> body) {
      live.open(viewer, std::move(body));
    };
    finish(std::move(r));
  });
}

// --- a switchover

void Visit::switchOver() {
  if (!o_.takes(caller_.user->name, 1)) return refuse(429, "TooMany", "you ask for changes too often.");
  withRight([this](const Right& right) { create(right); });
}

void Visit::create(const Right& right) {
  if (!right.change)
    return refuse(403, "Forbidden",
                  caller_.user->kubernetesUser + " may not create switchoverrequests in namespace " + ns() + ".");
  if (!o_.source.group(ns(), object()))
    return refuse(404, "GroupNotFound", "there is no HaGroup " + ns() + "/" + object() + ".");
  made_ = "ui-" + hex(o_.random(8));
  const auto asked = readSwitchover(call_.body, ns(), object(), made_, caller_.user->name);
  if (!asked) return refuse(400, "BadRequest", asked.error().message);
  if (o_.stopping()) return refuse(503, "Unavailable", "this replica is stopping; nothing has changed.");
  auto request = kube::create(kube::resources::switchoverRequests, ns(), facades::textOf(*asked));
  request.lane = kube::Lane::RoleChange;
  request.idempotent = true;  // the name is its own: a repetition meets itself
  request.timeout = kTry;
  request.retries = 1;
  o_.client.send(std::move(request),
                 [self = shared_from_this()](const Result<http::Response>& answer) { self->created(answer); });
}

void Visit::created(const Result<http::Response>& answer) {
  using Kind = Error::Kind;
  if (answer) {
    const auto made = api::switchoverFromJson(Json::parse(answer->body, nullptr, false));
    if (made.meta.name == made_) return finish(facades::jsonAnswer(201, toJson(made)));
    return refuse(503, "Unavailable",
                  "SwitchoverRequest " + ns() + "/" + made_ + " was made, but not as it was asked.");
  }
  const Error& e = answer.error();
  if (e.kind == Kind::AlreadyExists) {  // the first try's answer was lost
    auto again = kube::get(kube::resources::switchoverRequests, ns(), made_);
    again.timeout = kTry;
    again.retries = 1;
    return o_.client.send(std::move(again),
                          [self = shared_from_this()](const Result<http::Response>& r) { self->created(r); });
  }
  // Whoever refuses it - a rule of the definition, a webhook, a quota - says why.
  if (e.kind == Kind::Invalid || e.kind == Kind::Forbidden) return refuse(422, "InvalidSpec", e.message);
  if (e.kind == Kind::NotFound) return refuse(404, "NotFound", e.message);
  refuse(503, "Unavailable", "SwitchoverRequest " + ns() + "/" + made_ + " may not have been made: " + e.message);
}

// --- answering

void Visit::unproved(const gateway::Unproved& no) {
  if (o_.notProved) o_.notProved(kPath);
  const int status = no.fault == AuthFault::TooMany ? 429 : 401;
  http::Response r = facades::jsonAnswer(status, {{"error", no.message + "."}, {"reason", wordOf(no.fault)}});
  complaint_ = no.message;
  // Not Basic, for which a browser would open a window of its own.
  if (status == 401) r.headers.emplace_back("WWW-Authenticate", R"(Bearer realm="Baton")");
  finish(status == 429 ? facades::withRetry(std::move(r)) : std::move(r));
}

void Visit::refuse(int status, std::string_view reason, const std::string& message) {
  complaint_ = message;
  finish(facades::jsonAnswer(status, {{"error", message}, {"reason", std::string(reason)}}));
}

void Visit::finish(http::Response response) {
  const std::chrono::duration<double> took = o_.clock.steady() - began_;
  const bool file = !caller_.user && claimed_.empty() && response.status < 400;
  (file ? log::debug : log::info)("API call", {{"api", kPath},
                                               {"method", http::name(call_.method)},
                                               {"path", call_.path},
                                               {"from", address_},
                                               {"user", caller_.user ? caller_.user->name : ""},
                                               {"claimed", caller_.user ? "" : claimed_},
                                               {"request", response.status == 201 ? made_ : ""},
                                               {"status", response.status},
                                               {"reason", complaint_},
                                               {"ms", static_cast<int64_t>(took.count() * 1000)},
                                               {"id", call_.id}});
  if (o_.answered) o_.answered(kPath, response.status, took.count());
  std::exchange(respond_, nullptr)(guarded(std::move(response)));
}

}  // namespace baton::ui
