#!/bin/bash
# Has schemathesis, from PyPI and kept in the user's cache folder, look for
# requests whose answers openapi.yaml does not promise.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

version=4.32.5
cache=${XDG_CACHE_HOME:-$HOME/.cache}/user-service-kubernetes
venv=$cache/schemathesis-$version

# Its programs name their folder, so it is installed in place and marked when whole.
if [ ! -e "$venv/installed" ]; then
  mkdir -p "$cache"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
  touch "$venv/installed"
fi
SCHEMATHESIS=$venv/bin/schemathesis go test -count=1 -v -tags schemathesis -run '^TestSchemathesisFindsNothing$' ./cmd/user
