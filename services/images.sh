#!/bin/bash
# Builds the images of services/ with buildah:
#
#   localhost/user:latest             the lesson's image (stage lesson)
#   localhost/user:static             the program alone
#   localhost/mysql-for-user:latest   MySQL with the schema
#   localhost/redis:5.0               Redis
#
#   services/images.sh                  builds them
#   services/images.sh --lesson         all but user:static
#   services/images.sh --archive DIR    also writes them to DIR/NAME.tar, named
#                                       docker.io/library/… as a Pod names them,
#                                       for `ctr images import` and `podman load`
#
# A base image that cannot be pulled is stood in for by Debian's packages, and
# each stand-in is said on standard output. Set STAND_INS=1 to pull nothing. What
# is slow to make is kept in ${XDG_CACHE_HOME:-~/.cache}/user-service-kubernetes.
# Needs buildah and, for stand-ins, mmdebstrap, go and root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/user-service-kubernetes/roots
go_version=1.26.8
pull_timeout=60

export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

fail() { echo "images.sh: $*" >&2; exit 1; }
step() { printf '%4ds  %s\n' "$SECONDS" "$*"; }

archive=
lesson=
case ${1:-} in
'') ;;
--lesson) lesson=1 ;;
--archive) archive=${2:?images.sh: --archive needs a folder} ;;
*) fail "the arguments are none, --lesson or --archive DIR; received $*" ;;
esac
command -v buildah >/dev/null || fail 'buildah is missing; install it (Debian: apt-get install buildah)'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build IMAGE FOLDER OPTION…: one image, without times, so that equal content has equal digests.
build() {
  local image=$1 folder=$2
  shift 2
  buildah build --quiet --layers --timestamp 0 --tag "$image" "$@" "$folder" >"$work/id" 2>"$work/log" || {
    cat "$work/log" >&2
    fail "building $image failed"
  }
  step "built $image $(cut -c1-12 "$work/id")"
}

# root NAME PACKAGES: a tar of a Debian root with packages, kept in the cache.
root() {
  local tar=$cache/$1.tar
  if [ ! -e "$tar" ]; then
    command -v mmdebstrap >/dev/null || fail 'mmdebstrap is missing; install it (Debian: apt-get install mmdebstrap)'
    mkdir -p "$cache"
    step "making a Debian root with $2" >&2
    # Moved into place when it is whole. The hook leaves out what only apt needs.
    mmdebstrap --quiet --format=tar --variant=minbase --include="$2" \
      --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/var/lib/mysql/*' \
      bookworm "$tar.$$" >"$work/log" 2>&1 || { rm -rf "$tar.$$"; cat "$work/log" >&2; fail "making a Debian root with $2 failed"; }
    mv "$tar.$$" "$tar"
  fi
  echo "$tar"
}

# base IMAGE KIND DESCRIPTION PACKAGES: the name to build from, IMAGE itself if
# it can be had, else the stand-in made of stand-ins/KIND.
base() {
  local image=$1 kind=$2 description=$3 packages=$4 folder=$work/$2 stand_in=localhost/stand-in/$2 tar
  if buildah inspect --type image "$image" >/dev/null 2>&1 ||
    [ -z "${STAND_INS:-}" ] && timeout "$pull_timeout" buildah pull --quiet "$image" >/dev/null 2>&1; then
    step "base $image" >&2
    echo "$image"
    return
  fi
  cp -r "$here/stand-ins/$kind" "$folder"
  tar=$(root "$kind" "$packages")
  ln "$tar" "$folder/root.tar" 2>/dev/null || cp "$tar" "$folder/root.tar"
  if [ "$kind" = golang ]; then go_toolchain "$folder/go.tar"; fi
  build "$stand_in" "$folder" --file "$folder/Containerfile" >&2
  echo "stand-in: $image cannot be pulled; $description stands in for it" >&3
  echo "$stand_in"
}

# go_toolchain FILE: this machine's Go as a tar that is the same each time.
go_toolchain() {
  command -v go >/dev/null || fail 'go is missing; install it from https://go.dev/dl/'
  local goroot kept
  goroot=$(go env GOROOT)
  kept=$cache/$(go env GOVERSION)-$(go env GOARCH).tar
  if [ ! -e "$kept" ]; then
    tar --create --file "$kept.$$" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
      --directory "$goroot" --transform 's,^\.,go,' --exclude=./test --exclude=./api --exclude=./doc .
    mv "$kept.$$" "$kept"
  fi
  cp "$kept" "$1"
}

exec 3>&1
go_base=$(base "docker.io/library/golang:$go_version-bookworm" golang "a Debian root with this machine's $(go env GOVERSION 2>/dev/null || echo go)" ca-certificates)
mysql_base=$(base docker.io/library/mysql:5.7 mysql "Debian's MariaDB" mariadb-server,mariadb-client)
redis_base=$(base docker.io/library/redis:5.0 redis "Debian's Redis" redis-server)

# Modules come from this machine's cache where it has them, so that the build
# needs the network only for what it has not; compiled packages are kept too.
modules=()
if command -v go >/dev/null; then
  (cd "$here/user" && go mod download) || step 'go mod download failed; the build will download'
  downloads=$(go env GOMODCACHE)/cache/download
  mkdir -p "$cache/go-build"
  modules=(--volume "$downloads:/modules:ro" --volume "$cache/go-build:/root/.cache/go-build" --build-arg "GOPROXY=file:///modules,$(go env GOPROXY)")
fi
build localhost/user:latest "$here/user" --target lesson --build-arg "GO_IMAGE=$go_base" "${modules[@]}"
[ -n "$lesson" ] || build localhost/user:static "$here/user" --build-arg "GO_IMAGE=$go_base" "${modules[@]}"
build localhost/mysql-for-user:latest "$here/mysql-for-user" --build-arg "MYSQL_IMAGE=$mysql_base"
buildah tag "$redis_base" localhost/redis:5.0
step "tagged localhost/redis:5.0"

if [ -n "$archive" ]; then
  mkdir -p "$archive"
  for image in user:latest user:static mysql-for-user:latest redis:5.0; do
    file=$archive/${image/:/-}.tar
    rm -f "$file.$$"
    buildah push --quiet "localhost/$image" "docker-archive:$file.$$:docker.io/library/$image" 2>"$work/log" || { cat "$work/log" >&2; fail "writing $file failed"; }
    mv "$file.$$" "$file"
    step "wrote $file"
  done
fi
