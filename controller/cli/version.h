#pragma once

#include <string>

namespace baton::cli {

/// "kubectl-baton 0.1.0 (0123456789ab)"
std::string versionText();
/// "0.1.0"
std::string version();

}  // namespace baton::cli
