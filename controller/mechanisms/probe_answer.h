// PURE: what a probe hook answers.
#pragma once

#include <string_view>

#include "base/result.h"
#include "ha/effect.h"

namespace baton::mechanisms {

/// {"role": "primary"|"standby", "position": integer, "healthy": boolean}; role is needed, the others are not, and
/// further keys are passed over. Invalid: a sentence that quotes the answer.
Result<ha::Report> parseJsonAnswer(std::string_view body);

/// Standard output of a command: "primary 1234", "standby 1234", the word alone, or the JSON of above. Blanks and line
/// ends around it don't count.
Result<ha::Report> parseExecAnswer(std::string_view out);

}  // namespace baton::mechanisms
