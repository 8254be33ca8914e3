# shellcheck shell=bash
# The one list of Debian packages that building, testing and demonstrating need, and how they are installed.
# Uses log.sh.

BUILD_PACKAGES=(
  cmake ninja-build g++ ccache pkg-config git
  libcpprest-dev libboost-dev libboost-system-dev libssl-dev zlib1g-dev libcrypt-dev
  nlohmann-json3-dev libcli11-dev libyaml-cpp-dev libsimdjson-dev libpugixml-dev prometheus-cpp-dev
  libgtest-dev libgmock-dev
)
CHECK_PACKAGES=(clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 shellcheck valgrind file patch spin)
# redis-tools and not redis-server: it holds the server's program too, without a service that would be started.
CLUSTER_PACKAGES=(
  iproute2 nftables conntrack kmod procps util-linux openssl curl ca-certificates jq
  containerd runc containernetworking-plugins buildah debootstrap redis-tools
  python3 python3-psycopg2 python3-venv python3-pip python3-yaml
)
# For measuring beside another server, and only installed for that. nginx has a service: it is not started here, but a
# machine with systemd would start it at its next boot (systemctl disable nginx).
LOAD_PACKAGES=(wrk nginx)

# What a recipe of docs/hooks-cookbook.md is tried with.
RECIPE_PACKAGES=(mariadb-server)
# What the page is tested in; npm.sh has what drives it.
BROWSER_PACKAGES=(chromium)
NODE_PACKAGES=(nodejs npm)   # only where neither is there, see npm.sh

# missing_packages NAME...: those that are not installed, one a line
missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] || echo "$name"
  done
}

# as_root COMMAND...: with sudo when we are somebody else
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# with_no_services COMMAND...: containerd and others would be started by their packages; the test cluster starts its
# own. A policy that is already there is the machine owner's and stays.
with_no_services() {
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then "$@"; return; fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
  "$@" || status=$?
  as_root rm -f "$policy"
  return "$status"
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

# install_packages NAME...: installs what is missing and nothing else. The package lists are fetched only
# when apt cannot find what it is asked for with those it has.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "no apt-get here; install by hand: ${missing[*]}"
  log "installing packages: ${missing[*]}"
  with_no_services apt_install "${missing[@]}" && return 0
  as_root apt-get update
  with_no_services apt_install "${missing[@]}"
}

install_all_packages() { install_packages "${BUILD_PACKAGES[@]}" "${CHECK_PACKAGES[@]}" "${CLUSTER_PACKAGES[@]}"; }
