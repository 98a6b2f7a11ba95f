package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"unicode/utf8"

	"user/internal/account"
)

func post(contentType string, body []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/login", bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	r.Body = http.MaxBytesReader(httptest.NewRecorder(), r.Body, bodyLimit)
	return r
}

// promiseReadable fails unless decoding ends in fields or in an error with a
// status of the table; and what passes the rules is text that can be stored.
func promiseReadable(t *testing.T, fields map[string]string, err error) {
	t.Helper()
	if err != nil {
		var unreadable *requestError
		if !errors.As(err, &unreadable) || unreadable.status < 400 || unreadable.status > 499 || unreadable.message == "" {
			t.Fatalf("the error is not one for the client: %v", err)
		}
		return
	}
	registration := account.Registration{Username: fields["username"], Email: fields["email"], Password: account.Password(fields["password"])}
	if registration.Validate() != nil {
		return
	}
	for _, value := range fields {
		if value == "" {
			continue
		}
		if known := value == registration.Username || value == registration.Email || value == string(registration.Password); known && !utf8.ValidString(value) {
			t.Fatalf("%q passed and is not UTF-8", value)
		}
	}
	if utf8.RuneCountInString(registration.Email) > account.MaxEmail || utf8.RuneCountInString(registration.Username) > account.MaxUsername {
		t.Fatalf("%q, %q passed and are too long", registration.Username, registration.Email)
	}
}

func FuzzDecodesAnyJSONBody(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `null`, `{"email":"a@b","password":"p"}`, `{"email":"a@b","email":"c@d"}`, `{"email":{"a":[1,2,{}]}}`,
		`{"username":"\ud800","email":"\u0000@b","password":"\ufffd"}`, `{"a":1}{"b":2}`, `{"x":1e400,"email":"a@b","password":"pass"}`, "{\"email\":\"\xff\"}", `{"email":"a@b",}`, `{"email"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, err := newBodies().decode(post("application/json", body))
		promiseReadable(t, fields, err)
		// Whatever encoding/json reads as an object of strings is read the same here.
		var strings map[string]string
		if err == nil && json.Unmarshal(body, &strings) == nil {
			for name := range known {
				if strings[name] != fields[name] {
					t.Fatalf("%s was read as %q; encoding/json reads %q", name, fields[name], strings[name])
				}
			}
		}
	})
}

func FuzzDecodesAnyForm(f *testing.F) {
	for _, seed := range []string{"", "email=a%40b&password=p", "email=a&email=b", "%zz=1", "a;b", "email=%ff", "=&=&", "email=%00&password=+"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		fields, err := newBodies().decode(post("application/x-www-form-urlencoded", body))
		promiseReadable(t, fields, err)
	})
}

func FuzzReadsBackTheFormItIsSent(f *testing.F) {
	f.Add("ada", "ada@example.com", "p&=% +")
	f.Fuzz(func(t *testing.T, username, email, password string) {
		body := url.Values{"username": {username}, "email": {email}, "password": {password}}.Encode()
		if len(body) > bodyLimit {
			return
		}
		fields, err := newBodies().decode(post("application/x-www-form-urlencoded", []byte(body)))
		if err != nil || fields["username"] != username || fields["email"] != email || fields["password"] != password {
			t.Fatalf("sent %q, %q, %q; read %q, %v", username, email, password, fields, err)
		}
	})
}

func FuzzTakesOnlyItsMediaTypes(f *testing.F) {
	for _, seed := range []string{"application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/json", ";", "application/json; charset", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, contentType string) {
		fields, err := newBodies().decode(post(contentType, []byte("{}")))
		promiseReadable(t, fields, err)
	})
}
