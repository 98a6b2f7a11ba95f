package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheCommittedSchemaIsWhatIsGenerated(t *testing.T) {
	generated, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../smdschema/schema.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(generated, committed) {
		t.Fatal("internal/smdschema/schema.go is not what genschema writes: go run ./internal/genschema internal/smdschema/schema.go")
	}
}
