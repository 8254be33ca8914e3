#include "ui/rights.h"

#include <atomic>
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
  using Done = std::function<void(Result<Rights>)>;
  RightsQuestion(gateway::Access& access, std::shared_ptr<const gateway::User> user, std::set<std::string> namespaces,
                 Done done)
      : access_(access), user_(std::move(user)), namespaces_(std::move(namespaces)), done_(std::move(done)) {}

  void begin() {
    std::vector<One> all{{"", kGroups}};
    for (const auto& other : kOthers) all.push_back({"", other});
    step(std::move(all), &RightsQuestion::askWhereGroups);
  }

 private:
  struct One {
    std::string ns;  // empty: all
    Asked asked;
  };
  using Next = void (RightsQuestion::*)();

  void askWhereGroups() {
    std::vector<One> all;
    const bool everywhere = seen().everywhere_.groups;
    if (!everywhere)
      for (const auto& ns : namespaces_) all.push_back({ns, kGroups});
    step(std::move(all), &RightsQuestion::askWhatElse);
  }

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
    left_ = all.size();
    for (const auto& one : all)
      access_.ask(*user_, {one.asked.verb, one.asked.resource, one.ns, ""}, gateway::Access::Patience::Long,
                  [self = shared_from_this(), one, next](const Result<bool>& may) {
                    self->note(one, may);
                    if (--self->left_ == 0) ((*self).*next)();
                  });
  }

  void note(const One& one, const Result<bool>& may) {
    MutexLock l(mutex_);
    // Not in one expression: g++ 12 then sets a copy.
    Right& right = one.ns.empty() ? rights_.everywhere_ : rights_.in_[one.ns];
    if (may)
      right.*one.asked.right = *may;
    else
      trouble_ = may.error();
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
    }
    done_(trouble ? Result<Rights>(*trouble) : Result<Rights>(seen()));
  }

  gateway::Access& access_;
  const std::shared_ptr<const gateway::User> user_;
  const std::set<std::string> namespaces_;
  const Done done_;
  std::atomic<size_t> left_{0};  // of the present step
  Mutex mutex_;
  Rights rights_ GUARDED_BY(mutex_);
  std::optional<Error> trouble_ GUARDED_BY(mutex_);
};

void askRights(gateway::Access& access, std::shared_ptr<const gateway::User> user, std::set<std::string> namespaces,
               std::function<void(Result<Rights>)> done) {
  std::make_shared<RightsQuestion>(access, std::move(user), std::move(namespaces), std::move(done))->begin();
}

}  // namespace baton::ui
