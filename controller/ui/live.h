// Streams of events to those who look at the page: each is told what he may see, and what has changed since.
//
// Who owns what: a stream for each viewer, from open() until its connection ends, its session is over, the credentials
// change, nobody can say any more what he may, or this replica stops. News only note what has changed; a timer's turn
// looks at it and tells it, so many changes in a moment are one event. A viewer whose connection is slow is told the
// newest state later, not every state in between: what waits for all of them together is bounded. What he may see is
// asked again twice a minute, and soon when a namespace appears that nobody has asked for.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "base/timers.h"
#include "gateway/authenticator.h"
#include "http/message.h"
#include "ui/board.h"
#include "ui/rights.h"
#include "ui/source.h"

namespace baton::ui {

class Live {
 public:
  static constexpr size_t kMostViewers = 256, kMostOfUser = 16;

  struct Parts {
    // All must outlive it; `timers` must be stopped before it goes.
    const Source& source;
    gateway::Access& access;
    const gateway::Authenticator& authenticator;
    Timers& timers;
    const Clock& clock;
    std::string version;  // of the program
  };
  explicit Live(Parts parts);

  struct Viewer {
    std::shared_ptr<const gateway::User> user;
    std::shared_ptr<const gateway::Credentials> credentials;  // that he was proved by
    Time until;                                               // his session ends
    Rights rights;
  };
  /// Are there as many viewers as there may be, in all or of that user?
  bool full(const std::string& user) const EXCLUDES(mutex_);
  /// Tells him everything, and then what changes.
  void open(Viewer viewer, std::shared_ptr<http::BodyStream> body) EXCLUDES(mutex_);
  /// Ends all streams; none is opened any more.
  void stop() EXCLUDES(mutex_);

  // News of the watches; quick, and nothing at all while nobody looks.
  void groupChanged(const std::string& key) EXCLUDES(mutex_);
  void requestChanged(const api::SwitchoverRequest& request) EXCLUDES(mutex_);

 private:
  using Id = uint64_t;
  struct Stream {
    Viewer viewer;
    std::shared_ptr<http::BodyStream> body;
    uint64_t told = 0;  // the board's number up to which he was told
    bool everything = true, pulse = false;
    std::set<std::string> namespaces;  // that he was told of
    bool asking = false;               // for his rights
    Steady asked{}, answered{}, askAgain{};
  };
  /// One stream's turn: a copy of what it needs.
  struct Turn {
    Id id;
    std::shared_ptr<http::BodyStream> body;
    Rights rights;
    uint64_t told;
    bool everything, pulse;
    std::set<std::string> namespaces;
  };
  /// What is told in a turn to all who may the same and have been told the same before.
  struct Told {
    Rights rights;
    uint64_t told;
    bool everything, pulse;
    std::set<std::string> namespaces;  // before, and after it
    Text text;
    std::set<std::string> after;
    bool unknown = false;  // it is not known what they may in some namespace
  };

  void plan(std::chrono::milliseconds after) REQUIRES(mutex_);
  void turn() EXCLUDES(mutex_);
  std::vector<Turn> gather() EXCLUDES(mutex_);
  std::vector<Id> toBeAsked() EXCLUDES(mutex_);
  void lookAtNews() EXCLUDES(mutex_);
  const Told& whatToTell(const Turn& t, std::vector<std::unique_ptr<Told>>& told) const;
  void tell(const Turn& t, const Told& what) EXCLUDES(mutex_);
  void tidy() EXCLUDES(mutex_);
  void pulse() EXCLUDES(mutex_);
  void askSoon(Id id) EXCLUDES(mutex_);
  void askAgain(Id id) EXCLUDES(mutex_);
  void answered(Id id, const Result<Rights>& rights) EXCLUDES(mutex_);
  bool over(const Stream& stream) const;

  const Parts p_;
  Board board_;  // of the timers' thread

  mutable Mutex mutex_;
  std::map<Id, Stream> streams_ GUARDED_BY(mutex_);
  Id next_ GUARDED_BY(mutex_) = 1;
  std::set<std::string> groups_ GUARDED_BY(mutex_);                 // of which there is news
  std::map<std::string, std::string> requests_ GUARDED_BY(mutex_);  // the same, each with its group
  bool planned_ GUARDED_BY(mutex_) = false;                         // a turn is to come
  bool pulsing_ GUARDED_BY(mutex_) = false;
  bool stopped_ GUARDED_BY(mutex_) = false;
};

}  // namespace baton::ui
