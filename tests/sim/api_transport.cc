#include "sim/api_transport.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "http/uri.h"

namespace baton::sim {
namespace {

constexpr Micros kBookmarks = kMinute;
constexpr Micros kSilence = 75 * kSecond;  // after that the machine gives a watch up

Micros micros(std::chrono::milliseconds d) { return d.count() * kMillisecond; }

/// What may be struck on its way, and what it is about.
std::optional<std::pair<Message, std::string>> message(const http::Request& r) {
  if (r.method != http::Method::Patch) return std::nullopt;
  const auto has = [&](const char* part) { return r.target.find(part) != std::string::npos; };
  const auto nameAt = [&](const char* part) {
    const size_t at = r.target.find(part) + std::string_view(part).size();
    return r.target.substr(at, r.target.find_first_of("/?", at) - at);
  };
  if (has("/pods/")) return std::pair(Message::Label, nameAt("/pods/"));
  if (has("/leases/")) return std::pair(Message::Lease, std::string());
  if (has("/status")) return std::pair(Message::Status, std::string());
  return std::nullopt;
}

/// A request under way. Ends once.
class Sent final : public http::Call, public std::enable_shared_from_this<Sent> {
 public:
  using Done = std::function<void(Result<http::Response>)>;
  Sent(Machine& machine, std::shared_ptr<Life> life, Done done)
      : machine_(machine), life_(std::move(life)), done_(std::move(done)) {}

  void cancel() override { finishAfter(0, cancelled("cancelled")); }
  void finishAfter(Micros delay, Result<http::Response> answer) {
    machine_.call(life_, delay, [self = shared_from_this(), answer = std::move(answer)] {
      if (auto done = std::exchange(self->done_, nullptr)) done(answer);
    });
  }

 private:
  Machine& machine_;
  const std::shared_ptr<Life> life_;
  Done done_;
};

/// A watch under way: what the server tells comes later, in order, unless the link is cut or stalled.
class Watching final : public http::Call, public std::enable_shared_from_this<Watching> {
 public:
  Watching(ApiServer& server, Machine& machine, std::shared_ptr<Life> life, http::Request request,
           http::StreamHandlers handlers)
      : server_(server),
        machine_(machine),
        life_(std::move(life)),
        request_(std::move(request)),
        handlers_(std::move(handlers)) {}
  ~Watching() override { server_.unwatch(id_); }

  void begin() {
    const Route route = machine_.api.route(machine_.scheduler.now(), machine_.random);
    if (!route.arrives || !route.answered)
      return endAfter(route.silent ? kSilence : 5 * kMillisecond, unavailable("the connection was lost"));
    machine_.scheduler.after(route.there, [self = shared_from_this(), back = route.back] { self->opened(back); });
  }
  void cancel() override { endAfter(0, cancelled("cancelled")); }

 private:
  void opened(Micros back) {
    if (!life_->alive) return;
    const auto [path, query] = http::splitTarget(request_.target);
    const auto parts = *http::segments(path);
    const auto parameters = *http::parameters(query);
    uint64_t version = 0;
    const auto word = http::parameter(parameters, "resourceVersion").value_or("");
    std::from_chars(word.data(), word.data() + word.size(), version);
    const int status = machine_.scheduler.now() < server_.downUntil ? 503 : 200;
    deliver(back, [status](Watching& w) { w.handlers_.head({status, {}, {}}); });
    if (status != 200) return endAfter(back, {Error{Error::Kind::Unavailable, "HTTP status 503", {}, 503}});
    id_ = server_.watch(parts.back(), version, [weak = weak_from_this()](const Line& line) {
      if (const auto self = weak.lock()) self->told(line);
    });
    if (id_ == 0) {
      const auto gone = refusal(410, "Expired", "too old resource version");
      told(std::make_shared<const std::string>(R"({"type":"ERROR","object":)" + gone.body + "}\n"));
      return endAfter(20 * kMillisecond, Ok{});
    }
    const auto limit = http::parameter(parameters, "timeoutSeconds").value_or("300");
    int seconds = 300;
    std::from_chars(limit.data(), limit.data() + limit.size(), seconds);
    machine_.scheduler.after(seconds * kSecond, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->endAfter(kMillisecond, Ok{});
    });
    bookmark();
  }

  void bookmark() {
    machine_.scheduler.after(kBookmarks, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (!self || self->ended_) return;
      self->told(std::make_shared<const std::string>(R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":")" +
                                                     std::to_string(self->server_.version()) + R"("}}})" + "\n"));
      self->bookmark();
    });
  }

  void told(const Line& line) {
    if (!life_->alive || ended_) return;
    const Micros now = machine_.scheduler.now();
    if (now < machine_.api.cutUntil) {  // the connection does not outlive that
      broken_ = true;
      const Micros found = std::min(machine_.api.cutUntil - now + 10 * kMillisecond, kSilence);
      return endAfter(found, unavailable("the connection was lost"));
    }
    Route route = machine_.api.route(now, machine_.random);
    Micros delay = route.there;
    if (now < machine_.api.stalledUntil) delay += machine_.api.stalledUntil - now;
    deliver(delay, [line](Watching& w) {
      if (!w.handlers_.data(*line)) w.end(cancelled("closed by its reader"));
    });
  }

  /// Never before what was on its way already.
  void deliver(Micros delay, std::function<void(Watching&)> f) {
    if (broken_) return;
    lastAt_ = std::max(lastAt_ + 1, machine_.scheduler.now() + delay);
    machine_.scheduler.at(lastAt_, [self = shared_from_this(), f = std::move(f)] { self->arrived(f); });
  }
  void arrived(const std::function<void(Watching&)>& f) {
    queue_.push_back(f);
    machine_.call(life_, 0, [self = shared_from_this()] {
      if (self->queue_.empty()) return;
      const auto first = std::move(self->queue_.front());
      self->queue_.pop_front();
      if (!self->ended_) first(*self);
    });
  }
  void endAfter(Micros delay, Status how) {
    const Micros at = std::max(machine_.scheduler.now() + delay, how.ok() ? lastAt_ + 1 : Micros{0});
    machine_.call(life_, at - machine_.scheduler.now(),
                  [self = shared_from_this(), how = std::move(how)] { self->end(how); });
  }
  void end(const Status& how) {
    if (std::exchange(ended_, true)) return;
    server_.unwatch(id_);
    handlers_.done(how);
  }

  ApiServer& server_;
  Machine& machine_;
  const std::shared_ptr<Life> life_;
  const http::Request request_;
  const http::StreamHandlers handlers_;
  std::deque<std::function<void(Watching&)>> queue_;  // arrived, while the process stood still perhaps
  uint64_t id_ = 0;
  Micros lastAt_ = 0;
  bool ended_ = false, broken_ = false;
};

}  // namespace

http::CallHandle ApiTransport::send(http::Request request, std::function<void(Result<http::Response>)> done) {
  const auto sent = std::make_shared<Sent>(machine_, life_, std::move(done));
  if (!life_->alive) return sent;
  const Micros limit = micros(request.timeout);
  onSend_(request);
  Route route = machine_.api.route(machine_.scheduler.now(), machine_.random);
  if (const auto m = message(request)) {
    const Micros later = machine_.struck(m->first, m->second);
    (m->first == Message::Lease ? route.back : route.there) += later;  // a renewal that has landed, and says so late
  }
  const bool write = request.method != http::Method::Get;
  const bool late = !route.arrives || !route.answered || route.there + route.back > limit;
  if (late)
    sent->finishAfter(route.silent ? limit : std::min(limit, route.there + 5 * kMillisecond),
                      route.silent ? timedOut("no answer in time") : unavailable("the connection was lost"));
  if (route.arrives) {
    const auto arrive = [&server = server_, sent, late, back = route.back, who = machine_.name,
                         request = std::make_shared<const http::Request>(std::move(request))] {
      auto answer = server.handle(*request, who);
      if (!late) sent->finishAfter(back, std::move(answer));
    };
    machine_.scheduler.after(route.there, arrive);
    if (route.twice) machine_.scheduler.after(route.there + machine_.random.below(kSecond), arrive);
  }
  if (write && onWrite_) onWrite_();
  return sent;
}

http::CallHandle ApiTransport::stream(http::Request request, http::StreamHandlers handlers) {
  const auto watching = std::make_shared<Watching>(server_, machine_, life_, std::move(request), std::move(handlers));
  if (life_->alive) watching->begin();
  return watching;
}

}  // namespace baton::sim
