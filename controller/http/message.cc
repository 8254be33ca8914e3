#include "http/message.h"

#include <algorithm>
#include <iterator>

#include "base/text.h"

namespace baton::http {
namespace {

bool unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

/// Those that have a word of their own in Method are not here.
constexpr std::string_view kOthers[] = {"ACL",
                                        "BASELINE-CONTROL",
                                        "BIND",
                                        "CHECKIN",
                                        "CHECKOUT",
                                        "COPY",
                                        "LABEL",
                                        "LINK",
                                        "LOCK",
                                        "MERGE",
                                        "MKACTIVITY",
                                        "MKCALENDAR",
                                        "MKCOL",
                                        "MKREDIRECTREF",
                                        "MKWORKSPACE",
                                        "MOVE",
                                        "ORDERPATCH",
                                        "PRI",
                                        "PROPFIND",
                                        "PROPPATCH",
                                        "QUERY",
                                        "REBIND",
                                        "REPORT",
                                        "SEARCH",
                                        "UNBIND",
                                        "UNCHECKOUT",
                                        "UNLINK",
                                        "UNLOCK",
                                        "UPDATE",
                                        "UPDATEREDIRECTREF",
                                        "VERSION-CONTROL"};

}  // namespace

const char* name(Method m) {
  switch (m) {
    case Method::Get:
      return "GET";
    case Method::Head:
      return "HEAD";
    case Method::Post:
      return "POST";
    case Method::Put:
      return "PUT";
    case Method::Patch:
      return "PATCH";
    case Method::Delete:
      return "DELETE";
    case Method::Options:
      return "OPTIONS";
    case Method::Trace:
      return "TRACE";
    case Method::Connect:
      return "CONNECT";
    case Method::Other:
      return "OTHER";
  }
  return "GET";
}

std::optional<Method> methodNamed(std::string_view word) {
  for (const Method m : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Patch, Method::Delete,
                         Method::Options, Method::Trace, Method::Connect})
    if (word == name(m)) return m;
  if (std::find(std::begin(kOthers), std::end(kOthers), word) != std::end(kOthers)) return Method::Other;
  return std::nullopt;
}

std::optional<std::string_view> find(const Headers& headers, std::string_view name) {
  const auto same = [name](const auto& header) { return sameWord(header.first, name); };
  const auto found = std::find_if(headers.begin(), headers.end(), same);
  if (found == headers.end()) return std::nullopt;
  return found->second;
}

std::string encode(std::string_view s) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(s.size());
  for (const char c : s) {
    if (unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return out;
}

}  // namespace baton::http
