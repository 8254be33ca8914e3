// What several facades need: credentials in headers, answers as JSON.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "api/json.h"
#include "base/text.h"
#include "facades/call.h"

namespace baton::facades {

inline const std::string kJson = "application/json";

/// "Basic dXNlcjpwdw==" as a claim; nothing when it is of another scheme.
std::optional<Claim> basicClaim(std::string_view authorization);
/// What follows "Bearer "; nothing when it is of another scheme. Schemes are compared without case.
std::optional<std::string_view> afterScheme(std::string_view authorization, std::string_view scheme);
std::string_view trimmed(std::string_view s);

/// The value of that cookie, as it came; empty when there is none. https://www.rfc-editor.org/rfc/rfc6265#section-4.2
std::string cookie(const Call& call, std::string_view name);

/// Serialised; what is not UTF-8 is replaced.
std::string textOf(const api::Json& j);
/// What XML can hold of it: where it is not UTF-8, and instead of control characters, there is U+FFFD.
std::string xmlText(std::string_view s);
http::Response jsonAnswer(int status, const api::Json& body);
/// 405 and the methods that there are.
http::Response withAllow(http::Response response, std::string_view methods);

/// 429 and when to come again.
http::Response withRetry(http::Response response);

/// "NoCandidate: no member can take the role: ..."
std::string explained(const Outcome& o);

/// Is this path made of these words? "*" stands for any word that is not empty.
bool isPath(const Call& call, std::initializer_list<std::string_view> words);

}  // namespace baton::facades
