// PURE: what a list+watch does next. Values in, a Step out; no thread, socket, clock or random source.
// Sources: https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes, and the habit
// of kube-rs kube-runtime/src/watcher.rs: each state's recovery stands above the state.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "base/time.h"
#include "kube/request.h"
#include "kube/watch_event.h"

namespace baton::kube {

struct WatchSettings {
  Resource resource;
  std::string ns;             // empty: all namespaces, or a kind that has none
  std::string labelSelector;  // empty: none
  std::string fieldSelector;
  bool metadataOnly = false;
  /// A streamed list (https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists) spares memory, here
  /// and at the server; pages are read with a third less CPU, as an object that comes alone costs several hand-overs.
  bool streamingList = false;
  int pageSize = 200;                            // objects a page; of pods of 10 KB two megabytes
  std::chrono::milliseconds silence{75000};      // longest silence of a watch; bookmarks come each minute
  std::chrono::seconds lasts{300};               // a watch, at least; at most twice as long
  std::chrono::milliseconds listSilence{10000};  // longest silence of a streaming list
  std::chrono::milliseconds listTimeout{60000};  // of one page
  std::chrono::milliseconds backOffLeast{100};   // lost connections and server errors
  std::chrono::milliseconds backOffMost{10000};
  std::chrono::milliseconds refusedLeast{1000};  // 401, 403, 404 and other refusals
  std::chrono::milliseconds refusedMost{60000};
};

/// The words of metric baton_watch_restarts_total{resource,reason}.
namespace restart {
inline constexpr std::string_view kClosed = "closed";            // the server ended the watch in order
inline constexpr std::string_view kExpired = "expired";          // 410, or a version that the server does not have
inline constexpr std::string_view kLost = "lost";                // connection refused, reset or cut
inline constexpr std::string_view kSilent = "silent";            // nothing came for too long
inline constexpr std::string_view kThrottled = "throttled";      // 429
inline constexpr std::string_view kRefused = "refused";          // 401, 403, 404 and other 4xx
inline constexpr std::string_view kFailed = "failed";            // 5xx
inline constexpr std::string_view kUnsupported = "unsupported";  // the server cannot stream lists
inline constexpr std::string_view kOverflow = "overflow";        // a line longer than the limit
inline constexpr std::string_view kUndecodable = "undecodable";  // an answer that is no list
}  // namespace restart

/// What the shell does now. At most one request is under way; the machine hears of its end before the next Step.
struct Step {
  enum class Do {
    Nothing,      // go on with what is under way
    OpenStream,   // send `request` as a stream
    SendList,     // send `request`, for one answer
    Wait,         // for `pause`, then call waited()
    CloseStream,  // end the stream; the machine decides when ended() is called
  };
  Do what = Do::Nothing;
  std::optional<ApiRequest> request;   // for OpenStream and SendList
  std::chrono::milliseconds pause{0};  // for Wait
  bool discard = false;                // first drop what was gathered of an unfinished list
  bool commit = false;                 // first: the gathered objects are all there are, as of `version`
  uint64_t version = 0;                // with commit
  std::string_view restart;            // one of restart::, or empty
};

/// Calls come one at a time. `random` is evenly spread in [0, 1), new for each call.
class WatchMachine {
 public:
  // Start: nothing is known. Nothing to recover; start() leaves it.
  //
  // StreamingList: a watch that begins with all objects. It ends at the bookmark with k8s.io/initial-events-end, and
  //   the same stream goes on as Watching. Cut, closed, throttled: gathered objects are dropped, list anew after a
  //   pause. Refused as unknown (400, 422), or a bookmark without the annotation (an older server that ignores the
  //   parameter): PagedList at once, and for all later lists. Silent, or cut three times (etcd before 3.4.31 sends no
  //   progress): PagedList for this once.
  //
  // PagedList: pages of one consistent list. 410 on a continue token: gathered objects are dropped, list anew. Any
  //   other failure: the same page again after a pause, for a token stays valid for minutes.
  //
  // Watching: events after `version`. Closed in order: resume after the last version seen, at once. Lost, silent,
  //   failed, throttled: the same after a pause. 410, as status or as ERROR event: the history is gone, list anew.
  //   Silent twice though answered, when a bookmark is due each minute: the server does not know `version`, as after
  //   a restore of etcd from a backup (it then waits until it comes to be), list anew. Refused (401, 403, 404): the
  //   same after a long pause; until then trouble() says why.
  enum class State { Start, StreamingList, PagedList, Watching };

  explicit WatchMachine(WatchSettings settings) : settings_(std::move(settings)), streaming_(settings_.streamingList) {}

  Step start(Steady now, double random);
  /// The wait is over.
  Step waited(Steady now, double random);
  /// The stream's answer is 2xx.
  void opened(Steady now);
  /// One event of the stream. Cheap: called for each line.
  Step event(const EventHead& event, Steady now, double random);
  /// A line of the stream was too long.
  Step overflowed(Steady now, double random);
  /// The stream has ended: in order, or with what the transport or the server says.
  Step ended(const Status& how, Steady now, double random);
  /// The answer to SendList. An answer that cannot be decoded is Error::Kind::Internal.
  Step listed(const Result<PageHead>& page, Steady now, double random);

  State state() const { return state_; }
  uint64_t version() const { return version_; }
  /// What stands in the way, for a person; nothing while all is well, or while a server that has just started asks
  /// for patience (429).
  const std::optional<Error>& trouble() const { return trouble_; }

 private:
  Step request(double random);
  Step list(double random);
  Step usePages(std::string_view reason, double random);
  Step wait(std::string_view reason, std::chrono::milliseconds pause);
  Step again(std::string_view reason, double random);
  Step close(std::string_view reason, Error why);
  Step closed(Steady now, double random);
  Step failed(const Error& error, double random);
  Step expired(double random);
  Step silent(double random);
  void endRow();
  Step broken(std::string_view reason, const Error& error, double random);
  std::chrono::milliseconds backOff(std::chrono::milliseconds least, std::chrono::milliseconds most, double random);

  const WatchSettings settings_;
  State state_ = State::Start;
  bool streaming_;             // false once the server has shown that it cannot stream lists
  uint64_t version_ = 0;       // Watching: last seen. PagedList: the list's own
  std::string continueToken_;  // PagedList: of the next page
  bool discard_ = false;       // with the next request
  int failures_ = 0;           // in a row; a watch that brings something, or lasts, ends the row
  int expiries_ = 0;           // 410 in a row
  int silences_ = 0;           // watches without a word, in a row
  int brokenLists_ = 0;        // streaming lists cut before their end, in a row
  std::optional<Steady> openedAt_;
  bool eventSeen_ = false;         // since the stream was opened
  std::string_view endingReason_;  // why we close the stream, decided on in ended(); empty: we do not
  std::optional<Error> endingWith_;
  std::optional<Error> trouble_;
};

const char* name(WatchMachine::State state);

}  // namespace baton::kube
