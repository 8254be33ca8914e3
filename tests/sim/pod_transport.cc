#include "sim/pod_transport.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace baton::sim {
namespace {

class HookCall final : public http::Call, public std::enable_shared_from_this<HookCall> {
 public:
  HookCall(Machine& machine, std::shared_ptr<Life> life, http::StreamHandlers handlers)
      : machine_(machine), life_(std::move(life)), handlers_(std::move(handlers)) {}

  void cancel() override {
    later(0, [](HookCall& c) { c.handlers_.done(cancelled("cancelled")); });
  }
  void lost(Micros delay) {
    later(delay, [](HookCall& c) { c.handlers_.done(unavailable("the connection was lost")); });
  }
  void answered(Micros delay, int status, const std::string& body) {
    if (status == 0) return lost(delay);
    later(delay, [status, body](HookCall& c) {
      c.handlers_.head({status, {}, {}});
      if (status >= 300) return c.handlers_.done(Error{Error::Kind::Internal, body, {}, status});
      if (!body.empty()) c.handlers_.data(body);
      c.handlers_.done(Ok{});
    });
  }

 private:
  void later(Micros delay, std::function<void(HookCall&)> f) {
    machine_.call(life_, delay, [self = shared_from_this(), f = std::move(f)] {
      if (!std::exchange(self->ended_, true)) f(*self);
    });
  }

  Machine& machine_;
  const std::shared_ptr<Life> life_;
  const http::StreamHandlers handlers_;
  bool ended_ = false;
};

std::string hostOf(const std::string& url) {
  const size_t begin = url.find("://") + 3;
  return url.substr(begin, url.rfind(':') - begin);
}

}  // namespace

PodTransport::PodTransport(const std::string& url, Cluster& cluster, Machine& machine, std::shared_ptr<Life> life,
                           HookSent sent)
    : ip_(hostOf(url)), cluster_(cluster), machine_(machine), life_(std::move(life)), sent_(std::move(sent)) {}

http::CallHandle PodTransport::send(http::Request, std::function<void(Result<http::Response>)>) {
  throw std::logic_error("hooks are sent as streams");
}

http::CallHandle PodTransport::stream(http::Request request, http::StreamHandlers handlers) {
  const auto call = std::make_shared<HookCall>(machine_, life_, std::move(handlers));
  if (!life_->alive) return call;
  sent_(ip_, request.target, request.body);
  Route route = machine_.pods.route(machine_.scheduler.now(), machine_.random);
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
    cluster.hook(ip, path, body, [&machine, call, route](int status, const std::string& answer) {
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
