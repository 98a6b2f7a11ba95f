// Package kubectl reads manifests as kubectl itself does, natively: what the
// package reading is compared with.
package kubectl

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Document is one document of a file.
type Document struct {
	// Objects are the manifests in it, as JSON with sorted keys.
	Objects []json.RawMessage `json:"objects"`
	// Error says why there are none.
	Error string `json:"error,omitempty"`
}

// File is what kubectl makes of a file.
type File struct {
	// Documents are those up to the first that cannot be read.
	Documents []Document `json:"documents"`
	// Error says why kubectl stopped.
	Error string `json:"error,omitempty"`
}

// Read is FileVisitor and StreamVisitor of k8s.io/cli-runtime/pkg/resource, up
// to where they begin to ask the cluster.
func Read(file io.Reader) File {
	f := File{Documents: []Document{}}
	decoder := yaml.NewYAMLOrJSONDecoder(transform.NewReader(file, unicode.BOMOverride(unicode.UTF8.NewDecoder())), 4096)
	for {
		ext := runtime.RawExtension{}
		if err := decoder.Decode(&ext); err != nil {
			if !errors.Is(err, io.EOF) {
				f.Error = err.Error()
			}
			return f
		}
		ext.Raw = bytes.TrimSpace(ext.Raw)
		if len(ext.Raw) == 0 || bytes.Equal(ext.Raw, []byte("null")) {
			continue
		}
		f.Documents = append(f.Documents, document(ext.Raw))
	}
}

func document(raw []byte) (d Document) {
	obj, _, err := unstructured.UnstructuredJSONScheme.Decode(raw, nil, nil)
	if err != nil {
		return Document{Error: err.Error()}
	}
	add := func(u *unstructured.Unstructured) {
		data, err := json.Marshal(u.Object)
		if err != nil {
			d.Error = err.Error()
		}
		d.Objects = append(d.Objects, data)
	}
	switch o := obj.(type) {
	case *unstructured.Unstructured:
		add(o)
	case *unstructured.UnstructuredList:
		for i := range o.Items {
			add(&o.Items[i])
		}
	}
	return d
}
