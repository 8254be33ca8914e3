#include "ui/rights.h"

#include <optional>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace baton::ui {
namespace {

struct Asked {
  const char *verb, *resource;
  bool Right::*right;
};
constexpr Asked kGroups{"list", "hagroups", &Right::groups};
constexpr Asked kOthers[] = {{"list", "switchoverrequests", &Right::requests},
                             {"create", "switchoverrequests", &Right::change}};
constexpr size_t kAtOnce = 8;  // questions to the API server, which has other work for us as well

}  // namespace

Right Rights::in(const std::string& ns) const {
  Right r = everywhere_;
  const auto found = in_.find(ns);
  if (found == in_.end()) return r;
  r.groups |= found->second.groups;
  r.requests |= found->second.requests;
  r.change |= found->second.change;
  return r;
}

/// Kept alive by the questions that are out. Steps: all rights for all namespaces; where groups may be seen; what else
/// may be done there. A step is over when its last answer has come.
class RightsQuestion : public std::enable_shared_from_this<RightsQuestion> {
 public:
  RightsQuestion(gateway::Access& access, std::shared_ptr<const gateway::User> user, std::set<std::string> namespaces,
                 RightsDone done)
      : access_(access), user_(std::move(user)), namespaces_(std::move(namespaces)), done_(std::move(done)) {}

  void begin() {
    std::vector<One> all{{"", kGroups}};
    for (const auto& other : kOthers) all.push_back({"", other});
    step(std::move(all), &RightsQuestion::askWhereGroups);
  }
  void askWhereGroups() {
    std::vector<One> all;
    const bool everywhere = seen().everywhere_.groups;
    if (!everywhere)
      for (const auto& ns : namespaces_) all.push_back({ns, kGroups});
    step(std::move(all), &RightsQuestion::askWhatElse);
  }

 private:
  struct One {
    std::string ns;  // empty: all
    Asked asked;
  };
  using Next = void (RightsQuestion::*)();

  void askWhatElse() {
    std::vector<One> all;
    const Rights rights = seen();
    for (const auto& ns : namespaces_)
      for (const auto& other : kOthers)
        if (rights.in(ns).groups && !(rights.everywhere_.*other.right)) all.push_back({ns, other});
    step(std::move(all), &RightsQuestion::finish);
  }

  void step(std::vector<One> all, Next next) {
    if (all.empty()) return (this->*next)();
    size_t count = 0;
    {
      MutexLock l(mutex_);
      waiting_ = std::move(all);
      left_ = waiting_.size();
      count = std::min(left_, kAtOnce);
    }
    for (size_t i = 0; i < count; ++i) askOne(next);
  }

  void askOne(Next next) {
    One one;
    {
      MutexLock l(mutex_);
      if (waiting_.empty()) return;
      one = std::move(waiting_.back());
      waiting_.pop_back();
    }
    access_.ask(*user_, {one.asked.verb, one.asked.resource, one.ns, ""}, gateway::Access::Patience::Long,
                [self = shared_from_this(), one, next](const Result<bool>& may) {
                  if (self->note(one, may)) return ((*self).*next)();
                  self->askOne(next);
                });
  }

  /// Whether it was the last one of its step.
  bool note(const One& one, const Result<bool>& may) {
    MutexLock l(mutex_);
    if (!may) {
      trouble_ = may.error();
    } else if (*may) {
      // Not in one expression: g++ 12 then sets a copy.
      Right& right = one.ns.empty() ? rights_.everywhere_ : rights_.in_[one.ns];
      right.*one.asked.right = true;
    }
    return --left_ == 0;
  }

  Rights seen() {
    MutexLock l(mutex_);
    return rights_;
  }

  void finish() {
    std::optional<Error> trouble;
    {
      MutexLock l(mutex_);
      trouble = trouble_;
      rights_.asked_ = namespaces_;
    }
    done_(trouble ? Result<Rights>(*trouble) : Result<Rights>(seen()));
  }

  gateway::Access& access_;
  const std::shared_ptr<const gateway::User> user_;
  const std::set<std::string> namespaces_;
  const RightsDone done_;
  Mutex mutex_;
  std::vector<One> waiting_ GUARDED_BY(mutex_);  // of the present step: not asked yet
  size_t left_ GUARDED_BY(mutex_) = 0;           // not answered yet
  Rights rights_ GUARDED_BY(mutex_);
  std::optional<Error> trouble_ GUARDED_BY(mutex_);
};

void askRights(gateway::Access& access, std::shared_ptr<const gateway::User> user, std::set<std::string> namespaces,
               RightsDone done) {
  std::make_shared<RightsQuestion>(access, std::move(user), std::move(namespaces), std::move(done))->begin();
}

void askRight(gateway::Access& access, std::shared_ptr<const gateway::User> user, const std::string& ns,
              RightsDone done) {
  std::make_shared<RightsQuestion>(access, std::move(user), std::set<std::string>{ns}, std::move(done))
      ->askWhereGroups();
}

}  // namespace baton::ui
