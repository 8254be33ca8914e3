// May he? Asked of the API server by SubjectAccessReview, and remembered for a few seconds. Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/credentials.h"
#include "kube/client.h"

namespace baton::gateway {

class Access {
 public:
  /// Both must outlive it and every question under way.
  Access(kube::Client& client, const Clock& clock) : client_(client), clock_(clock) {}

  struct Question {
    std::string verb, resource, ns, name;  // of API group ha.baton.dev; an empty name: all
  };
  /// How long the API server is waited for, in all.
  enum class Patience { Short, Long };
  /// `done` gets yes or no, at once when it is remembered. An Error: the API server can't be asked.
  using Done = std::function<void(Result<bool>)>;
  void ask(const User& user, const Question& question, Patience patience, Done done);
  size_t remembered() const;

 private:
  struct Known {
    bool allowed = false;
    Steady until{};
  };
  void answered(const std::string& key, const std::string& asking, Result<bool> answer);

  kube::Client& client_;
  const Clock& clock_;
  mutable Mutex mutex_;
  std::unordered_map<std::string, Known> known_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::vector<Done>> asking_
      GUARDED_BY(mutex_);  // one question for all who wait as long
};

}  // namespace baton::gateway
