// Command reference says what the parser of the kubelet and of containerd makes of image references.
//
// It reads a JSON array of strings and prints a JSON array: each one's full name, or null for what is none. The parser
// takes a few names whose registry is no host (a.b_c/d) for ones without a registry, which nobody could pull: null too.
package main

import (
	_ "crypto/sha256"
	_ "crypto/sha512"
	"encoding/json"
	"log"
	"os"

	"github.com/distribution/reference"
)

func main() {
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		log.Fatal(err)
	}
	names := make([]*string, len(texts))
	for i, text := range texts {
		if named, err := reference.ParseDockerRef(text); err == nil && reference.Domain(named) != "" {
			name := named.String()
			names[i] = &name
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(names); err != nil {
		log.Fatal(err)
	}
}
