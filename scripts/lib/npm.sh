# shellcheck shell=bash
# Node and its packages, which only tests need; the packages are in folders of their own. Uses log.sh and packages.sh.

# need_node: a Node that came another way than by a Debian package will do, and one of Debian's would be in its way
need_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return 0; fi
  install_packages "${NODE_PACKAGES[@]}"
}

# make_npm NAME FOLDER: makes a folder with node_modules as FOLDER/package-lock.json pins them, if it is not there, and
# prints it. Its name has a hash of the pins, so that other pins are another folder and one that is complete never
# changes. No package may run a program when it is installed.
make_npm() {
  local cache=${BATON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton} folder
  folder=$cache/$1-$(cat "$2/package.json" "$2/package-lock.json" | sha256sum | cut -c 1-12)
  if [ ! -e "$folder/complete" ]; then
    mkdir -p "$cache"
    # Whoever waits here finds it made.
    (flock 9 && { [ -e "$folder/complete" ] || fill_npm "$folder" "$2"; }) 9>"$folder.lock" >&2 || return 1
  fi
  echo "$folder"
}

fill_npm() { # FOLDER SOURCE
  log "installing what $2/package-lock.json pins with npm"
  rm -rf "$1" && mkdir -p "$1" && cp "$2/package.json" "$2/package-lock.json" "$1/" &&
    npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel=error &&
    touch "$1/complete"
}
