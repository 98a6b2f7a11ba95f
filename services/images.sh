#!/bin/bash
# Builds the images of services/ with buildah, or Docker where there is none:
#
#   user                the lesson's image (stage lesson)
#   user:TAG            the program alone
#   load:TAG            the load generator
#   mysql-for-user      MySQL with the schema
#   mysql:TAG           MySQL
#   redis:TAG           Redis
#   restic/restic:TAG   restic
#
#   services/images.sh [--archive DIR] [IMAGE…]
#
# builds those that are named, by default user, user:static, mysql-for-user and
# redis:5.0. buildah stores them as localhost/IMAGE, Docker as IMAGE. With --archive
# it also writes each to DIR/NAME.tar, named docker.io/library/… as a Pod names it,
# for `ctr images import` and `podman load`.
#
# On standard output it says `image: IMAGE sha256:…` of each.
#
# A base image that cannot be pulled is stood in for by Debian's packages, which is
# said as `stand-in: …` on standard output. Set STAND_INS=1 to pull nothing. What
# is slow to make is kept in ${XDG_CACHE_HOME:-~/.cache}/user-service-kubernetes.
# Needs buildah or Docker and, for stand-ins, mmdebstrap, go and root.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/user-service-kubernetes/roots
go_version=1.26.8
pull_timeout=60

export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

fail() { echo "images.sh: $*" >&2; exit 1; }
step() { printf '%4ds  %s\n' "$SECONDS" "$*"; }

archive=
if [ "${1:-}" = --archive ]; then
  archive=${2:?images.sh: --archive needs a folder}
  shift 2
fi
if [ $# = 0 ]; then set -- user user:static mysql-for-user redis:5.0; fi
for image in "$@"; do
  [[ $image =~ ^(user|load|mysql-for-user|mysql|redis|restic/restic)(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$ ]] ||
    fail "an image is user, load, mysql-for-user, mysql, redis or restic/restic, with or without a tag; received $image"
done
if command -v buildah >/dev/null; then
  tool=buildah prefix=localhost/
elif docker info >/dev/null 2>&1; then
  tool=docker prefix=
else
  fail 'buildah is missing, and Docker does not answer; install one (Debian: apt-get install buildah)'
fi

work=$(mktemp -d)
trap 'rm -rf "$work" "$cache"/*.$$' EXIT

# One at a time: it begins by removing the containers that an interrupted build left.
mkdir -p "$cache"
if command -v flock >/dev/null; then
  exec 9>"$cache/lock"
  flock --nonblock 9 || { step 'waiting for another images.sh' && flock 9; }
  if [ "$tool" = buildah ]; then
    buildah containers --noheading --format '{{.ContainerID}} {{.ImageName}}' | while read -r container image; do
      case $image in localhost/stand-in/*) buildah rm "$container" >/dev/null ;; esac
    done
  fi
fi

# build IMAGE FOLDER OPTION…: one image; with buildah without times, so that equal content has equal digests.
build() {
  local image=$1 folder=$2 flags=()
  shift 2
  if [ "$tool" = buildah ]; then flags=(--layers --force-rm --timestamp 0); fi
  "$tool" build --quiet "${flags[@]}" --tag "$image" "$@" "$folder" >"$work/log" 2>&1 || {
    cat "$work/log" >&2
    fail "building $image failed"
  }
  step "built $image"
}

# image_id IMAGE: its identifier, or nothing.
image_id() {
  case $tool in
  buildah) buildah inspect --type image --format 'sha256:{{.FromImageID}}' "$1" 2>/dev/null ;;
  docker) docker image inspect --format '{{.Id}}' "$1" 2>/dev/null ;;
  esac
}

# root NAME PACKAGES: a tar of a Debian root with packages, kept in the cache.
root() {
  local tar=$cache/$1.tar
  if [ ! -e "$tar" ]; then
    command -v mmdebstrap >/dev/null || fail 'mmdebstrap is missing; install it (Debian: apt-get install mmdebstrap)'
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
  local image=$1 kind=$2 description=$3 packages=$4 stand_in=${prefix}stand-in/$2
  if { image_id "$image" >/dev/null && ! is_stand_in "$image"; } || pull "$image"; then
    step "base $image" >&2
    echo "$image"
    return
  fi
  [ -e "$work/$kind" ] || stand_in "$kind" "$packages" >&2
  echo "stand-in: $image cannot be pulled; $description stands in for it" >&3
  echo "$stand_in"
}

# is_stand_in IMAGE: Docker stores a stand-in under the name of what it stands in for.
is_stand_in() {
  [ "$tool" = docker ] && docker image inspect --format '{{index .Config.Labels "org.opencontainers.image.title"}}' "$1" | grep -q ' stand-in$'
}

# pull IMAGE: whether it could be had. A registry that does not answer is asked once.
pull() {
  if [ -n "${STAND_INS:-}" ] || [ -e "$work/unreachable" ]; then return 1; fi
  local status=0
  timeout "$pull_timeout" "$tool" pull --quiet "$1" >/dev/null 2>&1 || status=$?
  if [ "$status" = 124 ]; then touch "$work/unreachable"; fi
  return "$status"
}

# stand_in KIND PACKAGES: builds stand-in/KIND, unless it is there and was built from the same.
stand_in() {
  local kind=$1 folder=$work/$1 image=${prefix}stand-in/$1 record=$cache/$1.built tar built_from id
  cp -r "$here/stand-ins/$kind" "$folder"
  tar=$(root "$kind" "$2")
  built_from=$({ cat "$folder"/*; stat --format '%s %Y' "$tar"; if [ "$kind" = golang ]; then go env GOVERSION; fi; } | sha256sum)
  if id=$(image_id "$image") && [ "$(cat "$record" 2>/dev/null)" = "$built_from $id" ]; then
    step "have $image"
    return
  fi
  ln "$tar" "$folder/root.tar" 2>/dev/null || cp "$tar" "$folder/root.tar"
  if [ "$kind" = golang ]; then go_toolchain "$folder/go.tar"; fi
  build "$image" "$folder" --file "$folder/Containerfile"
  echo "$built_from $(image_id "$image")" >"$record"
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

# Stand-ins are said on standard output although a function's own output is the name that it returns.
exec 3>&1

# go_image FOLDER IMAGE OPTION…: from services/FOLDER, a Go module.
go_image() {
  local folder=$here/$1 image=$2
  shift 2
  if [ -z "${go_base:-}" ]; then
    go_base=$(base "docker.io/library/golang:$go_version-bookworm" golang "a Debian root with this machine's $(go env GOVERSION 2>/dev/null || echo go)" ca-certificates)
    modules=()
    if command -v go >/dev/null; then modules=(--build-arg "GOPROXY=$(go env GOPROXY)"); fi
  fi
  # Modules come from this machine's cache where it has them, so that the build
  # needs the network only for what it has not; compiled packages are kept too.
  # Docker's build mounts no folder.
  if [ "$tool" = buildah ] && command -v go >/dev/null; then
    (cd "$folder" && go mod download) || step 'go mod download failed; the build will download'
    mkdir -p "$cache/go-build"
    modules=(--volume "$(go env GOMODCACHE)/cache/download:/modules:ro" --volume "$cache/go-build:/root/.cache/go-build" --build-arg "GOPROXY=file:///modules,$(go env GOPROXY)")
  fi
  build "$prefix$image" "$folder" "$@" --build-arg "GO_IMAGE=$go_base" "${modules[@]}"
}

# mysql_base TAG, redis_base TAG, restic_base TAG: the name to build from.
mysql_base() { base "docker.io/library/mysql:$1" mysql "Debian's MariaDB" mariadb-server,mariadb-client; }
redis_base() { base "docker.io/library/redis:$1" redis "Debian's Redis" redis-server; }
restic_base() { base "docker.io/restic/restic:$1" restic "Debian's restic" restic,ca-certificates; }

# tag BASE IMAGE: another name.
tag() {
  "$tool" tag "$1" "$prefix$2"
  step "tagged $prefix$2"
}

for name in "$@"; do
  image=$name
  [[ $image == *:* ]] || image=$image:latest
  tag=${image##*:}
  case $image in
  user:latest) go_image user "$image" --target lesson ;;
  user:*) go_image user "$image" ;;
  load:*) go_image load "$image" ;;
  mysql-for-user:*)
    mysql=$(mysql_base 5.7)
    build "$prefix$image" "$here/mysql-for-user" --build-arg "MYSQL_IMAGE=$mysql"
    ;;
  mysql:*)
    mysql=$(mysql_base "$tag")
    tag "$mysql" "$image"
    ;;
  redis:*)
    redis=$(redis_base "$tag")
    tag "$redis" "$image"
    ;;
  restic/restic:*)
    restic=$(restic_base "$tag")
    tag "$restic" "$image"
    ;;
  esac
  echo "image: $name $(image_id "$prefix$image")"
done

if [ -n "$archive" ]; then
  mkdir -p "$archive"
  for image in "$@"; do
    [[ $image == *:* ]] || image=$image:latest
    file=$archive/${image//[\/:]/-}.tar
    rm -f "$file.$$"
    case $tool in
    buildah) buildah push --quiet "localhost/$image" "docker-archive:$file.$$:docker.io/$([[ $image == */* ]] || echo library/)$image" ;;
    docker) docker save --output "$file.$$" "$image" ;;
    esac 2>"$work/log" || { cat "$work/log" >&2; fail "writing $file failed"; }
    mv "$file.$$" "$file"
    step "wrote $file"
  done
fi
