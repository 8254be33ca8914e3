#include "ui/live.h"

#include <utility>
#include <vector>

#include "facades/common.h"
#include "ui/overview.h"
#include "ui/view.h"

namespace baton::ui {
namespace {

using api::Json;

constexpr std::chrono::milliseconds kGather{100};  // from the first news to telling them
constexpr std::chrono::seconds kPulse{5};
constexpr std::chrono::seconds kAskAgain{60}, kAskSoonest{2};
constexpr size_t kEnough = size_t{64} << 10;  // bytes on their way to somebody: he is told more later

std::pair<std::string, std::string> split(const std::string& key) {
  const size_t slash = key.find('/');
  return {key.substr(0, slash), key.substr(slash + 1)};
}

}  // namespace

Live::Live(const Source& source, gateway::Access& access, const gateway::Authenticator& authenticator, Timers& timers,
           const Clock& clock, std::string version)
    : source_(source),
      access_(access),
      authenticator_(authenticator),
      timers_(timers),
      clock_(clock),
      version_(std::move(version)) {}

bool Live::full() const {
  MutexLock l(mutex_);
  return streams_.size() >= kMostViewers;
}

void Live::open(Viewer viewer, std::shared_ptr<http::BodyStream> body) {
  auto credentials = authenticator_.credentials();
  bool begin = false;
  {
    MutexLock l(mutex_);
    if (stopped_ || streams_.size() >= kMostViewers) return body->finish();
    begin = !std::exchange(pulsing_, true);
    streams_[next_++] = {std::move(viewer),          std::move(body), std::move(credentials), {}, false,
                         clock_.steady() + kAskAgain};
    plan(std::chrono::milliseconds(0));
  }
  if (begin) timers_.after(kPulse, [this] { pulse(); });
}

void Live::stop() {
  MutexLock l(mutex_);
  stopped_ = true;
  for (const auto& [id, stream] : streams_) stream.body->finish();
  streams_.clear();
}

void Live::groupChanged(const std::string& key) {
  MutexLock l(mutex_);
  if (streams_.empty()) return;
  touched_.insert(key);
  plan(kGather);
}

void Live::requestChanged(const api::SwitchoverRequest& request, bool gone) {
  MutexLock l(mutex_);
  if (streams_.empty()) return;
  const Json news = {{"namespace", request.meta.ns},
                     {"name", request.meta.name},
                     {"group", request.spec.group},
                     {"phase", gone ? std::string_view() : name(request.status.phase)}};
  for (auto& [id, stream] : streams_) stream.due.requests[request.meta.key()] = news;
  touched_.insert(request.meta.ns + "/" + request.spec.group);  // it may be the active one
  plan(kGather);
}

void Live::plan(std::chrono::milliseconds after) {
  if (!stopped_ && !std::exchange(planned_, true)) timers_.after(after, [this] { turn(); });
}

/// Every group may have changed by what its members answer, which no watch tells.
void Live::pulse() {
  std::vector<std::string> keys;
  for (const auto& g : source_.groups())
    if (g->spec->probed()) keys.push_back(g->meta.key());
  {
    MutexLock l(mutex_);
    pulsing_ = !streams_.empty() && !stopped_;
    if (!pulsing_) return;
    for (auto& [id, stream] : streams_) stream.due.pulse = true;
    touched_.insert(keys.begin(), keys.end());
    plan(std::chrono::milliseconds(0));
  }
  timers_.after(kPulse, [this] { pulse(); });
}

/// What differs from what all were told last is due to everybody.
void Live::noteChanged() {
  std::set<std::string> touched, changed;
  {
    MutexLock l(mutex_);
    touched.swap(touched_);
  }
  for (const auto& key : touched) {
    const auto [ns, name] = split(key);
    const auto group = source_.group(ns, name);
    if (!group) {
      told_.erase(key);
      changed.insert(key);
      continue;
    }
    const size_t now = std::hash<std::string>()(facades::textOf(seen(source_, *group, {true, true, true}, true)));
    if (std::exchange(told_[key], now) != now) changed.insert(key);
  }
  MutexLock l(mutex_);
  for (auto& [id, stream] : streams_) stream.due.groups.insert(changed.begin(), changed.end());
}

bool Live::over(const Stream& stream) const {
  return clock_.now() >= stream.viewer.until || authenticator_.credentials() != stream.credentials;
}

void Live::turn() {
  {
    MutexLock l(mutex_);
    planned_ = false;
  }
  noteChanged();
  std::vector<std::pair<Id, Due>> due;
  std::vector<Id> ask;
  {
    MutexLock l(mutex_);
    const Steady now = clock_.steady();
    for (auto stream = streams_.begin(); stream != streams_.end();) {
      if (over(stream->second)) {
        stream->second.body->finish();
        stream = streams_.erase(stream);
        continue;
      }
      auto& [id, s] = *stream++;
      if (s.due.any() && s.body->waiting() < kEnough) {
        due.emplace_back(id, std::move(s.due));
        s.due = {};
        s.due.everything = false;
      }
      if (!s.asking && now >= s.askAgain) s.asking = true, ask.push_back(id);
    }
  }
  for (auto& [id, d] : due) tell(id, std::move(d));
  for (const Id id : ask) askAgain(id);
}

/// `unknown`: namespaces in which it is not known what he may see.
std::string Live::text(const Rights& rights, const Due& due, std::set<std::string>& unknown) const {
  std::string all;
  if (due.everything) all += event("snapshot", overview(source_, rights, version_));
  for (const auto& key : due.groups) {
    const auto [ns, name] = split(key);
    if (!rights.knows(ns)) unknown.insert(ns);
    const Right right = rights.in(ns);
    if (!right.groups || due.everything) continue;
    const auto group = source_.group(ns, name);
    all += group ? event("group", seen(source_, *group, right, false))
                 : event("gone", Json{{"namespace", ns}, {"name", name}});
  }
  for (const auto& [key, news] : due.requests)
    if (const Right right = rights.in(split(key).first); right.groups && right.requests) all += event("request", news);
  if (due.pulse || due.everything) all += event("pulse", Json{{"unheardSeconds", source_.unheard().count()}});
  return all;
}

void Live::tell(Id id, Due due) {
  Rights rights;
  std::shared_ptr<http::BodyStream> body;
  {
    MutexLock l(mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    rights = found->second.viewer.rights;
    body = found->second.body;
  }
  std::set<std::string> unknown;
  const std::string news = text(rights, due, unknown);
  const bool taken = news.empty() || body->send(news);
  MutexLock l(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  if (!taken) {
    streams_.erase(found);
  } else if (!unknown.empty()) {
    auto& s = found->second;
    const Steady soonest = s.askAgain - kAskAgain + kAskSoonest;  // counted from when it was asked last
    const Steady now = clock_.steady();
    s.askAgain = std::min(s.askAgain, std::max(now, soonest));
    timers_.after(s.askAgain - now, [this] {
      MutexLock again(mutex_);
      plan(std::chrono::milliseconds(0));
    });
  }
}

void Live::askAgain(Id id) {
  std::shared_ptr<const gateway::User> user;
  {
    MutexLock l(mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    user = found->second.viewer.user;
  }
  askRights(access_, std::move(user), namespacesOf(source_),
            [this, id](const Result<Rights>& rights) { answered(id, rights); });
}

/// While the API server can't be asked, what was known holds.
void Live::answered(Id id, const Result<Rights>& rights) {
  MutexLock l(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto& s = found->second;
  s.asking = false;
  s.askAgain = clock_.steady() + kAskAgain;
  if (!rights || *rights == s.viewer.rights) return;
  s.viewer.rights = *rights;
  s.due.everything = true;
  plan(std::chrono::milliseconds(0));
}

}  // namespace baton::ui
