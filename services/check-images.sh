#!/bin/bash
# Proves what the images of images.sh promise, with podman on this machine:
#
#   localhost/user:static  is at most 32 MB unpacked (OpenTelemetry's exporter
#                          links gRPC), does not run as root, runs on a
#                          read-only root, and, with --rebuild, is the same
#                          when built again from nothing (some minutes)
#   localhost/user:latest  has a shell, and registers and logs in a user with
#                          localhost/mysql-for-user and localhost/redis:5.0
#   init.sql               runs once, and not again when the database starts again
#
# Needs podman and the images; takes no port that is in use.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rebuild=
case ${1:-} in
'') ;;
--rebuild) rebuild=1 ;;
*) echo "check-images.sh: the arguments are none or --rebuild; received $*" >&2; exit 1 ;;
esac
most_bytes=32000000
deadline=60

fail() { echo "check-images.sh: $*" >&2; exit 1; }
kept() { printf '%4ds  %s\n' "$SECONDS" "$*"; }

names=()
work=$(mktemp -d)
cleanup() {
  local status=$?
  for name in "${names[@]}"; do
    if [ "$status" != 0 ]; then echo "--- $name" >&2; podman logs --tail 15 "$name" >&2 || true; fi
    podman rm --force --time 5 --volumes "$name" >/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT

port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# until_true WHAT COMMAND…: polls until the command succeeds.
until_true() {
  local what=$1 end=$((SECONDS + deadline)) last
  shift
  until last=$("$@" 2>&1); do
    [ "$SECONDS" -lt "$end" ] || fail "$what not within $deadline s; last: $last"
    sleep 0.2
  done
}

nproc=$(ulimit -Hu)
if [ "$nproc" = unlimited ] || [ "$nproc" -gt 30000 ]; then nproc=30000; fi

# run NAME OPTION… IMAGE ARGUMENT…: one container on the machine's own network.
run() {
  local name=check-images-$$-$1
  shift
  names+=("$name")
  # The limits of this shell: a container host may not be allowed to raise them.
  podman run --detach --name "$name" --network host \
    --ulimit "nofile=$(ulimit -Sn):$(ulimit -Hn)" --ulimit "nproc=$nproc:$nproc" "$@" >/dev/null
}

bytes=$(podman image inspect --format '{{.Size}}' localhost/user:static)
[ "$bytes" -le "$most_bytes" ] || fail "localhost/user:static has $bytes bytes; promised at most $most_bytes"
kept "localhost/user:static has $bytes bytes unpacked"

user=$(podman image inspect --format '{{.Config.User}}' localhost/user:static)
[[ $user =~ ^[1-9][0-9]*(:[1-9][0-9]*)?$ ]] || fail "localhost/user:static runs as '$user'; promised a number that is not 0"
kept "it runs as $user"

mysql_port=$(port) redis_port=$(port) user_port=$(port) static_port=$(port)
run mysql --env MYSQL_ROOT_PASSWORD=123456 localhost/mysql-for-user:latest --port="$mysql_port"
run redis localhost/redis:5.0 --port "$redis_port"
stores=(--env "MYSQL_PORT=$mysql_port" --env "REDIS_PORT=$redis_port")
run user "${stores[@]}" --env "HTTP_ADDR=127.0.0.1:$user_port" localhost/user:latest
run static "${stores[@]}" --env "HTTP_ADDR=127.0.0.1:$static_port" --read-only --read-only-tmpfs=false --cap-drop all localhost/user:static

post() { curl --silent --show-error --fail --max-time 10 "http://127.0.0.1:$1/$2" --data-urlencode username=ada --data-urlencode email=ada@example.com --data-urlencode password=secret; }
until_true 'localhost/user is ready' podman exec "check-images-$$-user" ./user --check
until_true 'localhost/user:static is ready' podman exec "check-images-$$-static" /user --check
post "$user_port" register | grep -q '"user_info":{"id":1,' || fail 'localhost/user registers nobody'
post "$user_port" login | grep -q '"user_info":{"id":1,' || fail 'localhost/user logs nobody in'
kept 'localhost/user:latest registers and logs in'
post "$static_port" login | grep -q '"user_info":{"id":1,' || fail 'localhost/user:static logs nobody in'
kept 'localhost/user:static logs in on a read-only root without capabilities'
podman exec "check-images-$$-user" /bin/bash -c 'go version' >/dev/null || fail 'localhost/user has no shell or no Go'
kept 'localhost/user:latest has a shell and Go'

podman restart --time 20 "check-images-$$-mysql" >/dev/null
until_true 'a login after the database started again' post "$user_port" login
runs=$(podman logs "check-images-$$-mysql" 2>&1 | grep -c 'running /docker-entrypoint-initdb.d/init.sql') || true
[ "$runs" = 1 ] || fail "init.sql ran $runs times; promised once"
kept 'init.sql ran once, and the user outlived a restart of the database'

for name in user static; do
  podman stop --time 20 "check-images-$$-$name" >/dev/null
  code=$(podman inspect --format '{{.State.ExitCode}}' "check-images-$$-$name")
  [ "$code" = 0 ] || fail "$name ended with $code on SIGTERM; promised 0"
done
kept 'both end with 0 on SIGTERM'

if [ -z "$rebuild" ]; then
  kept 'not shown: that it is the same when built again; --rebuild shows it'
  exit 0
fi
base=$(buildah inspect --type image --format '{{index .Docker.Config.Labels "org.opencontainers.image.title"}}' localhost/stand-in/golang 2>/dev/null || true)
arguments=()
if [ "$base" = 'golang stand-in' ]; then arguments=(--build-arg GO_IMAGE=localhost/stand-in/golang); fi
BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot} buildah build --quiet --no-cache --timestamp 0 --iidfile "$work/id" "${arguments[@]}" \
  --volume "$(go env GOMODCACHE)/cache/download:/modules:ro" --build-arg "GOPROXY=file:///modules,$(go env GOPROXY)" "$here/user" >/dev/null
layers() { buildah inspect --type image --format '{{.OCIv1.RootFS.DiffIDs}}' "$1"; }
first=$(layers localhost/user:static) second=$(layers "$(cat "$work/id")")
[ "$first" = "$second" ] || fail "localhost/user:static was built to $first and then to $second"
kept "built again from nothing, its layers are the same: $first"
