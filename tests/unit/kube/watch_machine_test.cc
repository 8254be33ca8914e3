// Scripts: what happens, and what the machine does then. Each Step is one line of text; see text().
#include "kube/watch_machine.h"

#include <gtest/gtest.h>

#include "kube/status_error.h"

namespace baton::kube {
namespace {

using namespace std::chrono_literals;
using State = WatchMachine::State;

std::string parameter(const std::string& target, const std::string& name) {
  const size_t at = target.find(name + "=");
  return at == std::string::npos ? ""
                                 : target.substr(at + name.size() + 1, target.find('&', at) - at - name.size() - 1);
}

/// "closed: discard, commit@7, watch@7", "lost: wait 150", "stream", "page", "page TOKEN", "close", "".
std::string text(const Step& s) {
  std::string t;
  const auto add = [&t](const std::string& word) { t += (t.empty() || t.back() == ' ' ? "" : ", ") + word; };
  if (!s.restart.empty()) t = std::string(s.restart) + ": ";
  if (s.discard) add("discard");
  if (s.commit) add("commit@" + std::to_string(s.version));
  switch (s.what) {
    case Step::Do::Nothing:
      break;
    case Step::Do::OpenStream:
      add(parameter(s.request->target, "sendInitialEvents") == "true"
              ? "stream"
              : "watch@" + parameter(s.request->target, "resourceVersion"));
      break;
    case Step::Do::SendList: {
      const std::string token = parameter(s.request->target, "continue");
      add(token.empty() ? "page" : "page " + token);
      break;
    }
    case Step::Do::Wait:
      add("wait " + std::to_string(s.pause.count()));
      break;
    case Step::Do::CloseStream:
      add("close");
      break;
  }
  return t;
}

Error status(int code, const std::string& message = "no") {
  Error e = statusError(code, {}, "");
  e.message = message;
  return e;
}

EventHead object(uint64_t version) { return {EventType::Modified, version, false, {}}; }
EventHead bookmark(uint64_t version, bool end = false) { return {EventType::Bookmark, version, end, {}}; }
EventHead errorEvent(int code) { return {EventType::Error, 0, false, status(code)}; }

class WatchMachineScript : public testing::Test {
 protected:
  static WatchSettings settings() {
    WatchSettings s;
    s.streamingList = true;
    s.resource = resources::pods;
    return s;
  }
  static WatchSettings pages() {
    WatchSettings s = settings();
    s.streamingList = false;
    return s;
  }

  std::string start() { return text(m.start(now, random)); }
  std::string waited() { return text(m.waited(now, random)); }
  void opened() { m.opened(now); }
  std::string event(const EventHead& e) { return text(m.event(e, now, random)); }
  std::string closed() { return text(m.ended(Ok{}, now, random)); }
  std::string ended(Error e) { return text(m.ended(std::move(e), now, random)); }
  std::string listed(uint64_t version, const std::string& token = {}) {
    return text(m.listed(PageHead{version, token}, now, random));
  }
  std::string listed(Error e) { return text(m.listed(std::move(e), now, random)); }
  /// Ends in Watching, the stream open, an event seen at version 101.
  void watch() {
    start();
    opened();
    event(object(5));
    event(bookmark(100, true));
    event(object(101));
  }

  WatchMachine m{settings()};
  Steady now{1000h};
  double random = 0;
};

TEST_F(WatchMachineScript, AStreamedListGoesOnAsTheWatch) {
  EXPECT_EQ(start(), "discard, stream");
  opened();
  EXPECT_EQ(event(object(7)), "");
  EXPECT_EQ(event(object(99)), "");
  EXPECT_EQ(m.state(), State::StreamingList);
  EXPECT_EQ(event(bookmark(100, true)), "commit@100");
  EXPECT_EQ(m.state(), State::Watching);
  EXPECT_EQ(event(object(101)), "");
  EXPECT_EQ(event(bookmark(200)), "");
  now += 5min;
  EXPECT_EQ(closed(), "closed: watch@200");
  EXPECT_FALSE(m.trouble());
}

TEST_F(WatchMachineScript, RequestsAskForWhatTheyMust) {
  WatchSettings s = settings();
  s.labelSelector = "a in (b,c)";
  WatchMachine machine(s);
  random = 0.5;
  const Step step = machine.start(now, random);
  EXPECT_EQ(step.request->target,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=450&labelSelector=a%20in%20%28b%2Cc%29"
            "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan");
  EXPECT_EQ(step.request->timeout, 75s) << "a streaming list goes on as a watch in the same stream";
  EXPECT_EQ(step.request->retries, 0);
  machine.opened(now);
  machine.event(bookmark(7, true), now, random);
  machine.event(object(8), now, random);
  const Step again = machine.ended(Ok{}, now, random);
  EXPECT_EQ(again.request->target,
            "/api/v1/pods?watch=true&allowWatchBookmarks=true&timeoutSeconds=450&labelSelector=a%20in%20%28b%2Cc%29"
            "&resourceVersion=8");
  EXPECT_EQ(again.request->timeout, 75s);
}

TEST_F(WatchMachineScript, PagesOfOneListThenTheWatchFromItsVersion) {
  WatchMachine paged(pages());
  EXPECT_EQ(text(paged.start(now, 0)), "discard, page");
  EXPECT_EQ(text(paged.listed(PageHead{50, "t1"}, now, 0)), "page t1");
  EXPECT_EQ(text(paged.listed(PageHead{50, "t2"}, now, 0)), "page t2");
  EXPECT_EQ(text(paged.listed(PageHead{50, ""}, now, 0)), "commit@50, watch@50");
  EXPECT_EQ(paged.state(), State::Watching);
}

TEST_F(WatchMachineScript, AServerThatRefusesStreamedListsGetsPagesEverAfter) {
  start();
  EXPECT_EQ(ended(status(422, "sendInitialEvents: Forbidden")), "unsupported: discard, page");
  EXPECT_EQ(listed(50), "commit@50, watch@50");
  opened();
  EXPECT_EQ(event(object(51)), "");
  EXPECT_EQ(ended(status(410)), "expired: discard, page");
  EXPECT_FALSE(m.trouble());
}

TEST_F(WatchMachineScript, AServerThatIgnoresTheParameterIsKnownByItsBookmarks) {
  start();
  opened();
  event(object(7));
  EXPECT_EQ(event(bookmark(100)), "close");
  EXPECT_EQ(event(object(101)), "") << "what still arrives is not looked at";
  EXPECT_EQ(ended(cancelled("by us")), "unsupported: discard, page");
}

TEST_F(WatchMachineScript, ASilentStreamedListIsListedByPagesThisOnce) {
  start();
  opened();
  EXPECT_EQ(ended(timedOut("no data")), "silent: discard, page");
  EXPECT_EQ(listed(50), "commit@50, watch@50");
  opened();
  event(object(51));
  EXPECT_EQ(ended(status(410)), "expired: discard, stream");
}

TEST_F(WatchMachineScript, AStreamedListCutThreeTimesIsListedByPages) {
  start();
  opened();
  event(object(7));
  EXPECT_EQ(ended(unavailable("reset")), "lost: wait 100");
  EXPECT_EQ(waited(), "discard, stream");
  opened();
  EXPECT_EQ(closed(), "closed: wait 200");
  EXPECT_EQ(waited(), "discard, stream");
  opened();
  EXPECT_EQ(ended(unavailable("reset")), "lost: discard, page");
}

TEST_F(WatchMachineScript, AServerThatIsDownIsNotTakenForOneThatCannotStream) {
  start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ended(unavailable("refused")).substr(0, 11), "lost: wait ");
    EXPECT_EQ(waited(), "discard, stream");
  }
}

TEST_F(WatchMachineScript, LostConnectionsAreResumedAfterGrowingPauses) {
  watch();
  ASSERT_EQ(ended(unavailable("reset")), "lost: wait 100");
  EXPECT_EQ(m.trouble()->message, "reset");
  const std::vector<int> pauses{200, 400, 800, 1600, 3200, 5000, 5000};
  for (const int pause : pauses) {
    EXPECT_EQ(waited(), "watch@101");
    EXPECT_EQ(ended(unavailable("refused")), "lost: wait " + std::to_string(pause));
  }
  EXPECT_EQ(waited(), "watch@101");
  opened();
  EXPECT_FALSE(m.trouble());
  event(object(102));
  EXPECT_EQ(ended(unavailable("reset")), "lost: wait 100") << "an event ends the row";
}

TEST_F(WatchMachineScript, PausesAreSpreadByChance) {
  random = 0.999;
  watch();
  EXPECT_EQ(ended(unavailable("reset")), "lost: wait 199");
  waited();
  for (int i = 0; i < 10; ++i) {
    ended(unavailable("refused"));
    waited();
  }
  EXPECT_EQ(ended(unavailable("refused")), "lost: wait 9995");
}

TEST_F(WatchMachineScript, AQuietWatchThatLastedEndsTheRowOfFailures) {
  watch();
  ended(unavailable("reset"));
  waited();
  ended(unavailable("refused"));
  waited();
  opened();
  now += 11s;
  EXPECT_EQ(ended(unavailable("reset")), "lost: wait 100");
}

TEST_F(WatchMachineScript, SilenceIsResumed) {
  watch();
  now += 120s;
  EXPECT_EQ(ended(timedOut("nothing for 120 s")), "silent: wait 100");
  EXPECT_EQ(waited(), "watch@101");
}

TEST_F(WatchMachineScript, AServerThatAnswersButNeverSpeaksDoesNotKnowOurVersion) {
  watch();
  for (int i = 0; i < 2; ++i) {
    ended(timedOut("nothing for 120 s"));
    EXPECT_EQ(waited(), "watch@101");
    opened();
    now += 120s;
  }
  EXPECT_EQ(ended(timedOut("nothing for 120 s")).substr(0, 13), "silent: wait ");
  EXPECT_EQ(waited(), "discard, stream");
}

TEST_F(WatchMachineScript, AServerThatDoesNotAnswerIsNotTakenForThat) {
  watch();
  for (int i = 0; i < 5; ++i) {
    ended(timedOut("no answer"));
    EXPECT_EQ(waited(), "watch@101");
  }
}

TEST_F(WatchMachineScript, AServerThatClosesAtOnceIsNotAskedWithoutAPause) {
  watch();
  EXPECT_EQ(closed(), "closed: watch@101") << "there was an event";
  opened();
  now += 500ms;
  EXPECT_EQ(closed(), "closed: wait 100");
  EXPECT_EQ(waited(), "watch@101");
  opened();
  now += 2s;
  EXPECT_EQ(closed(), "closed: watch@101");
}

TEST_F(WatchMachineScript, GoneAsAnEventMeansANewList) {
  watch();
  EXPECT_EQ(event(errorEvent(410)), "close");
  EXPECT_EQ(event(errorEvent(410)), "");
  EXPECT_EQ(ended(cancelled("by us")), "expired: discard, stream");
}

TEST_F(WatchMachineScript, GoneAsAnEventCountsAlsoWhenTheServerClosesFirst) {
  watch();
  EXPECT_EQ(event(errorEvent(410)), "close");
  EXPECT_EQ(closed(), "expired: discard, stream");
}

TEST_F(WatchMachineScript, GoneTwiceInARowWaits) {
  watch();
  EXPECT_EQ(ended(status(410)), "expired: discard, stream");
  opened();
  event(bookmark(200, true));
  EXPECT_EQ(event(errorEvent(410)), "close");
  EXPECT_EQ(ended(cancelled("by us")), "expired: wait 100");
  EXPECT_EQ(waited(), "discard, stream");
}

TEST_F(WatchMachineScript, GoneAfterAnOutageIsListedAtOnce) {
  watch();
  for (int i = 0; i < 5; ++i) {
    ended(unavailable("refused"));
    EXPECT_EQ(waited(), "watch@101");
  }
  EXPECT_EQ(ended(status(410)), "expired: discard, stream");
}

TEST_F(WatchMachineScript, AVersionThatTheServerDoesNotHaveMeansANewList) {
  watch();
  EXPECT_EQ(ended(status(504, "Too large resource version: 9, current: 8")), "expired: discard, stream");
}

TEST_F(WatchMachineScript, ErrorEventsOfOtherKindsAreFailuresOfTheServer) {
  watch();
  EXPECT_EQ(event(errorEvent(500)), "close");
  EXPECT_EQ(ended(cancelled("by us")), "failed: wait 100");
  EXPECT_EQ(waited(), "watch@101");
}

TEST_F(WatchMachineScript, ThrottlingWaitsAsLongAsAskedAndIsNoTrouble) {
  start();
  Error e = status(429);
  EXPECT_EQ(ended(e), "throttled: wait 1000");
  EXPECT_EQ(waited(), "discard, stream");
  e.retryAfter = 5s;
  random = 0.5;
  EXPECT_EQ(ended(e), "throttled: wait 5625");
  EXPECT_FALSE(m.trouble());
}

TEST_F(WatchMachineScript, RefusalsWaitLongAndSayWhy) {
  watch();
  EXPECT_EQ(ended(status(403, "pods is forbidden")), "refused: wait 1000");
  EXPECT_EQ(m.trouble()->message, "pods is forbidden");
  EXPECT_EQ(waited(), "watch@101");
  EXPECT_EQ(ended(status(401)), "refused: wait 2000");
  EXPECT_EQ(waited(), "watch@101");
  EXPECT_EQ(ended(status(404)), "refused: wait 4000");
  for (int i = 0; i < 10; ++i) {
    waited();
    ended(status(403));
  }
  waited();
  EXPECT_EQ(ended(status(403)), "refused: wait 30000");
}

TEST_F(WatchMachineScript, AKindThatIsNotThereYetIsWaitedFor) {
  start();
  EXPECT_EQ(ended(status(404)), "refused: wait 1000");
  EXPECT_EQ(waited(), "discard, stream");
}

TEST_F(WatchMachineScript, AnExpiredContinueTokenMeansANewListFromItsStart) {
  WatchMachine paged(pages());
  paged.start(now, 0);
  paged.listed(PageHead{50, "t1"}, now, 0);
  EXPECT_EQ(text(paged.listed(status(410), now, 0)), "expired: discard, page");
  EXPECT_EQ(text(paged.listed(PageHead{60, "t3"}, now, 0)), "page t3");
  EXPECT_EQ(text(paged.listed(status(400, "continue key is not valid"), now, 0)), "expired: wait 100");
  EXPECT_EQ(text(paged.waited(now, 0)), "discard, page");
}

TEST_F(WatchMachineScript, AFailedPageIsAskedForAgain) {
  WatchMachine paged(pages());
  paged.start(now, 0);
  paged.listed(PageHead{50, "t1"}, now, 0);
  EXPECT_EQ(text(paged.listed(unavailable("reset"), now, 0)), "lost: wait 100");
  EXPECT_EQ(text(paged.waited(now, 0)), "page t1");
  EXPECT_EQ(text(paged.listed(timedOut("slow"), now, 0)), "silent: wait 200");
  EXPECT_EQ(text(paged.waited(now, 0)), "page t1");
  EXPECT_EQ(text(paged.listed(status(500), now, 0)), "failed: wait 400");
  EXPECT_EQ(text(paged.waited(now, 0)), "page t1");
  EXPECT_EQ(text(paged.listed(PageHead{50, ""}, now, 0)), "commit@50, watch@50");
}

TEST_F(WatchMachineScript, AnAnswerThatIsNoListIsAskedForAgain) {
  WatchMachine paged(pages());
  paged.start(now, 0);
  EXPECT_EQ(text(paged.listed(internal("not JSON"), now, 0)), "undecodable: wait 100");
  EXPECT_EQ(text(paged.waited(now, 0)), "page");
  EXPECT_EQ(text(paged.listed(PageHead{0, ""}, now, 0)), "undecodable: wait 200");
  EXPECT_TRUE(paged.trouble());
}

TEST_F(WatchMachineScript, ALineThatIsTooLongMeansANewListAfterAPause) {
  watch();
  EXPECT_EQ(text(m.overflowed(now, random)), "close");
  EXPECT_EQ(ended(cancelled("by us")), "overflow: wait 100");
  EXPECT_TRUE(m.trouble());
  EXPECT_EQ(waited(), "discard, stream");
}

}  // namespace
}  // namespace baton::kube
