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

mkdir "$work/go"
cp -r go.mod go.sum cmd internal judge reading rollout "$work/go"

# without MODULE FILE...: Kubernetes' module without files that nothing here
# calls, but which the linker cannot know to drop. Overlays may not replace files
# of the module cache, so this is a copy that a copy of this module points to, by
# a relative path: an absolute one would be in the output.
without() {
  local name=$1 found
  shift
  found=$(go list -m -f '{{.Dir}}' "k8s.io/$name")
  [ -n "$found" ] || { go mod download "k8s.io/$name" && found=$(go list -m -f '{{.Dir}}' "k8s.io/$name"); }
  cp -r "$found" "$work/$name"
  chmod -R u+w "$work/$name"
  for file in "$@"; do find "$work/$name" -path "*/$file" -delete; done
  go mod edit -replace "k8s.io/$name=../$name" "$work/go/go.mod"
}

# Protobuf code and texts for OpenAPI: 10 MB.
without api generated.pb.go types_swagger_doc_generated.go
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
without kube-aggregator generated.pb.go
# OpenAPI documents in protobuf, and metrics of which features are on: they bring
# Google's protobuf library and Prometheus with them.
without kube-openapi pkg/util/proto/document.go pkg/util/proto/document_v3.go pkg/validation/spec/gnostic.go
# pkg/schemaconv asks of models whether they are this, which only those documents made.
cat > "$work/kube-openapi/pkg/util/proto/ref.go" <<'GO'
package proto

type reference = Reference

type Ref struct{ reference }
GO
without component-base metrics/prometheus/feature/metrics.go
cat > "$work/component-base/metrics/prometheus/feature/metrics.go" <<'GO'
package feature

import "context"

func ResetFeatureInfoMetric() {}

func RecordFeatureInfo(context.Context, string, string, bool) {}
GO

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
