// Who waits for news of a SwitchoverRequest. Thread-safe; callbacks run on the thread that brings the news, without a
// lock.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "api/switchover.h"
#include "base/mutex.h"

namespace baton::gateway {

class Followers {
 public:
  /// Null: the request is gone.
  using News = std::function<void(std::shared_ptr<const api::SwitchoverRequest>)>;
  using Id = uint64_t;
  Id follow(const std::string& ns, const std::string& name, News news);
  void leave(Id id);

  /// As it is now, at each change.
  void changed(const std::shared_ptr<const api::SwitchoverRequest>& request);
  void gone(const std::string& ns, const std::string& name);
  size_t count() const;

 private:
  void tell(const std::string& ns, const std::string& name,
            const std::shared_ptr<const api::SwitchoverRequest>& request);

  mutable Mutex mutex_;
  std::map<Id, std::pair<std::string, News>> all_ GUARDED_BY(mutex_);  // "namespace/name"
  Id next_ GUARDED_BY(mutex_) = 1;
};

}  // namespace baton::gateway
