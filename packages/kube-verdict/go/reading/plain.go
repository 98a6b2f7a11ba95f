package reading

import (
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/yaml"
)

// plainJSON reads YAML as most manifests are written, some ten times as fast as
// the YAML reader that Kubernetes has: mappings and lists in block style, or in
// flow style on one line; plain scalars, and quoted ones without escapes; ASCII.
// It gives the bytes that yaml.YAMLToJSONStrict would, and gives up at the first
// thing outside of that: then Kubernetes' reader decides, as it does of every
// plain scalar that may be something else than text. FuzzPlain holds it to that.
func plainJSON(text string) (json []byte, ok bool) {
	for i := range len(text) {
		if c := text[i]; (c < ' ' && c != '\n') || c > '~' {
			return nil, false
		}
	}
	if line, rest, _ := strings.Cut(text, "\n"); strings.TrimRight(line, " ") == separator {
		text = rest
	}
	p := plainReader{rest: text, out: make([]byte, 0, len(text)+len(text)/2)}
	p.next()
	if p.indent != 0 || !p.block() || p.indent != end {
		return nil, false
	}
	return p.out, true
}

type plainReader struct {
	// rest is what follows the current line.
	rest string
	// indent and text are those of the current line.
	indent int
	text   string
	depth  int
	out    []byte
	// members are those of the mappings that are being read, outer ones first.
	members []plainMember
	scratch []byte
}

// plainMember is what out has of a member: its key, value and a comma.
type plainMember struct {
	key        string
	start, end int
}

const (
	// end is the indentation behind the last line.
	end = -1
	// mostPlainDepth and longestPlainKey are far from where YAML's own limits are.
	mostPlainDepth  = 50
	longestPlainKey = 200
)

// next goes to the next line that is neither empty nor a comment.
func (p *plainReader) next() {
	for p.rest != "" {
		line, rest, _ := strings.Cut(p.rest, "\n")
		p.rest = rest
		if text := strings.TrimLeft(line, " "); !isBlank(text) {
			p.indent, p.text = len(line)-len(text), text
			return
		}
	}
	p.indent, p.text = end, ""
}

// isBlank says of text without spaces before it whether it says nothing.
func isBlank(text string) bool { return text == "" || text[0] == '#' }

func isItem(text string) bool {
	return text == "-" || strings.HasPrefix(text, "- ")
}

// block reads the mapping or list that begins at the current line, up to a line
// that does not go on with it. If nothing around it goes on there either, reading
// ends before the last line, and plainJSON gives up.
func (p *plainReader) block() (ok bool) {
	if p.depth++; p.depth > mostPlainDepth {
		return false
	}
	if isItem(p.text) {
		ok = p.list(p.indent)
	} else {
		ok = p.mapping(p.indent)
	}
	p.depth--
	return ok
}

func (p *plainReader) list(indent int) (ok bool) {
	p.out = append(p.out, '[')
	for p.indent == indent && isItem(p.text) {
		after := strings.TrimLeft(p.text[1:], " ")
		switch {
		case isBlank(after):
			p.next()
			ok = p.blockOrNull(p.indent > indent)
		case isItem(after) || keyLength(after) > 0:
			p.indent, p.text = indent+len(p.text)-len(after), after
			ok = p.block()
		default:
			ok = p.value(after)
		}
		if !ok {
			return false
		}
		p.out = append(p.out, ',')
	}
	p.out[len(p.out)-1] = ']'
	return true
}

func (p *plainReader) mapping(indent int) (ok bool) {
	start, first := p.begin()
	for p.indent == indent {
		length := keyLength(p.text)
		if length == 0 {
			return false
		}
		p.key(p.text[:length])
		if after := strings.TrimLeft(p.text[length+1:], " "); isBlank(after) {
			p.next()
			// The items of a list may stand right under the key.
			ok = p.blockOrNull(p.indent > indent || p.indent == indent && isItem(p.text))
		} else {
			ok = p.value(after)
		}
		if !ok {
			return false
		}
		p.out = append(p.out, ',')
	}
	return p.finish(start, first)
}

func (p *plainReader) blockOrNull(isBlock bool) bool {
	if isBlock {
		return p.block()
	}
	p.out = append(p.out, "null"...)
	return true
}

// value reads what stands behind a key or dash, to the end of the line.
func (p *plainReader) value(text string) (ok bool) {
	rest := ""
	switch text[0] {
	case '{', '[', '"', '\'':
		rest, ok = p.flow(text)
	default:
		text, _, _ = strings.Cut(text, " #")
		text = strings.TrimRight(text, " ")
		ok = !strings.Contains(text, ": ") && p.scalar(text)
	}
	if !ok || rest != "" && (rest[0] != ' ' || !isBlank(strings.TrimLeft(rest, " "))) {
		return false
	}
	p.next()
	return true
}

// flow reads a value of flow style, and returns what follows it on the line.
func (p *plainReader) flow(text string) (rest string, ok bool) {
	if text == "" || p.depth >= mostPlainDepth {
		return "", false
	}
	switch quote := text[0]; quote {
	case '{', '[':
		p.depth++
		if quote == '{' {
			rest, ok = p.flowMapping(text[1:])
		} else {
			rest, ok = p.flowList(text[1:])
		}
		p.depth--
		return rest, ok
	case '"', '\'':
		length := strings.IndexByte(text[1:], quote)
		if length < 0 {
			return "", false
		}
		content, rest := text[1:1+length], text[length+2:]
		if quote == '"' && strings.IndexByte(content, '\\') >= 0 || rest != "" && rest[0] == quote {
			return "", false
		}
		p.string(content)
		return rest, true
	}
	length := 0
	for length < len(text) && (isWord(text[length]) || strings.IndexByte(":@%=+", text[length]) >= 0) {
		length++
	}
	return text[length:], length > 0 && p.scalar(text[:length])
}

func (p *plainReader) flowMapping(text string) (rest string, ok bool) {
	start, first := p.begin()
	for text = strings.TrimLeft(text, " "); ; {
		if text != "" && text[0] == '}' && len(p.members) == first {
			return text[1:], p.finish(start, first)
		}
		length := keyLength(text)
		if length == 0 {
			return "", false
		}
		p.key(text[:length])
		more := false
		if text, more, ok = p.flowItem(text[length+1:], '}'); !ok {
			return "", false
		}
		if !more {
			return text, p.finish(start, first)
		}
	}
}

func (p *plainReader) flowList(text string) (rest string, ok bool) {
	p.out = append(p.out, '[')
	if text = strings.TrimLeft(text, " "); text != "" && text[0] == ']' {
		p.out = append(p.out, ']')
		return text[1:], true
	}
	for more := true; more; {
		if text, more, ok = p.flowItem(text, ']'); !ok {
			return "", false
		}
	}
	p.out[len(p.out)-1] = ']'
	return text, true
}

// flowItem reads a value and the comma or bracket behind it.
func (p *plainReader) flowItem(text string, bracket byte) (rest string, more, ok bool) {
	if rest, ok = p.flow(strings.TrimLeft(text, " ")); !ok {
		return "", false, false
	}
	p.out = append(p.out, ',')
	if rest = strings.TrimLeft(rest, " "); rest == "" || rest[0] != ',' && rest[0] != bracket {
		return "", false, false
	}
	if rest[0] == ',' {
		return strings.TrimLeft(rest[1:], " "), true, true
	}
	return rest[1:], false, true
}

// begin begins a mapping: it returns what finish needs to know.
func (p *plainReader) begin() (start, first int) {
	p.out = append(p.out, '{')
	return len(p.out), len(p.members)
}

// key begins a member. The one before it ends there.
func (p *plainReader) key(key string) {
	p.members = append(p.members, plainMember{key: key, start: len(p.out)})
	p.string(key)
	p.out = append(p.out, ':')
}

// finish sorts the members of a mapping, as Go writes maps. A key that is given
// twice is not for this reader.
func (p *plainReader) finish(start, first int) (ok bool) {
	members := p.members[first:]
	p.members = p.members[:first]
	if len(members) == 0 {
		p.out = append(p.out, '}')
		return true
	}
	for i := range members {
		members[i].end = len(p.out)
		if i+1 < len(members) {
			members[i].end = members[i+1].start
		}
	}
	byKey := func(a, b plainMember) int { return strings.Compare(a.key, b.key) }
	if !slices.IsSortedFunc(members, byKey) {
		slices.SortFunc(members, byKey)
		p.scratch = append(p.scratch[:0], p.out[start:]...)
		p.out = p.out[:start]
		for _, m := range members {
			p.out = append(p.out, p.scratch[m.start-start:m.end-start]...)
		}
	}
	for i := 1; i < len(members); i++ {
		if members[i].key == members[i-1].key {
			return false
		}
	}
	p.out[len(p.out)-1] = '}'
	return true
}

// scalar writes what a plain scalar is.
func (p *plainReader) scalar(text string) (ok bool) {
	if text == "" || text[len(text)-1] == ':' {
		return false
	}
	switch c := text[0]; {
	case isDigit(c):
		return p.resolved(text)
	case isLetter(c):
		if mayBeWord(text) {
			return p.resolved(text)
		}
	case c == '-':
		// No number, and no indicator of a list.
		if name := strings.TrimPrefix(text[1:], "-"); name == "" || !isLetter(name[0]) {
			return false
		}
	case c != '/' && c != '_' && c != '$' && c != '(':
		return false
	}
	p.string(text)
	return true
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isWord(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '-' || c == '/'
}

// mayBeWord says of text that begins with a letter whether it may be one of the
// words that are no text: yes, off, null, False and the like.
func mayBeWord(text string) bool {
	return len(text) <= len("false") && strings.IndexByte("yntfo", text[0]|0x20) >= 0
}

// keyLength is the length of the key that text begins with, 0 if of none.
func keyLength(text string) int {
	length := 0
	for length < len(text) && isWord(text[length]) {
		length++
	}
	if length == 0 || length > longestPlainKey || length == len(text) || text[length] != ':' ||
		length+1 < len(text) && text[length+1] != ' ' || !isLetter(text[0]) {
		return 0
	}
	if key := text[:length]; mayBeWord(key) && resolve(key) != `"`+key+`"` {
		return 0
	}
	return length
}

// string writes text as encoding/json does.
func (p *plainReader) string(text string) {
	const hex = "0123456789abcdef"
	p.out = append(p.out, '"')
	written := 0
	for i := range len(text) {
		switch c := text[i]; c {
		case '"', '\\':
			p.out = append(append(p.out, text[written:i]...), '\\', c)
		case '<', '>', '&':
			p.out = append(append(p.out, text[written:i]...), '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			continue
		}
		written = i + 1
	}
	p.out = append(append(p.out, text[written:]...), '"')
}

func (p *plainReader) resolved(text string) (ok bool) {
	json := resolve(text)
	p.out = append(p.out, json...)
	return json != ""
}

var known struct {
	sync.Mutex
	scalars map[string]string
}

// mostKnown are kept: manifests have the same numbers and words again and again.
const mostKnown = 1000

// resolve asks Kubernetes' reader what a plain scalar is; its JSON, empty if that is none.
func resolve(text string) string {
	known.Lock()
	defer known.Unlock()
	json, found := known.scalars[text]
	if !found {
		if raw, err := yaml.YAMLToJSONStrict([]byte(text)); err == nil {
			json = string(raw)
		}
		if known.scalars == nil || len(known.scalars) >= mostKnown {
			known.scalars = map[string]string{}
		}
		known.scalars[strings.Clone(text)] = json
	}
	return json
}
