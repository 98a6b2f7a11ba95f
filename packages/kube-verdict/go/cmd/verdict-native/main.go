//go:build !wasip1

// Command verdict-native answers as the WebAssembly module does: one request
// per line on stdin, one answer per line on stdout.
package main

import (
	"bufio"
	"errors"
	"io"
	"log"
	"os"

	"kube-verdict/go/judge"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(r io.Reader, w io.Writer) error {
	in, out := bufio.NewReaderSize(r, 1<<20), bufio.NewWriterSize(w, 1<<20)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(line) > 1 || len(line) == 1 && line[0] != '\n' {
			if _, err := out.Write(append(judge.JSON(line), '\n')); err != nil {
				return err
			}
			// The next line may be waiting for this answer.
			if in.Buffered() == 0 {
				if err := out.Flush(); err != nil {
					return err
				}
			}
		}
		if err != nil {
			return out.Flush()
		}
	}
}
