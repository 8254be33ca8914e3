# shellcheck shell=bash
# Python packages of tests, in virtual environments of their own. Uses log.sh.

# make_venv NAME REQUIREMENTS: makes the environment if it is not there, and prints its folder. The file pins every
# package, also those that others need: nothing else is installed, and what is missing is an error. The folder's name has
# a hash of the pins, so that other pins are another folder and one that is complete never changes.
make_venv() {
  local cache=${BATON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton} folder
  folder=$cache/$1-$({ python3 --version; cat "$2"; } | sha256sum | cut -c 1-12)
  if ! venv_is_complete "$folder"; then
    mkdir -p "$cache"
    # Whoever waits here finds it made.
    (flock 9 && { venv_is_complete "$folder" || fill_venv "$folder" "$2"; }) 9>"$folder.lock" >&2 || return 1
  fi
  echo "$folder"
}

# The Python that it was made with may be gone.
venv_is_complete() { [ -e "$1/complete" ] && "$1/bin/python" -c '' 2>/dev/null; }

fill_venv() { # FOLDER REQUIREMENTS
  log "installing $2 with pip"
  python3 -m venv --clear "$1" &&
    "$1/bin/pip" install --quiet --no-input --disable-pip-version-check --no-deps -r "$2" &&
    "$1/bin/pip" check --disable-pip-version-check &&
    touch "$1/complete"
}
