package reading

import (
	"bytes"
	"reflect"
	"testing"
)

// TestObjectsAreTakenAsTheyAre holds what is read of an object without decoding
// it to what decoding it finds.
func TestObjectsAreTakenAsTheyAre(t *testing.T) {
	texts := append(plainSeeds(t),
		"{apiVersion: v1, kind: ConfigMap}",
		"{apiVersion: v1, kind: ConfigMap, metadata: null}",
		"{apiVersion: v1, kind: ConfigMap, metadata: [a]}",
		"{apiVersion: v1, kind: ConfigMap, metadata: text}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {}, data: {}, immutable: true}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: 1, namespace: [], generateName: {}}}",
		"{apiVersion: v1, kind: ConfigMap, metadata: {name: null, namespace: null}}",
		`{apiVersion: v1, kind: ConfigMap, metadata: {name: "a\"}{,", namespace: "<b>", annotations: {name: "]}\\"}}}`,
		`{apiVersion: v1, kind: ConfigMap, metadata: {labels: {name: x}, name: é}, name: y, namespace: z}`,
		`{"apiVersion": "v\u0031", "kind": "Config\nMap", "metadata": {"generateName": "a-"}}`,
		"{apiVersion: v1, kind: List, items: []}",
		"{apiVersion: v1, kind: List, items: null}",
		"{apiVersion: '', kind: Pod}",
		"{apiVersion: v1, kind: 1}",
		"{apiVersion: [v1], kind: Pod}",
		"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {pod-security.kubernetes.io/enforce: baseline}}}",
		"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: [pod-security.kubernetes.io/enforce]}}",
		"{apiVersion: v2, kind: Namespace, metadata: {name: a, labels: {pod-security.kubernetes.io/enforce: baseline}}}",
	)
	taken := 0
	for _, text := range texts {
		raw, err := (&Document{}).decodeYAML(text)
		if raw = bytes.TrimSpace(raw); err != nil || len(raw) == 0 {
			continue
		}
		asItIs, decoded := &Document{}, &Document{}
		if !asItIs.sortedObject(raw) {
			continue
		}
		taken++
		if decoded.objects(raw); !reflect.DeepEqual(asItIs, decoded) {
			t.Errorf("%s\nis read as %s\nand decoded as %s", raw, marshal(t, asItIs), marshal(t, decoded))
		}
	}
	if taken < 20 {
		t.Errorf("%d are taken", taken)
	}
}
