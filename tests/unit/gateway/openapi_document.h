// docs/openapi.json as the program holds it, taken apart, and as much of JSON Schema as it uses.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "gateway/openapi.h"
#include "unit/facades/facade_fixture.h"

namespace baton::gateway {

using facades::Json;
using http::Method;

inline const std::vector<Method> kMethods = {Method::Get,     Method::Head,   Method::Post,    Method::Put,
                                             Method::Patch,   Method::Delete, Method::Options, Method::Trace,
                                             Method::Connect, Method::Other};

/// "get"
inline std::string keyOf(Method m) {
  std::string key = http::name(m);
  for (char& c : key) c = static_cast<char>(c - 'A' + 'a');
  return key;
}

class Document {
 public:
  struct Operation {
    std::string path;
    Method method = Method::Get;
    Json json;
    std::string id() const { return json.at("operationId"); }
  };

  const Json& json() const { return json_; }
  /// The object itself, or what its $ref names.
  const Json& resolved(const Json& j) const {
    if (!j.is_object() || !j.contains("$ref")) return j;
    return resolved(json_.at(Json::json_pointer(j["$ref"].get<std::string>().substr(1))));
  }
  std::vector<Operation> operations() const;
  /// The path with the examples of its parameters.
  std::string target(const std::string& path) const;
  /// Why the value does not fit the schema; empty: it does.
  std::string misfit(const Json& schema, const Json& value) const;

 private:
  std::string misfitOfObject(const Json& schema, const Json& value) const;
  std::string misfitOfArray(const Json& schema, const Json& value) const;
  static std::string misfitOfText(const Json& schema, const std::string& value);

  const Json json_ = Json::parse(openApiDocument(), nullptr, false);
};

inline std::vector<Document::Operation> Document::operations() const {
  std::vector<Operation> all;
  for (const auto& [path, item] : json_.at("paths").items())
    for (const auto method : kMethods)
      if (item.contains(keyOf(method))) all.push_back({path, method, item[keyOf(method)]});
  return all;
}

inline std::string Document::target(const std::string& path) const {
  std::string filled = path;
  for (const auto& given : json_.at("paths").at(path).value("parameters", Json::array())) {
    const Json& parameter = resolved(given);
    const std::string name = "{" + parameter.at("name").get<std::string>() + "}";
    const size_t at = filled.find(name);
    if (at != std::string::npos) filled.replace(at, name.size(), parameter.at("example").get<std::string>());
  }
  return filled;
}

inline std::string Document::misfitOfText(const Json& schema, const std::string& value) {
  if (value.size() < schema.value("minLength", size_t{0}) || value.size() > schema.value("maxLength", value.size()))
    return "\"" + value + "\" has not the length";
  const std::string pattern = schema.value("pattern", "");
  return std::regex_search(value, std::regex(pattern)) ? "" : "\"" + value + "\" is not like " + pattern;
}

inline std::string Document::misfitOfArray(const Json& schema, const Json& value) const {
  if (value.size() < schema.value("minItems", size_t{0}) || value.size() > schema.value("maxItems", value.size()))
    return value.dump() + " has not the number of items";
  for (const auto& item : value)
    if (std::string why = misfit(schema.value("items", Json::object()), item); !why.empty()) return why;
  return "";
}

inline std::string Document::misfitOfObject(const Json& schema, const Json& value) const {
  for (const auto& name : schema.value("required", Json::array()))
    if (!value.contains(name)) return value.dump() + " has no " + name.dump();
  if (value.size() > schema.value("maxProperties", value.size())) return value.dump() + " has too many properties";
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, one] : value.items()) {
    if (!properties.contains(name) && schema.value("additionalProperties", Json()) == Json(false))
      return value.dump() + " may not have " + name;
    if (!properties.contains(name)) continue;
    if (std::string why = misfit(properties[name], one); !why.empty()) return name + ": " + why;
  }
  return "";
}

inline std::string Document::misfit(const Json& given, const Json& value) const {
  const Json& schema = resolved(given);
  const std::string type = value.is_number_integer() ? "integer" : value.type_name();
  if (const std::string wanted = schema.value("type", type); wanted != type)
    return value.dump() + " is of type " + type + " and not " + wanted;
  if (schema.contains("const") && value != schema["const"]) return value.dump() + " is not " + schema["const"].dump();
  if (schema.contains("enum") && std::count(schema["enum"].begin(), schema["enum"].end(), value) == 0)
    return value.dump() + " is none of " + schema["enum"].dump();
  std::string why;
  if (value.is_string()) why = misfitOfText(schema, value);
  if (value.is_array()) why = misfitOfArray(schema, value);
  if (value.is_object()) why = misfitOfObject(schema, value);
  for (const auto& one : schema.value("allOf", Json::array()))
    if (why.empty()) why = misfit(one, value);
  return why;
}

}  // namespace baton::gateway
