#include "cli/version.h"

namespace baton::cli {

std::string version() { return BATON_VERSION; }
std::string versionText() { return std::string("kubectl-baton ") + BATON_VERSION + " (" + BATON_COMMIT + ")"; }

}  // namespace baton::cli
