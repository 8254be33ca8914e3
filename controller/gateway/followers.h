// Who waits for news of a SwitchoverRequest. Thread-safe; callbacks run on the thread that brings the news, without a
// lock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/switchover.h"
#include "base/mutex.h"

namespace baton::gateway {

class Followers {
 public:
  using Request = std::shared_ptr<const api::SwitchoverRequest>;
  enum class What {
    Changed,   // as it is now
    Gone,      // as it was last
    Stopping,  // nothing more will come; no request
  };
  using News = std::function<void(What, const Request&)>;
  using Id = uint64_t;
  /// By its name, or by its uid. 0: nothing will come any more, as this process ends.
  Id follow(const std::string& ns, const std::string& name, News news);
  Id followUid(const std::string& uid, News news);
  void leave(Id id);

  void seen(const Request& request, bool gone);
  /// Tells all who wait; nobody is taken any more.
  void stop();
  size_t count() const;

 private:
  struct Follower {
    std::string key;  // "namespace/name" or the uid
    News news;
  };
  Id add(std::string key, News news);

  mutable Mutex mutex_;
  std::map<Id, Follower> all_ GUARDED_BY(mutex_);
  Id next_ GUARDED_BY(mutex_) = 1;
  bool stopping_ GUARDED_BY(mutex_) = false;
};

}  // namespace baton::gateway
