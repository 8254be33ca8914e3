#include "kube/json_decoder.h"

#include <optional>
#include <string>

#include "kube/lean_json.h"
#include "kube/status_error.h"

namespace baton::kube {
namespace {

using nlohmann::json;

/// A member that is an object; null when there is none.
const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() ? nullptr : &*it;
}

std::string text(const json* object, const char* key) {
  const json* value = object ? member(*object, key) : nullptr;
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

uint64_t versionOf(const json* metadata) { return parseVersion(text(metadata, "resourceVersion")); }

std::optional<EventType> typeOf(const std::string& type) {
  if (type == "ADDED") return EventType::Added;
  if (type == "MODIFIED") return EventType::Modified;
  if (type == "DELETED") return EventType::Deleted;
  if (type == "BOOKMARK") return EventType::Bookmark;
  if (type == "ERROR") return EventType::Error;
  return std::nullopt;
}

bool marksEnd(const json* metadata) {
  const json* annotations = metadata ? member(*metadata, "annotations") : nullptr;
  return text(annotations, "k8s.io/initial-events-end") == "true";
}

}  // namespace

std::string describeObject(const json& object) {
  const json* metadata = member(object, "metadata");
  const std::string ns = text(metadata, "namespace"), name = text(metadata, "name");
  if (name.empty()) return "an object without a name";
  return ns.empty() ? name : ns + "/" + name;
}

Result<JsonEvent> parseJsonEvent(std::string_view line) {
  json event = parseLean(line);
  const auto type = typeOf(text(&event, "type"));
  if (!type) return invalid("a watch line that is no event: " + std::string(line.substr(0, 100)));
  const auto object = event.find("object");
  if (object == event.end() || !object->is_object()) return invalid("a watch event without an object");
  JsonEvent e;
  e.head.type = *type;
  if (*type == EventType::Error) {
    e.head.error = statusObjectError(object->dump(-1, ' ', false, json::error_handler_t::replace));
    return e;
  }
  const json* metadata = member(*object, "metadata");
  e.head.resourceVersion = versionOf(metadata);
  if (*type == EventType::Bookmark)
    e.head.initialEventsEnd = marksEnd(metadata);
  else
    e.object = std::move(*object);
  return e;
}

Result<JsonList> parseJsonList(std::string_view body) {
  json list = parseLean(body);
  const auto items = list.is_object() ? list.find("items") : list.end();
  const json* metadata = member(list, "metadata");
  if (!metadata || items == list.end()) return invalid("no list: " + std::string(body.substr(0, 100)));
  JsonList l;
  l.head.resourceVersion = versionOf(metadata);
  l.head.continueToken = text(metadata, "continue");
  l.items = items->is_array() ? std::move(*items) : json::array();  // an empty list may come as null
  return l;
}

}  // namespace baton::kube
