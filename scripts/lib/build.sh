# shellcheck shell=bash
# Building Baton itself by the presets of CMakePresets.json. Uses log.sh.

# use_ccache: the compilers' results are shared between build folders, and between clones of the repository:
# paths below it count as relative ones (BASEDIR, NOHASHDIR). The sloppiness is what precompiled headers need.
use_ccache() {
  command -v ccache >/dev/null || return 0
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache   # also for presets that do not name it
  export CCACHE_BASEDIR=$BATON_ROOT CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros
  export CCACHE_MAXSIZE=${CCACHE_MAXSIZE:-5G}
}

configure_preset() { (use_ccache && cd "$BATON_ROOT" && cmake --preset "$1"); }

# build_preset NAME [TARGET...]: configures and builds build/NAME
build_preset() {
  local preset=$1
  shift
  local targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  configure_preset "$preset" && (use_ccache && cd "$BATON_ROOT" && cmake --build "build/$preset" "${targets[@]}")
}
