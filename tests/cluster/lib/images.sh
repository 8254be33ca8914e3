# shellcheck shell=bash
# Container images made from a folder, without a registry and without a daemon.

BATON_CACHE=${BATON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/baton}

# make_image NAME ROOTFS ENTRYPOINT ARCHIVE: an image of one layer as a docker archive. ENTRYPOINT holds
# words. buildah keeps its storage in a folder that goes away again, and needs no rights to mount (vfs, chroot).
make_image() {
  local storage container words
  storage=$(mktemp -d)
  words=$(printf '%s' "$3" | jq -cR 'split(" ")')
  (
    export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
    b() { buildah --root "$storage/root" --runroot "$storage/run" "$@"; }
    trap 'rm -rf "$storage"' EXIT
    container=$(b from scratch)
    b copy -q "$container" "$2" / >/dev/null
    b config --entrypoint "$words" "$container" >/dev/null
    b commit -q "$container" "$1" >/dev/null
    rm -f "$4" "$4.partial"
    b push -q "$1" "docker-archive:$4.partial:$1"
    mv "$4.partial" "$4"
  )
}

# copy_program PROGRAM ROOTFS [AS]: the program and the libraries it is linked with, at their own paths
copy_program() {
  local program rootfs=$2 library
  program=$(readlink -f "$1")
  install -D -m 755 "$program" "$rootfs${3:-$1}"
  # "name => /path (address)" and "/path (address)"
  for library in $(ldd "$program" | grep -oE '/[^ ]+' || true); do
    [ -e "$rootfs$library" ] || install -D -m 755 "$(readlink -f "$library")" "$rootfs$library"
  done
}

# build_image NAME FOLDER BASE ARCHIVE: what the folder's Containerfile says, or what BUILD_OPTIONS name, on the image in
# the archive BASE, which keeps its name. Packages come from where this machine's apt gets them. The layers of earlier
# builds are kept in the cache folder, up to 4 GiB: installing packages is most of what a build takes.
build_image() {
  local storage=$BATON_CACHE/buildah settings base
  mkdir -p "$storage"
  [ "$(du -sm "$storage" | cut -f 1)" -lt 4096 ] || b rmi --all --force >/dev/null
  settings=$storage/apt.conf
  (
    b pull -q "docker-archive:$3" >/dev/null
    base=$(tar -xOf "$3" manifest.json | jq -r '.[0].RepoTags[0]')
    apt-config dump | grep '^Acquire::' >"$settings"   # its proxy, say
    b build -q --pull-never --layers --build-arg "BASE=$base" --volume "$settings:/etc/apt/apt.conf.d/99-as-here:ro" -t "$1" \
      "${BUILD_OPTIONS[@]:---file=$2/Containerfile}" "$2"
    rm -f "$4" "$4.partial"
    b push -q "$1" "docker-archive:$4.partial:$1"
    mv "$4.partial" "$4"
  )
}

# b WORDS: buildah with the kept storage. overlay, where the file system can do that; vfs copies each layer whole.
b() {
  if [ -z "${STORAGE_DRIVER:-}" ]; then
    export STORAGE_DRIVER=overlay BUILDAH_ISOLATION=chroot
    b info >/dev/null 2>&1 || STORAGE_DRIVER=vfs
  fi
  buildah --root "$BATON_CACHE/buildah/$STORAGE_DRIVER" --runroot "/run/baton-buildah-$STORAGE_DRIVER" "$@"
}

# cached NAME MAKER INPUTS-HASH: prints the path of the image's archive; MAKER is called with it when it is not there
cached() {
  local archive
  archive=$BATON_CACHE/images/$(basename "${1%:*}")-$3.tar
  if [ ! -e "$archive" ]; then
    mkdir -p "$BATON_CACHE/images"
    (
      exec 9>"$archive.lock"
      flock 9
      [ ! -e "$archive" ] || exit 0   # somebody else made it meanwhile
      "$2" "$archive"
    ) >&2
  fi
  echo "$archive"
}

# hash_of TEXT FILE...
hash_of() {
  local text=$1
  shift
  { echo "$text"; cat "$@"; } | sha256sum | cut -c 1-12
}

# cached_image NAME ENTRYPOINT ROOTFS-MAKER INPUT...: prints the archive's path. The archive is made anew
# only when one of the INPUT files changed; ROOTFS-MAKER is called with the folder to fill.
cached_image() {
  local name=$1 entrypoint=$2 maker=$3
  shift 3
  from_rootfs() {
    local rootfs
    rootfs=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder of now
    trap "rm -rf '$rootfs'" EXIT
    "$maker" "$rootfs"
    chmod 755 "$rootfs"
    make_image "$name" "$rootfs" "$entrypoint" "$1"
  }
  cached "$name" from_rootfs "$(hash_of "$name $entrypoint" "$@")"
}

# built_image NAME FOLDER BASE-MAKER INPUT...: the same for an image that a Containerfile builds; BASE-MAKER prints the
# archive of the image to begin with.
built_image() {
  local name=$1 folder=$2 base=$3
  shift 3
  from_containerfile() { build_image "$name" "$folder" "$("$base")" "$1"; }
  cached "$name" from_containerfile "$(hash_of "$name" "$@")"
}
