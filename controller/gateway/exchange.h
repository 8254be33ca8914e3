// One call, from its arrival to its answer; see gateway.h.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "gateway/gateway.h"
#include "gateway/request_json.h"

namespace baton::gateway {

class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(const GatewayOptions& options, facades::Call call, std::string address, http::Respond respond);
  void begin();

 private:
  using Kind = facades::Outcome::Kind;

  // In this order; each ends in finish() or goes on to the next.
  void proved(std::variant<Caller, Unproved> result);
  void loggedIn();
  void findGroup();
  void permitted(const Result<bool>& may);
  void decide();
  void refuse(http::Response answer);
  void recall(std::optional<http::Response> otherwise);
  void create();
  void created(Result<http::Response> answer);
  void stored(Result<http::Response> answer);
  void taken(const api::Json& object);
  void follow();
  void news(const Groups::Request& request);

  void giveToken();
  void showTask();
  void ask(Access::Question question);
  bool csrfOk() const;
  /// The name that the request gets, and whether a request of that name means a repetition or a replay.
  void chooseName();

  void end(facades::Outcome outcome);
  void end(Kind kind, std::string message = {});
  void finish(http::Response response);

  const GatewayOptions& o_;
  const facades::Call call_;
  const std::string address_;
  const Steady began_;
  http::Respond respond_;
  std::atomic<bool> ended_{false};

  // Written by one step at a time.
  const facades::Facade* facade_ = nullptr;
  facades::Plan plan_;
  Caller caller_;
  facades::Group group_;
  facades::Intent intent_;
  Origin origin_;
  std::string name_;       // of the SwitchoverRequest
  std::string firstCall_;  // id of the call that made it
  std::string uid_;
  Groups::Request task_;
  std::optional<Access::Question> stillToAsk_;
  std::string complaint_;  // for the log

  Mutex mutex_;
  Followers::Id following_ GUARDED_BY(mutex_) = 0;
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;
};

}  // namespace baton::gateway
