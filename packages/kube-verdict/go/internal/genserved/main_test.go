package main

import (
	"bytes"
	"os"
	"testing"
)

func TestTheCommittedTableIsWhatIsGenerated(t *testing.T) {
	generated, err := generate()
	if err != nil {
		t.Fatal(err)
	}
	committed, err := os.ReadFile("../served/kinds.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(generated, committed) {
		t.Fatal("internal/served/kinds.go is not what genserved writes: go run ./internal/genserved internal/served/kinds.go")
	}
}
