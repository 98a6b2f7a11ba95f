#!/usr/bin/env bash
# build.sh [OUTDIR]: builds the WebAssembly module into OUTDIR (default: ../module).
#
# The output is the same, byte for byte, on every machine with the Go and Node
# versions named below: paths are trimmed, and the brotli encoder is Node's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

go_version=go1.26.8
brotli_version=1.1.0
outdir=$(mkdir -p "${1:-../module}" && cd "${1:-../module}" && pwd)

fail() { echo "build.sh: $*" >&2; exit 1; }

export GOTOOLCHAIN=local GOFLAGS= GOEXPERIMENT= GOWASM= GOWORK=off CGO_ENABLED=0
found=$(go env GOVERSION) || fail "Go is not installed, $go_version is needed"
[ "$found" = "$go_version" ] || fail "the module is built with $go_version, found $found: install that version, or change go_version here and commit the module it builds"
found=$(node -p process.versions.brotli) || fail "Node is not installed"
[ "$found" = "$brotli_version" ] || fail "the module is compressed with brotli $brotli_version, this Node has $found: the bytes would differ"

work=$(mktemp -d)
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT

# k8s.io/api without its protobuf code and its texts for OpenAPI, which nothing
# here calls but which the linker cannot know to drop: 10 MB. Overlays may not
# replace files of the module cache, so this is a copy that a copy of this
# module points to, by a relative path: an absolute one would be in the output.
api=$(go list -m -f '{{.Dir}}' k8s.io/api)
[ -n "$api" ] || { go mod download k8s.io/api && api=$(go list -m -f '{{.Dir}}' k8s.io/api); }
cp -r "$api" "$work/api"
chmod -R u+w "$work/api"
find "$work/api" \( -name generated.pb.go -o -name types_swagger_doc_generated.go \) -delete
# apis/rbac/v1 sorts rules by the String method that stood there.
cat > "$work/api/rbac/v1/string.go" <<'GO'
package v1

import "fmt"

// String is the text that rules are sorted by.
func (r PolicyRule) String() string {
	type plain PolicyRule
	return fmt.Sprintf("%+v", plain(r))
}
GO
mkdir "$work/go"
cp -r go.sum cmd internal judge reading rollout "$work/go"
sed 's#k8s.io/api => k8s.io/api v[0-9.]*#k8s.io/api => ../api#' go.mod > "$work/go/go.mod"

(cd "$work/go" && GOOS=wasip1 GOARCH=wasm go build -mod=mod -buildmode=c-shared -buildvcs=false -trimpath \
  -ldflags '-s -w -buildid=' -o "$work/initial.wasm" ./cmd/verdict-wasm)

# The module as it is after initialisation and one request of each sort: it
# starts in no time, where initialising takes a quarter of a second.
node snapshot/snapshot.mjs "$work/initial.wasm" "$work/verdict.wasm" snapshot/warmup.jsonl

node - "$work/verdict.wasm" "$outdir" <<'JS'
const { readFileSync, writeFileSync } = require('node:fs');
const { createHash } = require('node:crypto');
const { brotliCompressSync, constants } = require('node:zlib');
const [input, outdir] = process.argv.slice(2);
const wasm = readFileSync(input);
const compressed = brotliCompressSync(wasm, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
  },
});
const sum = (bytes, name) => `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
writeFileSync(`${outdir}/verdict.wasm.br`, compressed);
writeFileSync(`${outdir}/verdict.wasm.br.sha256`, sum(compressed, 'verdict.wasm.br'));
writeFileSync(`${outdir}/verdict.wasm.sha256`, sum(wasm, 'verdict.wasm'));
const mb = (n) => (n / 1e6).toFixed(2);
console.log(`verdict.wasm ${mb(wasm.length)} MB, verdict.wasm.br ${mb(compressed.length)} MB`);
JS
