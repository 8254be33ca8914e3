#include "gateway/followers.h"

#include <vector>

namespace baton::gateway {

Followers::Id Followers::follow(const std::string& ns, const std::string& name, News news) {
  MutexLock l(mutex_);
  all_.emplace(next_, std::make_pair(ns + "/" + name, std::move(news)));
  return next_++;
}

void Followers::leave(Id id) {
  News dropped;  // without the lock
  MutexLock l(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  dropped = std::move(found->second.second);
  all_.erase(found);
}

void Followers::changed(const std::shared_ptr<const api::SwitchoverRequest>& request) {
  tell(request->meta.ns, request->meta.name, request);
}

void Followers::gone(const std::string& ns, const std::string& name) { tell(ns, name, nullptr); }

void Followers::tell(const std::string& ns, const std::string& name,
                     const std::shared_ptr<const api::SwitchoverRequest>& request) {
  std::vector<News> told;
  {
    MutexLock l(mutex_);
    if (all_.empty()) return;
    const std::string key = ns + "/" + name;
    for (const auto& [id, follower] : all_)
      if (follower.first == key) told.push_back(follower.second);
  }
  for (const auto& news : told) news(request);
}

size_t Followers::count() const {
  MutexLock l(mutex_);
  return all_.size();
}

}  // namespace baton::gateway
