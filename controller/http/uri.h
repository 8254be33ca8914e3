// A request's target taken apart: path, query, percent-encoding, the form encoding of parameters.
// https://www.rfc-editor.org/rfc/rfc3986 and https://url.spec.whatwg.org/#application/x-www-form-urlencoded
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baton::http {

/// "%2F" becomes "/". Nothing when a percent sign is not followed by two hexadecimal digits.
std::optional<std::string> decode(std::string_view encoded);

/// Path and query of a target in origin form, as they are.
std::pair<std::string_view, std::string_view> splitTarget(std::string_view target);

/// The decoded segments of a path: "/a/b%2Fc/" is {"a", "b/c", ""}. Nothing when it can't be decoded.
std::optional<std::vector<std::string>> segments(std::string_view path);

using Parameters = std::vector<std::pair<std::string, std::string>>;
/// Of a query or a form, decoded and in order; '+' is a space, a parameter without '=' has an empty value. Nothing when
/// it can't be decoded.
std::optional<Parameters> parameters(std::string_view form);
/// The first one's value; nothing when there is none.
std::optional<std::string_view> parameter(const Parameters& all, std::string_view name);

/// Host of a Host header ("Name.example.com:8443", "[::1]:80"), in lower case and without its port.
std::string hostName(std::string_view hostHeader);

}  // namespace baton::http
