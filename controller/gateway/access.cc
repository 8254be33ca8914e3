#include "gateway/access.h"

#include <utility>

#include "kube/access_review.h"

namespace baton::gateway {
namespace {

// Rights that are taken away are gone after this long; one that is given is not missed for longer.
constexpr std::chrono::seconds kYes{10}, kNo{3};
constexpr std::chrono::milliseconds kTry{4000}, kShortTry{1500};  // callers wait for it
constexpr size_t kMostKnown = 10000;

std::string keyOf(const User& user, const Access::Question& q) {
  std::string key = user.kubernetesUser;
  for (const auto& group : user.kubernetesGroups) key += "\n" + group;
  return key + "\n\n" + q.verb + "\n" + q.resource + "\n" + q.ns + "\n" + q.name;
}

}  // namespace

void Access::ask(const User& user, const Question& q, Patience patience, Done done) {
  const bool brief = patience == Patience::Short;
  const std::string key = keyOf(user, q), asking = key + (brief ? "\n\nsoon" : "");
  std::optional<bool> known;
  {
    MutexLock l(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end() && clock_.steady() < found->second.until) {
      known = found->second.allowed;
    } else {
      auto& waiting = asking_[asking];
      waiting.push_back(std::move(done));
      if (waiting.size() > 1) return;
    }
  }
  if (known) return done(*known);
  auto request = kube::subjectAccessReview(
      {user.kubernetesUser, user.kubernetesGroups, q.verb, "ha.baton.dev", q.resource, "", q.ns, q.name});
  request.timeout = brief ? kShortTry : kTry;
  request.retries = brief ? 0 : 1;
  client_.send(std::move(request), [this, key, asking](Result<http::Response> r) {
    if (!r) return answered(key, asking, std::move(r).error());
    auto read = kube::readSubjectAccessReview(r->body);
    answered(key, asking, read ? Result<bool>(read->allowed) : Result<bool>(std::move(read).error()));
  });
}

void Access::answered(const std::string& key, const std::string& asking, Result<bool> answer) {
  std::vector<Done> waiting;
  {
    MutexLock l(mutex_);
    waiting = std::exchange(asking_[asking], {});
    asking_.erase(asking);
    const Steady now = clock_.steady();
    if (known_.size() >= kMostKnown) std::erase_if(known_, [&](const auto& k) { return k.second.until <= now; });
    if (answer && known_.size() < kMostKnown) known_[key] = {*answer, now + (*answer ? kYes : kNo)};
  }
  for (const auto& done : waiting) done(answer);
}

size_t Access::remembered() const {
  MutexLock l(mutex_);
  return known_.size();
}

}  // namespace baton::gateway
