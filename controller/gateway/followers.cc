#include "gateway/followers.h"

#include <utility>

namespace baton::gateway {

Followers::Id Followers::follow(const std::string& ns, const std::string& name, News news) {
  return add(ns + "/" + name, std::move(news));
}

Followers::Id Followers::followUid(const std::string& uid, News news) { return add(uid, std::move(news)); }

Followers::Id Followers::add(std::string key, News news) {
  MutexLock l(mutex_);
  if (stopping_) return 0;
  all_.emplace(next_, Follower{std::move(key), std::move(news)});
  return next_++;
}

void Followers::leave(Id id) {
  News dropped;  // without the lock
  MutexLock l(mutex_);
  const auto found = all_.find(id);
  if (found == all_.end()) return;
  dropped = std::move(found->second.news);
  all_.erase(found);
}

void Followers::seen(const Request& request, bool gone) {
  std::vector<News> told;
  {
    MutexLock l(mutex_);
    if (all_.empty()) return;
    const std::string key = request->meta.ns + "/" + request->meta.name;
    for (const auto& [id, follower] : all_)
      if (follower.key == key || follower.key == request->meta.uid) told.push_back(follower.news);
  }
  for (const auto& news : told) news(gone ? What::Gone : What::Changed, request);
}

void Followers::stop() {
  std::vector<News> told;
  {
    MutexLock l(mutex_);
    stopping_ = true;
    for (const auto& [id, follower] : all_) told.push_back(follower.news);
  }
  for (const auto& news : told) news(What::Stopping, nullptr);
}

size_t Followers::count() const {
  MutexLock l(mutex_);
  return all_.size();
}

}  // namespace baton::gateway
