#include "api/pod.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace baton::api {
namespace {

namespace sj = simdjson::ondemand;

/// Valid until the document is read anew; empty for anything but a string.
std::string_view view(sj::value v) {
  std::string_view s;
  return v.get_string().get(s) == simdjson::SUCCESS ? s : std::string_view();
}

std::string str(sj::value v) { return std::string(view(v)); }

uint64_t version(sj::value v) {
  const std::string_view s = view(v);
  uint64_t n = 0;
  std::from_chars(s.data(), s.data() + s.size(), n);
  return n;
}

/// 0 for anything but a whole number.
int number(sj::value v) {
  int64_t n = 0;
  return v.get_int64().get(n) == simdjson::SUCCESS ? static_cast<int>(n) : 0;
}

/// -1 for anything but the decimal digits of an int.
int countIn(std::string_view s) {
  int n = -1;
  const auto [p, ec] = std::from_chars(s.data(), s.data() + s.size(), n);
  return ec == std::errc() && p == s.data() + s.size() && n >= 0 ? n : -1;
}

/// Go writes empty lists and maps as null: `f` is not called for those.
template <class F>
void eachItem(sj::value v, F&& f) {
  if (v.type() != sj::json_type::array) return;
  for (auto item : v.get_array()) f(item.value());
}
template <class F>
void eachField(sj::value v, F&& f) {
  if (v.type() != sj::json_type::object) return;
  for (auto field : v.get_object()) f(field.unescaped_key(), field.value());
}

void readLabels(sj::value v, Pod& p) {
  p.labels.clear();
  eachField(v, [&](std::string_view key, sj::value value) {
    p.labels.emplace_back(Interned(std::string(key)), Interned(str(value)));
  });
  p.labels.shrink_to_fit();  // thousands are kept for long
}

void forgetAnnotations(Pod& p) {
  p.epochAnnotation.clear();
  p.groupAnnotation = Interned();
  p.endsWhenFollowed = -1;
}

void readAnnotations(sj::value v, Pod& p, bool* initialEventsEnd) {
  forgetAnnotations(p);
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == kEpochAnnotation)
      p.epochAnnotation = str(value);
    else if (key == kGroupAnnotation)
      p.groupAnnotation = Interned(str(value));
    else if (key == kContainerEndsAnnotation)
      p.endsWhenFollowed = countIn(view(value));
    else if (key == "kubectl.kubernetes.io/default-container")
      p.defaultContainer = Interned(str(value));
    else if (initialEventsEnd && key == "k8s.io/initial-events-end")
      *initialEventsEnd = str(value) == "true";
  });
}

void readMetadata(sj::value v, Pod& p, bool* initialEventsEnd = nullptr) {
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "name")
      p.meta.name = str(value);
    else if (key == "namespace")
      p.meta.ns = str(value);
    else if (key == "uid")
      p.meta.uid = str(value);
    else if (key == "resourceVersion")
      p.meta.resourceVersion = version(value);
    else if (key == "creationTimestamp")
      p.meta.created = parseTime(str(value)).value_or(Time{});
    else if (key == "deletionTimestamp")
      p.meta.deleted = parseTime(str(value));
    else if (key == "deletionGracePeriodSeconds")
      p.killed = number(value) == 0;
    else if (key == "labels")
      readLabels(value, p);
    else if (key == "annotations")
      readAnnotations(value, p, initialEventsEnd);
  });
}

void readPort(sj::value v, Pod& p) {
  ContainerPort c;
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "name")
      c.name = Interned(str(value));
    else if (key == "containerPort")
      c.port = number(value);
  });
  if (!c.name.get().empty()) p.ports.push_back(c);
}

void readContainer(sj::value v, Pod& p) {
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "name") {
      const std::string n = str(value);
      if (p.firstContainer.get().empty()) p.firstContainer = Interned(n);
    } else if (key == "ports") {
      eachItem(value, [&](sj::value port) { readPort(port, p); });
    }
  });
}

void readSpec(sj::value v, Pod& p) {
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "nodeName")
      p.node = Interned(str(value));
    else if (key == "containers")
      eachItem(value, [&](sj::value c) { readContainer(c, p); });
  });
}

void readCondition(sj::value v, Pod& p) {
  std::string_view type, status, since;
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "type") type = view(value);
    if (key == "status") status = view(value);
    if (key == "lastTransitionTime") since = view(value);
  });
  if (type != "Ready") return;
  p.ready = status == "True";
  p.readySince = p.ready ? parseTime(std::string(since)) : std::nullopt;
}

/// How often this container has ended. One that waits to be started anew is not in restartCount yet.
/// https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#PodStatus
int endsOf(sj::value containerStatus) {
  int restarts = 0;
  bool runs = false, ended = false;
  eachField(containerStatus, [&](std::string_view key, sj::value value) {
    if (key == "restartCount") restarts = number(value);
    if (key != "state" && key != "lastState") return;
    const bool now = key == "state";
    eachField(value, [&](std::string_view state, sj::value) {
      if (now && state == "running") runs = true;
      if (state == "terminated") ended = true;
    });
  });
  return restarts + (ended && !runs ? 1 : 0);
}

void readStatus(sj::value v, Pod& p) {
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "conditions") {
      eachItem(value, [&](sj::value c) { readCondition(c, p); });
    } else if (key == "containerStatuses" || key == "initContainerStatuses") {  // a sidecar may be one of the latter
      eachItem(value, [&](sj::value c) { p.containerEnds += endsOf(c); });
    } else if (key == "podIP") {
      p.ip = str(value);
    } else if (key == "phase") {
      const std::string_view phase = view(value);
      p.finished = phase == "Succeeded" || phase == "Failed";
    }
  });
}

/// An event of type ERROR carries a Status instead, whose `status` is a word.
void readPod(sj::value v, Pod& p, PodEvent* event = nullptr) {
  eachField(v, [&](std::string_view key, sj::value value) {
    if (key == "metadata")
      readMetadata(value, p, event ? &event->initialEventsEnd : nullptr);
    else if (key == "spec")
      readSpec(value, p);
    else if (key == "status")
      readStatus(value, p);
    else if (key == "code" && event)
      event->errorCode = number(value);
    else if (key == "message" && event)
      event->errorMessage = str(value);
  });
}

[[noreturn]] void wrongType() { throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE); }

/// Whatever else is missing: an object without a name is none.
void needName(const Pod& p) {
  if (p.meta.name.empty()) wrongType();
}

/// simdjson reads up to SIMDJSON_PADDING bytes past the end, so the text is copied into a buffer with room; buffer
/// and parser are each thread's own and are given back when an unusually large text has been read.
struct Reader {
  sj::parser parser;
  std::string padded;
  size_t largest = 0;  // text read in place since trim()

  sj::document read(std::string_view text) {
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(text);
    return parser.iterate(simdjson::padded_string_view(padded.data(), text.size(), padded.capacity()));
  }
  /// Without the copy, which matters for a list; the text may be moved to have room.
  sj::document readInPlace(std::string& text) {
    largest = std::max(largest, text.size());
    text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    return parser.iterate(text);
  }
  void trim() {
    if (std::max(std::exchange(largest, 0), padded.capacity()) <= (256u << 10)) return;
    std::string().swap(padded);
    parser = sj::parser();
  }
};

Reader& reader() {
  thread_local Reader r;
  return r;
}

template <class F>
auto decoding(const char* what, F&& f) -> Result<decltype(f())> {
  try {
    auto v = f();
    reader().trim();
    return v;
  } catch (const simdjson::simdjson_error& e) {
    reader().trim();
    return invalid(std::string(what) + " from the API server can't be read: " + e.what());
  }
}

}  // namespace

const std::string* Pod::label(std::string_view key) const {
  for (const auto& [k, v] : labels)
    if (k.get() == key) return &v.get();
  return nullptr;
}

bool sameToUs(const Pod& a, const Pod& b) {
  return a.meta.uid == b.meta.uid && a.ready == b.ready && a.finished == b.finished && a.node == b.node &&
         a.ip == b.ip && a.epochAnnotation == b.epochAnnotation && a.groupAnnotation == b.groupAnnotation &&
         a.meta.deleted.has_value() == b.meta.deleted.has_value() && a.killed == b.killed && a.ports == b.ports &&
         a.labels == b.labels && a.containerEnds == b.containerEnds && a.endsWhenFollowed == b.endsWhenFollowed;
}

Result<PodEvent> decodePodEvent(std::string_view line) {
  return decoding("a pod event", [&] {
    PodEvent e;
    sj::document doc = reader().read(line);
    for (auto f : doc.get_object()) {
      const std::string_view key = f.unescaped_key();
      if (key == "type")
        e.type = std::string(std::string_view(f.value().get_string()));
      else if (key == "object")
        readPod(f.value(), e.pod, &e);
    }
    if (e.type != "BOOKMARK" && e.type != "ERROR") needName(e.pod);
    return e;
  });
}

Result<PodList> decodePodList(std::string body) {
  return decoding("a list of pods", [&] {
    PodList l;
    bool items = false;
    sj::document doc = reader().readInPlace(body);
    eachField(doc.get_value(), [&](std::string_view key, sj::value value) {
      if (key == "items") {
        if (!value.is_null() && value.type() != sj::json_type::array) wrongType();
        items = true;
        eachItem(value, [&](sj::value item) {
          readPod(item, l.items.emplace_back());
          needName(l.items.back());
        });
      }
      if (key == "metadata")
        eachField(value, [&](std::string_view k, sj::value v) {
          if (k == "resourceVersion") l.resourceVersion = version(v);
          if (k == "continue") l.continueToken = str(v);
        });
    });
    // An answer that is no list must not look like an empty one: every member would seem to be gone.
    if (!items) wrongType();
    return l;
  });
}

Result<Pod> decodePod(std::string_view body) {
  return decoding("a pod", [&] {
    Pod p;
    sj::document doc = reader().read(body);
    readPod(doc.get_value(), p);
    needName(p);
    return p;
  });
}

Result<Pod> withMetadata(const Pod& pod, std::string_view partial) {
  return decoding("a pod's metadata", [&] {
    Pod p = pod;
    p.labels.clear();
    forgetAnnotations(p);
    p.meta.deleted.reset();
    sj::document doc = reader().read(partial);
    for (auto f : doc.get_object())
      if (std::string_view(f.unescaped_key()) == "metadata") readMetadata(f.value(), p);
    return p;
  });
}

}  // namespace baton::api
