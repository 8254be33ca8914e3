// One call of the page, from its arrival to its answer; see site.h.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "api/json.h"
#include "facades/call.h"
#include "ui/site.h"

namespace baton::ui {

class Visit : public std::enable_shared_from_this<Visit> {
 public:
  Visit(const SiteParts& parts, Live& live, facades::Call call, std::string address, http::Respond respond);
  void begin();

 private:
  using Step = void (Visit::*)();
  struct Way {
    http::Method method;
    Step step;
    bool open = false;  // without credentials
  };

  // In this order; each ends in finish() or goes on to the next.
  std::vector<Way> ways() const;
  void enter(const Way& way);
  void proved(std::variant<gateway::Caller, gateway::Unproved> result, Step next);

  void signIn();
  void signedIn();
  void signOut();
  void tellSession();
  void tellGroups();
  void tellGroup();
  void tellRequest();
  void stream();
  void switchOver();
  void create(const Right& right);
  void created(const Result<http::Response>& answer);

  /// What the caller may, on the timers' thread; `next` is not called when that can't be told, or the groups are not
  /// listed yet.
  void withRights(std::function<void(const Rights&)> next);
  /// The same in the namespace of the path, where he must be allowed to see groups.
  void withRight(std::function<void(const Right&)> next);
  RightsDone then(std::function<void(const Rights&)> next);
  bool listed();
  facades::Claim claim() const;
  const std::string& ns() const { return call_.segments[3]; }
  const std::string& object() const { return call_.segments[4]; }

  api::Json session(const std::string& user, std::optional<Time> until) const;
  std::string setCookie(const std::string& value, std::chrono::seconds life) const;
  void refuse(int status, std::string_view reason, const std::string& message);
  void unproved(const gateway::Unproved& no);
  void finish(http::Response response);

  const SiteParts& o_;
  Live& live_;
  const facades::Call call_;
  const std::string address_;
  const Steady began_;
  http::Respond respond_;

  // Written by one step at a time.
  std::shared_ptr<const gateway::Credentials> credentials_;  // in force when the caller was proved
  gateway::Caller caller_;
  std::string claimed_;  // who it says it is from, for the log
  std::string made_;     // name of the request that was made
  std::string complaint_;
};

}  // namespace baton::ui
