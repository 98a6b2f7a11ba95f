//go:build schemathesis

package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestSchemathesisFindsNothing runs the program that schemathesis.sh names.
func TestSchemathesisFindsNothing(t *testing.T) {
	program := os.Getenv("SCHEMATHESIS")
	if program == "" {
		t.Fatal("SCHEMATHESIS names no program; run services/user/schemathesis.sh")
	}
	service := startReady(t, servers(t))
	command := exec.Command(program, "run", service.url+"/openapi.yaml",
		"--checks", "all", "--max-examples", "200", "--seed", "1", "--no-color")
	command.Dir = t.TempDir() // it keeps files where it runs
	out, err := command.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("schemathesis: %v", err)
	}
}
