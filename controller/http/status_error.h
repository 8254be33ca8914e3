// HTTP statuses that mean failure, as Error values.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace baton::http {

/// The error that a status outside 2xx stands for: httpStatus set, retryAfter from Retry-After when that is a number
/// of seconds, the body (or, when it is empty, the number) as message. 409 is always Conflict here: only who knows the
/// body's form can tell AlreadyExists.
Error statusError(int status, const Headers& headers, std::string_view body);

/// May these headers be put on the wire as they are: tokens for names, no control characters in values. What a caller
/// passes on from elsewhere could otherwise smuggle in further headers, or a second message.
bool wellFormed(const Headers& headers);

}  // namespace baton::http
