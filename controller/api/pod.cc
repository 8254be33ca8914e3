#include "api/pod.h"

#include <simdjson.h>

#include <charconv>

namespace baton::api {
namespace {

namespace sj = simdjson::ondemand;

/// Raised by nobody else: simdjson's own errors are simdjson_error.
std::string str(sj::value v) {
  std::string_view s;
  return v.get_string().get(s) == simdjson::SUCCESS ? std::string(s) : std::string();
}

uint64_t version(sj::value v) {
  const std::string s = str(v);
  uint64_t n = 0;
  std::from_chars(s.data(), s.data() + s.size(), n);
  return n;
}

void readLabels(sj::value v, Pod& p) {
  p.labels.clear();
  for (auto f : v.get_object()) {
    const std::string_view key = f.unescaped_key();
    p.labels.emplace_back(Interned(std::string(key)), Interned(str(f.value())));
  }
}

void readAnnotations(sj::value v, Pod& p, bool* initialEventsEnd) {
  p.epochAnnotation.clear();
  p.groupAnnotation = Interned();
  for (auto f : v.get_object()) {
    const std::string_view key = f.unescaped_key();
    if (key == kEpochAnnotation)
      p.epochAnnotation = str(f.value());
    else if (key == kGroupAnnotation)
      p.groupAnnotation = Interned(str(f.value()));
    else if (initialEventsEnd && key == "k8s.io/initial-events-end")
      *initialEventsEnd = str(f.value()) == "true";
  }
}

void readMetadata(sj::value v, Pod& p, bool* initialEventsEnd = nullptr) {
  for (auto f : v.get_object()) {
    const std::string_view key = f.unescaped_key();
    if (key == "name")
      p.meta.name = str(f.value());
    else if (key == "namespace")
      p.meta.ns = str(f.value());
    else if (key == "uid")
      p.meta.uid = str(f.value());
    else if (key == "resourceVersion")
      p.meta.resourceVersion = version(f.value());
    else if (key == "creationTimestamp")
      p.meta.created = parseTime(str(f.value())).value_or(Time{});
    else if (key == "deletionTimestamp")
      p.meta.deleted = parseTime(str(f.value()));
    else if (key == "labels")
      readLabels(f.value(), p);
    else if (key == "annotations")
      readAnnotations(f.value(), p, initialEventsEnd);
  }
}

void readContainer(sj::value v, Pod& p) {
  for (auto f : v.get_object()) {
    const std::string_view key = f.unescaped_key();
    if (key == "name") {
      const std::string n = str(f.value());
      if (p.firstContainer.get().empty()) p.firstContainer = Interned(n);
    } else if (key == "ports") {
      for (auto port : f.value().get_array()) {
        ContainerPort c;
        for (auto g : port.get_object()) {
          const std::string_view k = g.unescaped_key();
          if (k == "name")
            c.name = Interned(str(g.value()));
          else if (k == "containerPort")
            c.port = static_cast<int>(int64_t(g.value().get_int64()));
        }
        if (!c.name.get().empty()) p.ports.push_back(c);
      }
    }
  }
}

void readSpec(sj::value v, Pod& p) {
  for (auto f : v.get_object()) {
    const std::string_view key = f.unescaped_key();
    if (key == "nodeName")
      p.node = Interned(str(f.value()));
    else if (key == "containers")
      for (auto c : f.value().get_array()) readContainer(c.value(), p);
  }
}

void readConditions(sj::value v, Pod& p) {
  for (auto c : v.get_array()) {
    std::string_view type, status;
    for (auto f : c.get_object()) {
      const std::string_view key = f.unescaped_key();
      if (key == "type")
        type = f.value().get_string();
      else if (key == "status")
        status = f.value().get_string();
    }
    if (type == "Ready") p.ready = status == "True";
  }
}

void readStatus(sj::value v, Pod& p) {
  for (auto f : v.get_object()) {
    const std::string_view key = f.unescaped_key();
    if (key == "conditions")
      readConditions(f.value(), p);
    else if (key == "podIP")
      p.ip = str(f.value());
    else if (key == "phase") {
      const std::string phase = str(f.value());
      p.finished = phase == "Succeeded" || phase == "Failed";
    }
  }
}

void readPod(sj::object object, Pod& p, PodEvent* event = nullptr) {
  for (auto f : object) {
    const std::string_view key = f.unescaped_key();
    if (key == "metadata")
      readMetadata(f.value(), p, event ? &event->initialEventsEnd : nullptr);
    else if (key == "spec")
      readSpec(f.value(), p);
    else if (key == "status" && event && event->type == "ERROR")
      continue;  // "Failure": a Status object's word
    else if (key == "status")
      readStatus(f.value(), p);
    else if (key == "code" && event)
      event->errorCode = static_cast<int>(int64_t(f.value().get_int64()));
    else if (key == "message" && event)
      event->errorMessage = str(f.value());
  }
}

/// simdjson reads up to SIMDJSON_PADDING bytes past the end, so the text is copied into a buffer with room; buffer
/// and parser are each thread's own and are given back when an unusually large text has been read.
struct Reader {
  sj::parser parser;
  std::string padded;

  sj::document read(std::string_view text) {
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(text);
    return parser.iterate(simdjson::padded_string_view(padded.data(), text.size(), padded.capacity()));
  }
  void trim() {
    if (padded.capacity() <= (256u << 10)) return;
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
         a.meta.deleted.has_value() == b.meta.deleted.has_value() && a.ports == b.ports && a.labels == b.labels;
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
        readPod(f.value().get_object(), e.pod, &e);
    }
    return e;
  });
}

Result<PodList> decodePodList(std::string_view body) {
  return decoding("a list of pods", [&] {
    PodList l;
    sj::document doc = reader().read(body);
    for (auto f : doc.get_object()) {
      const std::string_view key = f.unescaped_key();
      if (key == "items") {
        for (auto item : f.value().get_array()) {
          Pod p;
          readPod(item.get_object(), p);
          l.items.push_back(std::move(p));
        }
      } else if (key == "metadata") {
        for (auto g : f.value().get_object()) {
          const std::string_view k = g.unescaped_key();
          if (k == "resourceVersion")
            l.resourceVersion = version(g.value());
          else if (k == "continue")
            l.continueToken = str(g.value());
        }
      }
    }
    return l;
  });
}

Result<Pod> decodePod(std::string_view body) {
  return decoding("a pod", [&] {
    Pod p;
    sj::document doc = reader().read(body);
    readPod(doc.get_object(), p);
    return p;
  });
}

Result<Pod> withMetadata(const Pod& pod, std::string_view partial) {
  return decoding("a pod's metadata", [&] {
    Pod p = pod;
    p.labels.clear();
    p.epochAnnotation.clear();
    p.groupAnnotation = Interned();
    p.meta.deleted.reset();
    sj::document doc = reader().read(partial);
    for (auto f : doc.get_object())
      if (std::string_view(f.unescaped_key()) == "metadata") readMetadata(f.value(), p);
    return p;
  });
}

}  // namespace baton::api
