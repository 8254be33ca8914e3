// Groups and requests as the page is told of them: docs/ui.md. PURE.
#pragma once

#include <string>

#include "api/json.h"
#include "ui/source.h"

namespace baton::ui {

/// With its history or without. `active`: the request that changes its roles, or null: there is none, or it is not to
/// be told.
api::Json toJson(const api::HaGroup& group, const Request& active, bool history);
api::Json toJson(const api::SwitchoverRequest& request);

/// One event of a stream: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
std::string event(std::string_view name, std::string_view json);

}  // namespace baton::ui
