// The shells' scripts. All of them ask the program itself what may come next, so that nothing is said twice.
#include "cli/options.h"

namespace baton::cli {
namespace {

constexpr const char* kBash =
    R"(# bash completion for kubectl-baton. For `kubectl baton` put a file kubectl_complete-baton into the PATH:
#   printf '#!/bin/sh\nexec kubectl-baton __complete "$@"\n'
_kubectl_baton() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in :*) continue ;; esac
    line=${line%%$'\t'*}
    case $line in "${COMP_WORDS[COMP_CWORD]}"*) COMPREPLY+=("$line") ;; esac
  done < <(kubectl-baton __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kubectl_baton kubectl-baton
)";

constexpr const char* kZsh = R"(#compdef kubectl-baton
_kubectl-baton() {
  local -a found
  local line
  while IFS= read -r line; do
    [[ $line == :* ]] && continue
    found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
  done < <(kubectl-baton __complete "${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe kubectl-baton found
}
if [ "$funcstack[1]" = "_kubectl-baton" ]; then _kubectl-baton; else compdef _kubectl-baton kubectl-baton; fi
)";

constexpr const char* kFish = R"(# fish completion for kubectl-baton
function __kubectl_baton
  set -l words (commandline -opc) (commandline -ct)
  kubectl-baton __complete $words[2..-1] 2>/dev/null | string match -v ':*'
end
complete -c kubectl-baton -f -a '(__kubectl_baton)'
)";

}  // namespace

std::string completionScript(const std::string& shell) {
  if (shell == "bash") return kBash;
  return shell == "zsh" ? kZsh : kFish;
}

}  // namespace baton::cli
