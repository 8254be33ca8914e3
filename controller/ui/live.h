// Streams of events to those who look at the page: each is told what he may see, and what has changed since.
//
// Who owns what: a viewer for each stream, from open() until its connection ends, its session is over, the credentials
// change, or this replica stops. News only note what has changed; a timer tells it, so many changes in a moment are one
// event, and a viewer whose connection is slow is told of the newest state later instead of every state in between:
// what waits for him is bounded. What he may see is asked for again every minute, and at once when a namespace appears
// that nobody has asked for.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"
#include "base/timers.h"
#include "gateway/authenticator.h"
#include "http/message.h"
#include "ui/rights.h"
#include "ui/source.h"

namespace baton::ui {

class Live {
 public:
  static constexpr size_t kMostViewers = 256;

  /// All must outlive it; `timers` must be stopped before it goes.
  Live(const Source& source, gateway::Access& access, const gateway::Authenticator& authenticator, Timers& timers,
       const Clock& clock, std::string version);

  struct Viewer {
    std::shared_ptr<const gateway::User> user;
    Time until;  // his session ends
    Rights rights;
  };
  bool full() const EXCLUDES(mutex_);
  /// Tells him everything, and then what changes.
  void open(Viewer viewer, std::shared_ptr<http::BodyStream> body) EXCLUDES(mutex_);
  /// Ends all streams; none is opened any more.
  void stop() EXCLUDES(mutex_);

  // News of the watches; quick, and nothing at all while nobody looks.
  void groupChanged(const std::string& key) EXCLUDES(mutex_);
  void requestChanged(const api::SwitchoverRequest& request, bool gone) EXCLUDES(mutex_);

 private:
  using Id = uint64_t;
  /// What one viewer has not been told yet.
  struct Due {
    bool everything = true, pulse = false;
    std::set<std::string> groups;               // keys
    std::map<std::string, api::Json> requests;  // by key
    bool any() const { return everything || pulse || !groups.empty() || !requests.empty(); }
  };
  struct Stream {
    Viewer viewer;
    std::shared_ptr<http::BodyStream> body;
    std::shared_ptr<const gateway::Credentials> credentials;  // in force when it was opened
    Due due;
    bool asking = false;  // for his rights
    Steady askAgain{};
  };

  void plan(std::chrono::milliseconds after) REQUIRES(mutex_);
  void turn() EXCLUDES(mutex_);
  void pulse() EXCLUDES(mutex_);
  void noteChanged() EXCLUDES(mutex_);
  void tell(Id id, Due due) EXCLUDES(mutex_);
  std::string text(const Rights& rights, const Due& due, std::set<std::string>& unknown) const;
  void askAgain(Id id) EXCLUDES(mutex_);
  void answered(Id id, const Result<Rights>& rights) EXCLUDES(mutex_);
  bool over(const Stream& stream) const;

  const Source& source_;
  gateway::Access& access_;
  const gateway::Authenticator& authenticator_;
  Timers& timers_;
  const Clock& clock_;
  const std::string version_;
  std::unordered_map<std::string, size_t>
      told_;  // by group's key: what all were told last, hashed. Of the timers' thread

  mutable Mutex mutex_;
  std::map<Id, Stream> streams_ GUARDED_BY(mutex_);
  Id next_ GUARDED_BY(mutex_) = 1;
  std::set<std::string> touched_ GUARDED_BY(mutex_);  // groups of which there is news
  bool planned_ GUARDED_BY(mutex_) = false;           // a turn is to come
  bool pulsing_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace baton::ui
