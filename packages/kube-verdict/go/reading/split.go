// Package reading says what a text of manifests means to kubectl, with the
// readers that kubectl has: apimachinery's document splitter, sigs.k8s.io/yaml
// and the decoder of unstructured objects.
package reading

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	kyaml "k8s.io/apimachinery/pkg/util/yaml"
)

// Part is one document of a text, or what cannot be one.
type Part struct {
	// Start and End are offsets into the text, in UTF-16 code units, which is
	// how the host counts.
	Start int `json:"start"`
	End   int `json:"end"`
	// Line is the line on which the part begins, counted from 1.
	Line int `json:"line"`
	// JSON says that kubectl reads the part as JSON rather than as YAML.
	JSON bool `json:"json,omitempty"`
	// Mistake says why nothing can be read from the part.
	Mistake string `json:"mistake,omitempty"`
	// MistakeLine is where it is.
	MistakeLine int `json:"mistakeLine,omitempty"`
}

// guessed is how far kubectl looks for the brace of a JSON text
// (StreamVisitor of k8s.io/cli-runtime/pkg/resource).
const guessed = 4096

// Split cuts a text where kubectl does, which is where YAMLOrJSONDecoder and
// YAMLReader of k8s.io/apimachinery/pkg/util/yaml do. Those tell no positions,
// stop at the first mistake and take ten times as long; FuzzRead holds this to
// them. What follows a mistake is cut as if it had not been there.
func Split(text string) []Part {
	s := splitter{text: text, line: 1}
	if kyaml.IsJSONBuffer([]byte(text[:min(len(text), guessed)])) && s.json() {
		return s.parts
	}
	s.yaml()
	return s.parts
}

type splitter struct {
	text  string
	parts []Part
	// at is the offset in bytes of what is not cut yet; units and line are the
	// same place in UTF-16 code units and in lines.
	at, units, line int
}

// advance moves to the offset in bytes.
func (s *splitter) advance(to int) {
	passed := s.text[s.at:to]
	s.line += strings.Count(passed, "\n")
	s.units += len(passed)
	for i := range len(passed) {
		// Of each character in UTF-8, its first byte counts; those of four bytes
		// are two units.
		if c := passed[i]; c >= utf8.RuneSelf {
			switch {
			case c < 0xc0:
				s.units--
			case c >= 0xf0:
				s.units++
			}
		}
	}
	s.at = to
}

// cut makes the text up to the offset a part.
func (s *splitter) cut(to int) *Part {
	s.parts = append(s.parts, Part{Start: s.units, Line: s.line})
	s.advance(to)
	part := &s.parts[len(s.parts)-1]
	part.End = s.units
	return part
}

// json cuts JSON values that stand one after the other. It says whether that
// was all: up to one value may be followed by YAML.
func (s *splitter) json() (all bool) {
	decoder := json.NewDecoder(strings.NewReader(s.text))
	for count := 0; ; count++ {
		var raw json.RawMessage
		err := decoder.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil && count <= 1 && s.skipSpace() {
			return false
		}
		if err != nil {
			part := s.cut(len(s.text))
			part.Mistake, part.MistakeLine = err.Error(), part.Line
			var syntax *json.SyntaxError
			if errors.As(err, &syntax) {
				end := min(int(syntax.Offset), len(s.text))
				part.MistakeLine = 1 + strings.Count(s.text[:end], "\n")
			}
			return true
		}
		s.cut(int(decoder.InputOffset())).JSON = true
	}
}

// skipSpace drops white space up to the end of the line, and says whether YAML
// may follow. It is consumeWhitespace, which needs four bytes to look at.
func (s *splitter) skipSpace() (yamlMayFollow bool) {
	for len(s.text)-s.at >= utf8.UTFMax {
		r, size := utf8.DecodeRuneInString(s.text[s.at:])
		if r == utf8.RuneError {
			return false
		}
		if !unicode.IsSpace(r) {
			return true
		}
		s.advance(s.at + size)
		if r == '\n' {
			return true
		}
	}
	return false
}

// yaml cuts documents between lines that begin with ---. One that begins a
// document belongs to it.
func (s *splitter) yaml() {
	for s.at < len(s.text) {
		begins, ends, found := s.separator(s.at)
		if found && begins == s.at && isSeparator(s.text[begins:ends]) {
			begins, ends, found = s.separator(ends)
		}
		switch {
		case !found:
			s.cut(len(s.text))
		case isSeparator(s.text[begins:ends]):
			s.cut(begins)
			s.advance(ends)
		default:
			rest := strings.TrimSpace(s.text[begins+len(separator) : ends])
			line := s.line + strings.Count(s.text[s.at:begins], "\n")
			part := s.cut(ends)
			part.Mistake, part.MistakeLine = "invalid Yaml document separator: "+rest, line
		}
	}
}

const separator = "---"

// separator finds the next line from the start of a line on that begins with ---.
func (s *splitter) separator(from int) (begins, ends int, found bool) {
	begins = from
	if !strings.HasPrefix(s.text[from:], separator) {
		next := strings.Index(s.text[from:], "\n"+separator)
		if next < 0 {
			return 0, 0, false
		}
		begins = from + next + 1
	}
	if length := strings.IndexByte(s.text[begins:], '\n'); length >= 0 {
		return begins, begins + length + 1, true
	}
	return begins, len(s.text), true
}

// isSeparator says whether nothing but a comment follows the dashes.
func isSeparator(line string) bool {
	rest := strings.TrimSpace(line[len(separator):])
	return rest == "" || rest[0] == '#'
}
