package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"unicode/utf8"
)

// bodyLimit is the most bytes that a request body may have.
const bodyLimit = 64 << 10

// requestError is a request that cannot be read, and the status that says so.
type requestError struct {
	status  int
	message string
}

func (e *requestError) Error() string { return e.message }

func malformed(format string, values ...any) *requestError {
	return &requestError{http.StatusBadRequest, fmt.Sprintf(format, values...)}
}

var errMediaType = &requestError{http.StatusUnsupportedMediaType,
	"the body must be application/x-www-form-urlencoded or application/json, in UTF-8 and not compressed; set Content-Type"}

// decode reads the body's fields, form-encoded or JSON. Values stand as they
// were sent; fields that the API does not know are left to the caller to ignore.
func (b *bodies) decode(r *http.Request) (map[string]string, error) {
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || r.Header.Get("Content-Encoding") != "" {
		return nil, errMediaType
	}
	if charset, given := parameters["charset"]; given && !strings.EqualFold(charset, "utf-8") {
		return nil, errMediaType
	}
	var parse func([]byte) (map[string]string, error)
	switch mediaType {
	case "application/x-www-form-urlencoded":
		parse = parseForm
	case "application/json":
		parse = parseJSON
	default:
		return nil, errMediaType
	}
	body, done, err := b.read(r.Body, r.ContentLength)
	if err != nil {
		return nil, err
	}
	defer done()
	return parse(body)
}

func readError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &requestError{http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes; send less", tooLarge.Limit)}
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &requestError{http.StatusRequestTimeout, "the body did not arrive in time; send it faster"}
	}
	return malformed("the body could not be read to its end; send all of it")
}

func parseForm(body []byte) (map[string]string, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, malformed("the body is not form-encoded; encode it as name=value&name=value with %%-escapes")
	}
	fields := make(map[string]string, len(values))
	for name, sent := range values {
		if len(sent) > 1 && known[name] {
			return nil, malformed("%s is sent %d times; send it once", name, len(sent))
		}
		fields[name] = sent[0]
	}
	return fields, nil
}

// known are the names of the API's fields.
var known = map[string]bool{"username": true, "email": true, "password": true}

func parseJSON(body []byte) (map[string]string, error) {
	// encoding/json would put U+FFFD in place of what is not UTF-8.
	if !utf8.Valid(body) {
		return nil, malformed("the body is not valid UTF-8; encode it as UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // JSON has numbers of any size (RFC 8259 section 6)
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return nil, malformed("the body is not a JSON object; send one such as {\"email\":\"…\",\"password\":\"…\"}")
	}
	fields := make(map[string]string, len(known))
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errJSON
		}
		var value any
		if err := decoder.Decode(&value); err != nil {
			return nil, errJSON
		}
		key, _ := name.(string)
		if !known[key] {
			continue
		}
		text, isText := value.(string)
		if !isText {
			return nil, malformed("%s is not a JSON string; send a string", key)
		}
		if _, repeated := fields[key]; repeated {
			return nil, malformed("%s is sent more than once; send it once", key)
		}
		fields[key] = text
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("the body goes on after its JSON object; send the object alone")
	}
	return fields, nil
}

var errJSON = malformed("the body is not valid JSON; check its quotes, commas and escapes")
