// One call, from its arrival to its answer; see gateway.h. exchange.cc goes as far as the decision, exchange_request.cc
// from there with the SwitchoverRequest.
//
// A request that is made is in one of these states for its call; each is left by news, by a timer, or by the stop of
// this replica:
//   not taken up   no controller has begun to look at it, as there is no leader at present. It is accepted; whoever
//   waits
//                  for its end waits so long only, then it is withdrawn, and the call told that nothing has changed
//   queued         behind another role change, which came at the same time: withdrawn
//   taken up       Validating: whoever wants its acceptance only is told so after a while
//   begun          accepted; whoever waits for the end goes on to wait
//   ended          answered by its result
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
  using Answer = Result<http::Response>;

  // In this order; each ends in finish() or goes on to the next.
  void proved(std::variant<Caller, Unproved> result);
  void loggedIn();
  bool takesCall();
  void claimNonce();
  void findGroup();
  void permitted(const Result<bool>& may);
  void tellRole();
  void decide();
  void refuse(http::Response answer);
  void recall(std::optional<http::Response> otherwise);
  void read(const api::SwitchoverRequest& request);
  void create();
  void created(Answer answer);
  void stored(Answer answer);
  void taken(const api::Json& object);
  void follow();
  void news(Followers::What what, const Followers::Request& request);

  // It is not what was wanted.
  void overdue();
  void withdraw(const Followers::Request& seen);
  void withdrawn(Answer answer);
  void acceptedYet(Answer answer);

  void giveToken();
  void findTask();
  void awaitTask();
  void foundTask(const Groups::Request& task);
  void ask(Access::Question question);
  void payMore();
  bool csrfOk() const;
  /// The name that the request gets, and whether a request of that name means a repetition or a replay.
  void chooseName();
  /// How long the API server is waited for at this step: of a call that is to be answered soon, no longer than it can.
  std::chrono::milliseconds tryFor() const;
  std::chrono::milliseconds gone() const;
  /// Within a short time, and not at all when it is too late for the call.
  void send(kube::ApiRequest request, void (Exchange::*then)(Answer));
  void look(void (Exchange::*then)(Answer));
  void recalled(Answer answer);
  std::chrono::milliseconds patience() const;
  void setTimer(std::chrono::milliseconds after, void (Exchange::*then)());
  void tooLong();
  void lastLook(Answer answer);
  bool late() const;
  std::string named() const;

  void fault(facades::AuthFault fault);
  void end(facades::Outcome outcome);
  void end(Kind kind, std::string message = {});
  void finish(http::Response response);
  void stopWaiting();
  void addCsrfToken(http::Response& response) const;
  void tell(const http::Response& response) const;

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
  std::atomic<uint64_t> version_{0};  // of the request, as the API server told this call
  Groups::Request task_;
  std::atomic<bool> taskFound_{false};
  std::optional<Access::Question> stillToAsk_;
  std::optional<http::Response> otherwise_;  // the answer when there is no earlier request
  bool queued_ = false;    // why it is withdrawn: it waits behind another, else nobody has taken it up
  std::string complaint_;  // for the log

  Mutex mutex_;
  Followers::Id following_ GUARDED_BY(mutex_) = 0;
  Timers::Id timer_ GUARDED_BY(mutex_) = 0;
};

}  // namespace baton::gateway
