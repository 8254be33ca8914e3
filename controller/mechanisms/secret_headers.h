// PURE: headers of an HTTP hook out of a Secret. The values appear in no message.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace baton::mechanisms {

/// Each entry of the Secret's data as a header. Invalid: one of them cannot be a header (such as a value that ends in
/// a line end, as `echo token | base64` makes it), or is one that the connection or Baton itself writes.
Result<http::Headers> secretHeaders(std::string_view secretObject, const std::string& secretName);

/// The text without the headers' values: a server may answer with what it was sent.
std::string withoutValues(std::string text, const http::Headers& headers);

}  // namespace baton::mechanisms
