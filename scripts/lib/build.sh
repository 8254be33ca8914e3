# shellcheck shell=bash
# Building Baton itself by the presets of CMakePresets.json. Uses log.sh.

# build_preset NAME [TARGET...]: configures and builds build/NAME
build_preset() {
  local preset=$1
  shift
  local targets=()
  [ $# -eq 0 ] || targets=(--target "$@")
  # Also for presets that do not name it: the compilers' results are shared between build folders.
  if command -v ccache >/dev/null; then export CMAKE_CXX_COMPILER_LAUNCHER=ccache; fi
  (
    cd "$BATON_ROOT" || exit
    cmake --preset "$preset"
    cmake --build "build/$preset" "${targets[@]}"
  )
}
