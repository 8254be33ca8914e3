#include "kube/lean_json.h"

#include <simdjson.h>

#include <charconv>
#include <string>
#include <utility>

namespace baton::kube {
namespace {

using nlohmann::json;
namespace sj = simdjson::ondemand;

constexpr int kDeepest = 64;
/// Buffers of more than that are given back after use.
constexpr size_t kKept = size_t{256} << 10;

/// Of a fraction of 20 digits simdjson makes another number, so that it only looks at its form.
double fraction(sj::value v) {
  const std::string_view text = v.raw_json_token();
  const double formed = v.get_double();
  double read = 0;
  return std::from_chars(text.data(), text.data() + text.size(), read).ec == std::errc() ? read : formed;
}

json number(sj::value v) {
  switch (v.get_number_type()) {
    case sj::number_type::signed_integer:
      return int64_t(v.get_int64());
    case sj::number_type::unsigned_integer:
      return uint64_t(v.get_uint64());
    default:
      return fraction(v);
  }
}

json build(sj::value v, int depth, bool ofMetadata = false);

json buildObject(sj::value v, int depth, bool ofMetadata) {
  json::object_t object;
  for (auto field : v.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (ofMetadata && key == "managedFields") continue;
    object[std::string(key)] = build(field.value(), depth, key == "metadata");
  }
  return object;
}

json buildArray(sj::value v, int depth) {
  json::array_t array;
  for (auto item : v.get_array()) array.push_back(build(item.value(), depth));
  return array;
}

json build(sj::value v, int depth, bool ofMetadata) {
  if (depth == 0) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
  switch (v.type()) {
    case sj::json_type::object:
      return buildObject(v, depth - 1, ofMetadata);
    case sj::json_type::array:
      return buildArray(v, depth - 1);
    case sj::json_type::string:
      return std::string(std::string_view(v.get_string()));
    case sj::json_type::number:
      return number(v);
    case sj::json_type::boolean:
      return bool(v.get_bool());
    case sj::json_type::null:
      if (!v.is_null()) throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
      return nullptr;
  }
  throw simdjson::simdjson_error(simdjson::TAPE_ERROR);
}

/// simdjson reads up to SIMDJSON_PADDING bytes past the end of a text, so that it is copied; each thread has its own.
struct Reader {
  sj::parser parser;
  std::string padded;

  sj::document read(std::string_view text) {
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded.assign(text);
    return parser.iterate(simdjson::padded_string_view(padded.data(), text.size(), padded.capacity()));
  }
  void trim() {
    if (padded.capacity() > kKept) *this = Reader();
  }
};

Reader& reader() {
  thread_local Reader r;
  return r;
}

}  // namespace

uint64_t parseVersion(std::string_view s) {
  uint64_t version = 0;
  const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), version);
  return error == std::errc() && end == s.data() + s.size() ? version : 0;
}

json parseLean(std::string_view text) {
  json result(json::value_t::discarded);
  try {
    sj::document document = reader().read(text);
    json whole = build(document.get_value(), kDeepest);
    const bool more = document.current_location().error() == simdjson::SUCCESS;
    if (!more) result = std::move(whole);
  } catch (const simdjson::simdjson_error&) {
    // Discarded.
  }
  reader().trim();
  return result;
}

std::optional<EventKey> modifiedKey(std::string_view line) {
  std::optional<EventKey> key;
  try {
    sj::document document = reader().read(line);
    if (std::string_view(document["type"].get_string()) == "MODIFIED") {
      key.emplace();
      for (auto field : document["object"]["metadata"].get_object()) {
        const std::string_view name = field.unescaped_key();
        if (name == "uid") key->uid = std::string(std::string_view(field.value().get_string()));
        if (name == "resourceVersion") key->version = parseVersion(field.value().get_string());
        if (!key->uid.empty() && key->version != 0) break;
      }
    }
  } catch (const simdjson::simdjson_error&) {
    key.reset();
  }
  reader().trim();
  return key;
}

}  // namespace baton::kube
