// PURE: $(VAR) in a command, replaced as Kubernetes does it in a container's command:
// https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion/expand.go
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace baton::mechanisms {

/// The value of a name; nothing: there is no such variable.
using Variables = std::function<std::optional<std::string>(std::string_view name)>;

/// "$(X)" becomes X's value, or stays as it is when X is unknown; "$$" becomes "$", so "$$(X)" gives a literal
/// "$(X)"; "$(" that is not closed, and "$" before anything else, stay as they are. Values are not looked at again.
std::string expand(std::string_view text, const Variables& variables);

}  // namespace baton::mechanisms
