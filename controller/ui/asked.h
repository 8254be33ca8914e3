// The bodies that the page sends, and the object that a switchover asked for there becomes. PURE.
#pragma once

#include <string>

#include "api/json.h"
#include "base/result.h"
#include "facades/call.h"

namespace baton::ui {

/// Invalid: what is wrong with it, and what was expected.
Result<facades::PasswordClaim> readSignIn(const std::string& body);

/// A SwitchoverRequest of that name for that group, asked for by that user.
Result<api::Json> readSwitchover(const std::string& body, const std::string& ns, const std::string& group,
                                 const std::string& name, const std::string& user);

}  // namespace baton::ui
