#include "api/json.h"

#include <charconv>

namespace baton::api {
namespace {

const Json kEmptyObject = Json::object();
const Json kEmptyArray = Json::array();

const Json* field(const Json& j, const char* key) {
  if (!j.is_object()) return nullptr;
  const auto it = j.find(key);
  return it == j.end() ? nullptr : &*it;
}

}  // namespace

std::string text(const Json& j, const char* key, const std::string& otherwise) {
  const Json* f = field(j, key);
  return f && f->is_string() ? f->get<std::string>() : otherwise;
}

int64_t integer(const Json& j, const char* key, int64_t otherwise) {
  const Json* f = field(j, key);
  return f && f->is_number_integer() ? f->get<int64_t>() : otherwise;
}

bool boolean(const Json& j, const char* key, bool otherwise) {
  const Json* f = field(j, key);
  return f && f->is_boolean() ? f->get<bool>() : otherwise;
}

std::optional<Time> time(const Json& j, const char* key) {
  const Json* f = field(j, key);
  return f && f->is_string() ? parseTime(f->get_ref<const std::string&>()) : std::nullopt;
}

const Json& object(const Json& j, const char* key) {
  const Json* f = field(j, key);
  return f && f->is_object() ? *f : kEmptyObject;
}

const Json& array(const Json& j, const char* key) {
  const Json* f = field(j, key);
  return f && f->is_array() ? *f : kEmptyArray;
}

Meta metaFromJson(const Json& m) {
  Meta meta;
  meta.ns = text(m, "namespace");
  meta.name = text(m, "name");
  meta.uid = text(m, "uid");
  const std::string rv = text(m, "resourceVersion");
  std::from_chars(rv.data(), rv.data() + rv.size(), meta.resourceVersion);
  meta.generation = integer(m, "generation");
  meta.created = time(m, "creationTimestamp").value_or(Time{});
  meta.deleted = time(m, "deletionTimestamp");
  return meta;
}

Json mergeDiff(const Json& from, const Json& to) {
  Json patch = Json::object();
  for (const auto& [k, v] : to.items()) {
    const auto old = from.find(k);
    if (old == from.end()) {
      patch[k] = v;
    } else if (v.is_object() && old->is_object()) {
      if (Json d = mergeDiff(*old, v); !d.empty()) patch[k] = std::move(d);
    } else if (v != *old) {
      patch[k] = v;
    }
  }
  for (const auto& [k, v] : from.items())
    if (!to.contains(k)) patch[k] = nullptr;
  return patch;
}

}  // namespace baton::api
