#!/bin/bash
# Checks and tests the service, against servers that the tests make available
# themselves (see internal/testservers), and says which these were:
#
#   services/user/test.sh            gofmt, go vet, staticcheck, go test -race
#   services/user/test.sh --deep     also govulncheck, a minute of fuzzing and schemathesis
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

staticcheck=honnef.co/go/tools/cmd/staticcheck@v0.8.2
govulncheck=golang.org/x/vuln/cmd/govulncheck@v1.9.0
fuzz_time=10s

case ${1:-} in
'' | --deep) ;;
*) echo "test.sh: the arguments are none or --deep; received $*" >&2; exit 1 ;;
esac

unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
  printf 'not formatted; run gofmt -w:\n%s\n' "$unformatted" >&2
  exit 1
fi
go vet ./...
go run "$staticcheck" ./...

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TEST_SERVERS_REPORT=$work/servers
go test -race ./...
if [ -s "$TEST_SERVERS_REPORT" ]; then
  echo 'ran against:'
  sort "$TEST_SERVERS_REPORT" | uniq | sed 's/^/  /'
else
  echo 'ran against: nothing, as every result was cached; go clean -testcache makes it run'
fi
if [ "${1:-}" != --deep ]; then exit 0; fi

# govulncheck ends with 3 when it found something and with 1 when it could not look.
status=0
go run "$govulncheck" ./... >"$work/vulnerabilities" 2>&1 || status=$?
if grep -q 'exit status 3' "$work/vulnerabilities" || grep -q '^Vulnerability #' "$work/vulnerabilities"; then
  cat "$work/vulnerabilities" >&2
  exit 1
elif [ "$status" != 0 ]; then
  echo "govulncheck: not run, since it could not look: $(grep -v '^exit status' "$work/vulnerabilities" | tail -1)"
else
  echo 'govulncheck: found nothing'
fi

for package in ./internal/account ./internal/httpapi ./internal/password; do
  for target in $(go test -list '^Fuzz' "$package" | grep '^Fuzz'); do
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$fuzz_time" "$package"
  done
done
./schemathesis.sh
