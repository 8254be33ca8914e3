// Keeps a Sink equal to what the API server holds of one kind: list, watch, and every recovery that watch_machine.h
// decides. This is the shell: it sends, splits lines, decodes, and reports.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/timers.h"
#include "kube/client.h"
#include "kube/lean_json.h"
#include "kube/store.h"
#include "kube/watch_event.h"
#include "kube/watch_machine.h"

namespace baton::kube {

struct ReflectorOptions {
  WatchSettings watch;
  size_t maxLine = size_t{8} << 20;  // bytes of one event; etcd's own limit for an object is 1.5 MiB
  /// A list or watch begins anew; one of the words in watch_machine.h. baton_watch_restarts_total{resource,reason},
  /// resource being watch.resource.plural.
  std::function<void(std::string_view reason)> onRestart;
  /// The first list has been handed to the sink. Once.
  std::function<void()> onSynced;
  uint64_t seed = std::random_device{}();  // of the pauses
};

/// The typed half as the untyped one sees it; see TypedPort.
class ReflectorPort {
 public:
  virtual ~ReflectorPort() = default;
  /// Decodes one line. Gathering: the object is kept for commit(); else it goes to the sink.
  virtual Result<EventHead> event(std::string_view line, bool gathering) = 0;
  /// Decodes one page and keeps its objects for commit().
  virtual Result<PageHead> page(std::string body, std::vector<Error>& skipped) = 0;
  virtual void discard() = 0;
  virtual void commit(uint64_t version) = 0;
};

/// Everything that does not depend on the kind.
class ReflectorCore {
 public:
  /// client and timers must outlive stop(). Callbacks of the options and of the port run on transport and timer
  /// threads, never two at once.
  ReflectorCore(Client& client, Timers& timers, const Clock& clock, ReflectorOptions options,
                std::unique_ptr<ReflectorPort> port);
  /// stop().
  ~ReflectorCore();
  ReflectorCore(const ReflectorCore&) = delete;
  ReflectorCore& operator=(const ReflectorCore&) = delete;

  void start();
  /// No callback runs when it returns, nor later. Not to be called from a callback. May be called twice.
  void stop();

  // Safe from every thread, callbacks too.
  bool synced() const;
  /// Why it cannot list or watch at present.
  std::optional<Error> lastError() const;
  /// Since the server last said something; since start() when it never did.
  double secondsSinceLastActivity() const;

 private:
  class Inner;
  std::shared_ptr<Inner> inner_;  // also held by requests under way, which find it stopped
};

template <class T>
class TypedPort final : public ReflectorPort {
 public:
  TypedPort(Decoder<T> decoder, Sink<T> sink) : decoder_(std::move(decoder)), sink_(std::move(sink)) {}

  Result<EventHead> event(std::string_view line, bool gathering) override {
    if (!gathering && sink_.awaitsOwnWrite && sink_.awaitsOwnWrite()) {
      const auto key = modifiedKey(line);
      if (key && sink_.isOwnWrite(*key)) return EventHead{EventType::Modified, key->version, false, std::nullopt};
    }
    Result<WatchEvent<T>> e = decoder_.decodeEvent(line);
    if (!e.ok()) return std::move(e).error();
    const EventType type = e->head.type;
    if (e->object && type != EventType::Bookmark && type != EventType::Error) {
      if (gathering)
        gathered_.apply(type, std::move(e->object));
      else
        sink_.apply(type, std::move(e->object));
    }
    return std::move(e->head);
  }
  Result<PageHead> page(std::string body, std::vector<Error>& skipped) override {
    Result<ListPage<T>> page = decoder_.decodeList(std::move(body));
    if (!page.ok()) return std::move(page).error();
    for (auto& item : page->items) gathered_.apply(EventType::Added, std::move(item));
    skipped = std::move(page->skipped);
    return std::move(page->head);
  }
  void discard() override { gathered_.take(); }
  void commit(uint64_t version) override { sink_.replace(gathered_.take(), version); }

 private:
  Decoder<T> decoder_;
  Sink<T> sink_;
  Store<T> gathered_;  // of a list that is not yet whole; a streamed one may modify and delete what it has told
};

/// List+watch of one kind into one sink. Threads and lifetime: as ReflectorCore.
template <class T>
class Reflector : public ReflectorCore {
 public:
  Reflector(Client& client, Timers& timers, const Clock& clock, ReflectorOptions options, Decoder<T> decoder,
            Sink<T> sink)
      : ReflectorCore(client, timers, clock, std::move(options),
                      std::make_unique<TypedPort<T>>(std::move(decoder), std::move(sink))) {}
};

}  // namespace baton::kube
