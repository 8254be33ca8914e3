// What holds for every answer of a facade, whatever was called and whatever came of it.
#pragma once

#include <algorithm>
#include <map>
#include <pugixml.hpp>
#include <set>

#include "api/json.h"
#include "base/text.h"
#include "facades/facade.h"
#include "fuzz/fuzz.h"
#include "http/status_error.h"

namespace baton::fuzz {

inline const std::set<int>& statusesOf(api::ApiKind kind) {
  using api::ApiKind;
  static const std::map<ApiKind, std::set<int>> all = {
      {ApiKind::Connector, {200, 204, 400, 401, 403, 404, 405, 409, 503}},
      {ApiKind::Dcs, {201, 204, 400, 401, 403, 404, 405, 500}},
      {ApiKind::Hcx, {200, 202, 401, 403, 404, 405, 409, 500}},
      {ApiKind::Sbc, {200, 204, 400, 401, 403, 404, 405, 426, 503}},
      {ApiKind::Polardb, {200, 400, 403, 404, 405, 500, 503}}};
  return all.at(kind);
}

inline size_t characters(const std::string& utf8) {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), begins));
}

inline void checkDcsError(const api::Json& j) {
  check(j.size() == 3 && j.contains("error_ext_msg"), "an error of DCS has three fields");
  const std::string code = api::text(j, "error_code");
  check(code.starts_with("DCS.") && code.size() <= 9, "an error_code of DCS has nine characters");
  check(j.at("error_msg").is_string() && characters(api::text(j, "error_msg")) <= 1024,
        "an error_msg has at most 1024 characters");
}

inline void checkJson(api::ApiKind kind, const http::Response& r) {
  const api::Json j = api::Json::parse(r.body, nullptr, false);
  check(!j.is_discarded(), "a body of type JSON is JSON");
  check(j.is_object() || (kind == api::ApiKind::Connector && r.status == 200 && j.is_string()),
        "a body is an object, or the role");
  if (kind == api::ApiKind::Dcs && r.status >= 400) checkDcsError(j);
  if (kind == api::ApiKind::Hcx && r.status >= 400)
    check(j.size() == 1 && api::array(j, "errors").size() == 1, "an error of HCX is one of a list");
  if (kind == api::ApiKind::Connector && r.status >= 400)
    check(j.size() == 2 && !api::text(j, "type").empty(), "an error of the connector has a type");
}

/// https://www.w3.org/TR/xml/#charsets of the ASCII ones; the others are seen by who checks for UTF-8.
inline void checkXml(const std::string& body) {
  pugi::xml_document document;
  check(bool(document.load_buffer(body.data(), body.size())), "a body of type XML is XML");
  struct Walker : pugi::xml_tree_walker {
    bool for_each(pugi::xml_node& node) override {
      for (const char* c = node.value(); *c; ++c)
        check(static_cast<unsigned char>(*c) >= 0x20 || *c == '\n' || *c == '\t' || *c == '\r',
              "XML holds no control character, not even by its number");
      return true;
    }
  } walker;
  document.traverse(walker);
  check(isUtf8(body), "XML is UTF-8");
}

inline void checkAnswer(api::ApiKind kind, const http::Response& r) {
  check(statusesOf(kind).contains(r.status), "a status is one that the vendor has");
  check(http::wellFormed(r.headers), "headers of an answer can be sent as they are");
  for (const auto& [name, value] : r.headers) check(!hasControl(value), "headers hold no control characters");
  check(r.status != 204 || r.body.empty(), "204 has no body");
  if (r.body.empty()) return;
  const std::string type(http::find(r.headers, "Content-Type").value_or(""));
  if (type.starts_with("application/json")) return checkJson(kind, r);
  check(type.starts_with("application/xml") || type.starts_with("text/xml"), "a body is JSON or XML");
  checkXml(r.body);
}

}  // namespace baton::fuzz
