#include "sim/pod_transport.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace baton::sim {
namespace {

using Told = std::function<void(Heard)>;

class HookCall final : public http::Call, public std::enable_shared_from_this<HookCall> {
 public:
  /// `told`: how it ended; null when nobody wants to know.
  HookCall(Machine& machine, std::shared_ptr<Life> life, http::StreamHandlers handlers, Told told)
      : machine_(machine), life_(std::move(life)), handlers_(std::move(handlers)), told_(std::move(told)) {}

  void cancel() override {
    later(0, Heard::Nothing, [](HookCall& c) { c.handlers_.done(cancelled("cancelled")); });
  }
  void lost(Micros delay) {
    later(delay, Heard::Nothing, [](HookCall& c) { c.handlers_.done(unavailable("the connection was lost")); });
  }
  void refused(Micros delay) {
    later(delay, Heard::Refused, [](HookCall& c) {
      Error e = unavailable("connection refused");
      e.refused = true;
      c.handlers_.done(std::move(e));
    });
  }
  void answered(Micros delay, int status, const std::string& body) {
    if (status == 0) return refused(delay);
    later(delay, told_ ? heard(status, body) : Heard::Bad, [status, body](HookCall& c) {
      c.handlers_.head({status, {}, {}});
      if (status >= 300) return c.handlers_.done(Error{Error::Kind::Internal, body, {}, status});
      if (!body.empty()) c.handlers_.data(body);
      c.handlers_.done(Ok{});
    });
  }

 private:
  static Heard heard(int status, const std::string& body) {
    const Json answer = Json::parse(body, nullptr, false);
    if (status >= 300 || !answer.is_object() || !answer.value("healthy", true)) return Heard::Bad;
    return api::text(answer, "role") == "primary" ? Heard::Primary : Heard::Standby;
  }
  void later(Micros delay, Heard how, std::function<void(HookCall&)> f) {
    machine_.call(life_, delay, [self = shared_from_this(), how, f = std::move(f)] {
      if (std::exchange(self->ended_, true)) return;
      if (self->told_) self->told_(how);
      f(*self);
    });
  }

  Machine& machine_;
  const std::shared_ptr<Life> life_;
  const http::StreamHandlers handlers_;
  const Told told_;
  bool ended_ = false;
};

std::string hostOf(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  return url.substr(begin, url.rfind(':') - begin);
}

}  // namespace

PodTransport::PodTransport(const std::string& url, Cluster& cluster, Machine& machine, std::shared_ptr<Life> life,
                           const PodObserver& observer)
    : ip_(hostOf(url)), cluster_(cluster), machine_(machine), life_(std::move(life)), observer_(observer) {}

http::CallHandle PodTransport::send(http::Request, std::function<void(Result<http::Response>)>) {
  throw std::logic_error("hooks are sent as streams");
}

http::CallHandle PodTransport::stream(http::Request request, http::StreamHandlers handlers) {
  // What is asked for no request's sake is the detector's.
  const bool detecting = request.target == "/probe" && request.body.find("\"request\":\"\"") != std::string::npos;
  Told told;
  if (detecting)
    told = [&observer = observer_, ip = ip_, asked = machine_.scheduler.now()](Heard how) {
      observer.ended({ip, asked, how});
    };
  const auto call = std::make_shared<HookCall>(machine_, life_, std::move(handlers), std::move(told));
  if (!life_->alive) return call;
  observer_.sent(ip_, request.target, request.body);
  Route route = machine_.pods.route(machine_.scheduler.now(), machine_.random);
  if (!detecting && request.target != "/probe") route.there += machine_.struck(Message::Hook, ip_);
  if (!cluster_.options().remembers) {  // nothing comes late
    route.twice = false;
    route.there = std::min(route.there, 100 * kMillisecond);
  }
  if (!route.arrives) {
    if (!route.silent) call->lost(route.there);
    return call;
  }
  const auto arrive = [&cluster = cluster_, &machine = machine_, call, route, ip = ip_, path = request.target,
                       body = request.body] {
    cluster.call(ip, path, body, [&machine, call, route](int status, const std::string& answer) {
      if (machine.scheduler.now() < machine.pods.cutUntil) return;
      if (route.answered)
        call->answered(route.back, status, answer);
      else if (!route.silent)
        call->lost(route.back);
    });
  };
  machine_.scheduler.after(route.there, arrive);
  if (route.twice) machine_.scheduler.after(route.there + machine_.random.below(5 * kSecond), arrive);
  return call;
}

}  // namespace baton::sim
