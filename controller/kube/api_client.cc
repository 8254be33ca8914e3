#include "kube/api_client.h"

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "kube/client_core.h"
#include "kube/request_queue.h"
#include "kube/retry.h"
#include "kube/status_error.h"

namespace baton::kube {
namespace {

/// A request until its `done` has run. Touched by one thread at a time, as it is in one place at a time: waiting for
/// its turn, for the credential, for the answer, or for its pause to end.
struct Job {
  ApiRequest request;
  Done done;
  int tries = 0;
  bool refused = false;  // was answered 401 once
  Credential credential;
  uint64_t generation = 0;
  Steady started;
  std::shared_ptr<const int> alive;  // one of the Sender's, which counts them
};
using JobPtr = std::shared_ptr<Job>;

/// Lives as long as the client or a request under way does.
class Sender : public std::enable_shared_from_this<Sender> {
 public:
  explicit Sender(std::shared_ptr<ClientCore> core)
      : core_(std::move(core)), queue_(core_->options().maxInFlight, core_->options().moreForRoleChange) {}

  void admit(JobPtr job) EXCLUDES(mutex_) {
    job->alive = alive_;
    {
      MutexLock l(mutex_);
      if (!shut_) {
        const Lane lane = job->request.lane;
        const Steady now = core_->now();
        if (lane != Lane::Lease && !queue_.enter(lane, now)) {
          queue_.push(lane, std::move(job), now);
          return lookForEvents();
        }
      } else {
        core_->soon([job] { job->done(shutDownError()); });
        return;
      }
    }
    start(std::move(job));
  }

  void shutDown() EXCLUDES(mutex_) {
    std::vector<JobPtr> waiting;
    std::vector<http::CallHandle> calls;
    {
      MutexLock l(mutex_);
      shut_ = true;
      waiting = queue_.takeWaiting();
      for (auto& [id, job] : pausing_) waiting.push_back(std::move(job));
      pausing_.clear();
      for (auto& [id, call] : sent_)
        if (call) calls.push_back(call);
    }
    for (const JobPtr& job : waiting) job->done(shutDownError());
    for (const auto& call : calls) call->cancel();
  }

  size_t underWay() const { return static_cast<size_t>(alive_.use_count() - 1); }

  bool isShut() EXCLUDES(mutex_) {
    MutexLock l(mutex_);
    return shut_;
  }

  static Error shutDownError() { return cancelled("the client is shutting down"); }

 private:
  void start(JobPtr job) {
    core_->options().authenticator->credential([self = shared_from_this(), job](Result<Credential> credential) {
      if (!credential) return self->failSoon(job, std::move(credential).error());
      job->credential = std::move(credential).value();
      self->transmit(job);
    });
  }

  void transmit(const JobPtr& job) {
    if (job->request.stillWanted && !job->request.stillWanted())
      return failSoon(job, cancelled("not wanted any more when its turn came"));
    auto request = core_->wire(job->request, job->credential);
    if (!request) return failSoon(job, std::move(request).error());
    ++job->tries;
    job->started = core_->now();
    const bool lease = job->request.lane == Lane::Lease;
    const auto [transport, generation] = core_->transport(lease ? ClientCore::Use::Lease : ClientCore::Use::Requests);
    job->generation = generation;
    uint64_t id = 0;
    bool shut = false;
    {
      MutexLock l(mutex_);
      shut = shut_;
      id = nextSent_++;
      if (!shut) sent_.emplace(id, nullptr);
    }
    if (shut) return failSoon(job, shutDownError());
    auto done = [self = shared_from_this(), job, id](Result<http::Response> response) {
      self->forget(id);
      self->answered(job, std::move(response));
    };
    keep(id, transport->send(std::move(*request), std::move(done)));
  }

  /// Keeps the call until its answer has been dealt with, which may have been before.
  void keep(uint64_t id, http::CallHandle call) EXCLUDES(mutex_) {
    {
      MutexLock l(mutex_);
      const auto found = sent_.find(id);
      if (found == sent_.end()) return;
      found->second = call;
      if (!shut_) return;
    }
    if (call) call->cancel();
  }

  void forget(uint64_t id) EXCLUDES(mutex_) {
    http::CallHandle released;  // without the lock
    MutexLock l(mutex_);
    const auto found = sent_.find(id);
    if (found == sent_.end()) return;
    released = std::move(found->second);
    sent_.erase(found);
  }

  void answered(const JobPtr& job, Result<http::Response> response) {
    core_->observe(job->request.method, response ? response->status : 0, job->started);
    if (response && response->status < 300) {
      leave(job->request.lane);
      return job->done(std::move(response));
    }
    Error error = response ? statusError(*response) : std::move(response).error();
    if (error.httpStatus == 401 && !job->refused && !isShut()) {
      job->refused = true;
      if (core_->renew(job->credential, job->generation)) return start(job);
    }
    leave(job->request.lane);
    const auto pause = pauseBeforeRetry(job->request, error, job->tries, core_->random());
    if (!pause || !pauseThenAdmit(job, *pause)) job->done(std::move(error));
  }

  /// False when no further try may begin any more.
  bool pauseThenAdmit(const JobPtr& job, std::chrono::milliseconds pause) EXCLUDES(mutex_) {
    uint64_t id = 0;
    {
      MutexLock l(mutex_);
      if (shut_) return false;
      id = nextPause_++;
      pausing_.emplace(id, job);
    }
    core_->options().after(pause, [weak = weak_from_this(), id] {
      if (const auto self = weak.lock()) self->resume(id);
    });
    return true;
  }

  void resume(uint64_t id) EXCLUDES(mutex_) {
    JobPtr job;
    {
      MutexLock l(mutex_);
      const auto it = pausing_.find(id);
      if (it == pausing_.end()) return;  // shutDown() was first
      job = std::move(it->second);
      pausing_.erase(it);
    }
    admit(std::move(job));
  }

  /// Ends a request that has begun but could not be sent; not at once, as this may be within send().
  void failSoon(const JobPtr& job, Error error) {
    core_->soon([self = shared_from_this(), job, error = std::move(error)] {
      self->leave(job->request.lane);
      job->done(error);
    });
  }

  void leave(Lane lane) EXCLUDES(mutex_) {
    if (lane == Lane::Lease) return;
    std::optional<JobPtr> next;
    {
      MutexLock l(mutex_);
      next = queue_.leave(lane, core_->now());
    }
    if (next) start(std::move(*next));
  }

  /// Events that wait for quiet are looked after by a timer, as nothing may end any more that would begin them.
  void lookForEvents() REQUIRES(mutex_) {
    if (looking_ || shut_ || !queue_.eventsWait()) return;
    looking_ = true;
    core_->options().after(RequestQueue<JobPtr>::kQuiet, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->beginEvents();
    });
  }

  void beginEvents() EXCLUDES(mutex_) {
    std::vector<JobPtr> due;
    {
      MutexLock l(mutex_);
      looking_ = false;
      while (auto next = queue_.next(core_->now())) due.push_back(std::move(*next));
      lookForEvents();
    }
    for (JobPtr& job : due) start(std::move(job));
  }

  const std::shared_ptr<ClientCore> core_;
  const std::shared_ptr<const int> alive_ = std::make_shared<const int>(0);
  Mutex mutex_;
  RequestQueue<JobPtr> queue_ GUARDED_BY(mutex_);
  std::unordered_map<uint64_t, JobPtr> pausing_ GUARDED_BY(mutex_);
  uint64_t nextPause_ GUARDED_BY(mutex_) = 0;
  std::unordered_map<uint64_t, http::CallHandle> sent_ GUARDED_BY(mutex_);  // not answered yet
  uint64_t nextSent_ GUARDED_BY(mutex_) = 0;
  bool looking_ GUARDED_BY(mutex_) = false;  // a timer will call beginEvents()
  bool shut_ GUARDED_BY(mutex_) = false;
};

class ApiClient : public Client {
 public:
  explicit ApiClient(ApiClientOptions options)
      : core_(std::make_shared<ClientCore>(std::move(options))), sender_(std::make_shared<Sender>(core_)) {}
  ~ApiClient() override { sender_->shutDown(); }
  ApiClient(const ApiClient&) = delete;
  ApiClient& operator=(const ApiClient&) = delete;

  void send(ApiRequest request, Done done) override {
    auto job = std::make_shared<Job>();
    job->request = std::move(request);
    job->done = std::move(done);
    sender_->admit(std::move(job));
  }

  http::CallHandle stream(ApiRequest request, http::StreamHandlers handlers) override {
    if (!sender_->isShut()) return beginStream(core_, std::move(request), std::move(handlers));
    core_->soon([done = std::move(handlers.done)] { done(Sender::shutDownError()); });
    return std::make_shared<Ended>();
  }

  void shutDown() override { sender_->shutDown(); }
  size_t underWay() const override { return sender_->underWay(); }

 private:
  struct Ended : http::Call {
    void cancel() override {}
  };
  const std::shared_ptr<ClientCore> core_;
  const std::shared_ptr<Sender> sender_;
};

}  // namespace

ApiClientOptions apiClientOptions(const Config& config, Timers& timers, const std::string& version) {
  ApiClientOptions o;
  o.connect = [url = config.server, tls = config.tls] { return http::makeTransport({url, tls}); };
  o.authenticator = config.authenticator;
  o.after = [&timers](std::chrono::steady_clock::duration d, std::function<void()> f) {
    timers.after(d, std::move(f));
  };
  o.pathPrefix = config.pathPrefix;
  o.as = config.as;
  o.userAgent = "baton/" + version;
  return o;
}

std::shared_ptr<Client> makeApiClient(ApiClientOptions options) {
  return std::make_shared<ApiClient>(std::move(options));
}

}  // namespace baton::kube
