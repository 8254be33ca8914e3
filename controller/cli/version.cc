#include "cli/version.h"

#ifndef BATON_VERSION
#define BATON_VERSION "0.0.0"
#endif
#ifndef BATON_COMMIT
#define BATON_COMMIT "unknown"
#endif

namespace baton::cli {

std::string version() { return BATON_VERSION; }
std::string versionText() { return std::string("kubectl-baton ") + BATON_VERSION + " (" + BATON_COMMIT + ")"; }

}  // namespace baton::cli
