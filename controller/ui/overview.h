// All that one user may see, as one document: what the page begins with. PURE but for what the Source says.
#pragma once

#include <set>
#include <string>

#include "api/json.h"
#include "ui/rights.h"
#include "ui/source.h"

namespace baton::ui {

std::set<std::string> namespacesOf(const Source& source);
/// `Groups` of docs/ui.md. `version`: of the program.
api::Json overview(const Source& source, const Rights& rights, const std::string& version);
/// One group as that user sees it; its namespace's groups must be his to see.
api::Json seen(const Source& source, const api::HaGroup& group, Right right, bool history);

}  // namespace baton::ui
