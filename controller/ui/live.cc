#include "ui/live.h"

#include <algorithm>
#include <utility>

#include "ui/view.h"

namespace baton::ui {
namespace {

using namespace std::chrono_literals;

constexpr auto kGather = 100ms;  // from the first news to telling them
constexpr auto kPulse = 5s;
constexpr auto kAskAgain = 30s, kAskAfterTrouble = 5s, kAskSoonest = 2s;
constexpr auto kMostTrouble = 5min;                // then what he may see is too old
constexpr size_t kEnough = size_t{64} << 10;       // bytes on their way to somebody: he is told more later
constexpr size_t kEnoughInAll = size_t{64} << 20;  // the same for all of them
constexpr auto kLater = 200ms;

}  // namespace

Live::Live(Parts parts) : p_(std::move(parts)), board_(p_.source, p_.version) {}

bool Live::full(const std::string& user) const {
  MutexLock l(mutex_);
  const auto his = std::count_if(streams_.begin(), streams_.end(),
                                 [&](const auto& s) { return s.second.viewer.user->name == user; });
  return streams_.size() >= kMostViewers || static_cast<size_t>(his) >= kMostOfUser;
}

void Live::open(Viewer viewer, std::shared_ptr<http::BodyStream> body) {
  bool begin = false;
  {
    MutexLock l(mutex_);
    if (stopped_ || streams_.size() >= kMostViewers) return body->finish();
    begin = !std::exchange(pulsing_, true);
    Stream s;
    s.viewer = std::move(viewer);
    s.body = std::move(body);
    s.asked = s.answered = p_.clock.steady();
    s.askAgain = s.asked + kAskAgain;
    streams_[next_++] = std::move(s);
    plan(0ms);
  }
  if (begin) p_.timers.after(kPulse, [this] { pulse(); });
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
  groups_.insert(key);
  plan(kGather);
}

void Live::requestChanged(const api::SwitchoverRequest& request) {
  MutexLock l(mutex_);
  if (streams_.empty()) return;
  requests_[request.meta.key()] = request.meta.ns + "/" + request.spec.group;  // it may be the active one
  plan(kGather);
}

void Live::plan(std::chrono::milliseconds after) {
  if (!stopped_ && !std::exchange(planned_, true)) p_.timers.after(after, [this] { turn(); });
}

/// Groups may have changed by what their members answer, which no watch tells.
void Live::pulse() {
  std::vector<std::string> keys;
  for (const auto& g : p_.source.groups())
    if (g->spec->probed()) keys.push_back(g->meta.key());
  {
    MutexLock l(mutex_);
    pulsing_ = !streams_.empty() && !stopped_;
    for (auto& [id, stream] : streams_) stream.pulse = true;
    if (pulsing_) groups_.insert(keys.begin(), keys.end());
    plan(0ms);
    if (!pulsing_) return;
  }
  p_.timers.after(kPulse, [this] { pulse(); });
}

void Live::lookAtNews() {
  std::set<std::string> groups;
  std::map<std::string, std::string> requests;
  {
    MutexLock l(mutex_);
    groups.swap(groups_);
    requests.swap(requests_);
  }
  for (const auto& key : groups) board_.look(key);
  for (const auto& [key, group] : requests) board_.lookAtRequest(key, group);
}

bool Live::over(const Stream& s) const {
  return p_.clock.now() >= s.viewer.until || p_.authenticator.credentials() != s.viewer.credentials ||
         p_.clock.steady() - s.answered > kMostTrouble;
}

/// Ends what is over; of the others, those that can be told something now.
std::vector<Live::Turn> Live::gather() {
  std::vector<Turn> all;
  MutexLock l(mutex_);
  for (auto it = streams_.begin(); it != streams_.end();) {
    auto& [id, s] = *it;
    if (over(s)) {
      s.body->finish();
      it = streams_.erase(it);
      continue;
    }
    ++it;
    const bool due = s.everything || s.pulse || s.told < board_.now();
    if (due && s.body->waiting() < kEnough)
      all.push_back({id, s.body, s.viewer.rights, s.told, s.everything, s.pulse, s.namespaces});
  }
  return all;
}

std::vector<Live::Id> Live::toBeAsked() {
  std::vector<Id> all;
  MutexLock l(mutex_);
  const Steady now = p_.clock.steady();
  for (auto& [id, s] : streams_)
    if (!s.asking && now >= s.askAgain) s.asking = true, s.asked = now, all.push_back(id);
  return all;
}

void Live::turn() {
  {
    MutexLock l(mutex_);
    planned_ = false;
  }
  lookAtNews();
  const auto turns = gather();
  if (std::any_of(turns.begin(), turns.end(), [](const Turn& t) { return t.everything; })) board_.lookAtAll();
  size_t waiting = 0;
  for (const auto& t : turns) waiting += t.body->waiting();
  std::vector<std::unique_ptr<Told>> told;
  for (const auto& t : turns) {
    const Told& what = whatToTell(t, told);
    if (waiting > 0 && waiting + what.text->size() > kEnoughInAll) {
      MutexLock l(mutex_);
      plan(kLater);
      break;
    }
    waiting += what.text->size();
    tell(t, what);
  }
  for (const Id id : toBeAsked()) askAgain(id);
  tidy();
}

/// Whoever may the same and was told the same is told one text.
const Live::Told& Live::whatToTell(const Turn& t, std::vector<std::unique_ptr<Told>>& told) const {
  for (const auto& o : told)
    if (o->everything == t.everything && o->pulse == t.pulse && (t.everything || o->told == t.told) &&
        o->rights == t.rights && (t.everything || o->namespaces == t.namespaces))
      return *o;
  auto made =
      std::make_unique<Told>(Told{t.rights, t.told, t.everything, t.pulse, t.namespaces, nullptr, t.namespaces});
  std::string events;
  bool everything = t.everything;
  if (!everything) {
    auto news = board_.since(t.told, t.rights, t.namespaces);
    made->unknown = !news.unknown.empty();
    everything = news.tooNew;
    events = std::move(news.events);
  }
  if (everything) {
    events = event("snapshot", *board_.everything(t.rights));
    made->after = board_.namespaces(t.rights);
  }
  if (everything || t.pulse)
    events += event("pulse", R"({"unheardSeconds":)" + std::to_string(p_.source.unheard().count()) + "}");
  made->text = std::make_shared<const std::string>(std::move(events));
  told.push_back(std::move(made));
  return *told.back();
}

void Live::tell(const Turn& t, const Told& what) {
  const bool taken = t.body->send(what.text);
  {
    MutexLock l(mutex_);
    const auto found = streams_.find(t.id);
    if (found == streams_.end()) return;
    if (!taken) {
      streams_.erase(found);
      return;
    }
    Stream& s = found->second;
    s.told = board_.now();
    s.pulse = false;
    s.namespaces = what.after;
    if (s.viewer.rights == t.rights) s.everything = false;  // else they have changed meanwhile
  }
  if (what.unknown) askSoon(t.id);
}

/// What everybody has been told is forgotten.
void Live::tidy() {
  uint64_t toldToAll = board_.now();
  bool empty = false;
  {
    MutexLock l(mutex_);
    for (const auto& [id, s] : streams_)
      if (!s.everything) toldToAll = std::min(toldToAll, s.told);
    empty = streams_.empty();
  }
  board_.forget(toldToAll);
  if (empty) board_.clear();
}

void Live::askSoon(Id id) {
  MutexLock l(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Stream& s = found->second;
  const Steady now = p_.clock.steady();
  s.askAgain = std::min(s.askAgain, std::max(now, s.asked + kAskSoonest));
  p_.timers.after(s.askAgain - now, [this] {
    MutexLock again(mutex_);
    plan(0ms);
  });
}

void Live::askAgain(Id id) {
  std::shared_ptr<const gateway::User> user;
  {
    MutexLock l(mutex_);
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    user = found->second.viewer.user;
  }
  askRights(p_.access, std::move(user), namespacesOf(p_.source),
            [this, id](const Result<Rights>& rights) { answered(id, rights); });
}

/// While the API server can't be asked, what was known holds, but not for ever.
void Live::answered(Id id, const Result<Rights>& rights) {
  MutexLock l(mutex_);
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  Stream& s = found->second;
  const Steady now = p_.clock.steady();
  s.asking = false;
  s.askAgain = now + (rights ? std::chrono::seconds(kAskAgain) : std::chrono::seconds(kAskAfterTrouble));
  if (!rights) return;
  s.answered = now;
  const bool same = *rights == s.viewer.rights;
  s.viewer.rights = *rights;  // of more namespaces perhaps
  if (same) return;
  s.everything = true;
  plan(0ms);
}

}  // namespace baton::ui
