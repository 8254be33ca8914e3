// The page itself: the files of controller/ui/page, which the build puts into the program. They hold nothing of the
// cluster, so whoever asks gets them without credentials. PURE.
#pragma once

#include <optional>
#include <span>

#include "base/embedded.h"
#include "facades/call.h"

namespace baton::ui {

std::span<const EmbeddedFile> pageFiles();

/// The answer to a call of /ui, /ui/ or /ui/FILE; nothing: it is of another path.
std::optional<http::Response> pageAnswer(const facades::Call& call);

/// What a browser is to know of every answer below /ui: that nothing else may be loaded, run, or framed.
http::Response guarded(http::Response response);

}  // namespace baton::ui
