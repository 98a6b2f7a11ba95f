// Package account holds what a user of the service is and the two things that
// one can do: register and log in. It knows neither HTTP nor SQL nor Redis; the
// packages of those technologies implement its interfaces.
package account

import (
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	"golang.org/x/text/secure/precis"
	"golang.org/x/text/unicode/norm"
)

// User is a registered user as others may see it.
type User struct {
	ID       int64
	Username string
	Email    string
}

// Record is a stored user together with its stored password: an argon2id hash
// in PHC string format, or the plain text that the lesson's service wrote.
type Record struct {
	User
	StoredPassword string
}

// Registration is what a client sends to register.
type Registration struct {
	Username string
	Email    string
	Password Password
}

// Credentials are what a client sends to log in.
type Credentials struct {
	Email    string
	Password Password
}

// Attempt says who is trying: the client's address and the Key of the email
// that is tried. The throttle counts by it.
type Attempt struct {
	Address netip.Addr
	Key     string
}

// Password is a password as a client sent it. Whatever formats, logs or
// marshals it sees only a mask; the text itself is reached by string(p).
type Password string

const mask = "[password]"

var (
	_ fmt.Formatter  = Password("")
	_ slog.LogValuer = Password("")
)

// Normal is the password as it is hashed, whatever keyboard it was typed on:
// prepared by the profile OpaqueString (RFC 8265 section 4.2). What the profile
// disallows, such as a tab or the joiner of an emoji, is taken all the same.
func (p Password) Normal() Password {
	if normal, err := precis.OpaqueString.String(string(p)); err == nil {
		return Password(normal)
	}
	return Password(norm.NFC.String(string(p)))
}

// Format writes the mask for every verb.
func (Password) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, mask) }

// LogValue is the mask.
func (Password) LogValue() slog.Value { return slog.StringValue(mask) }

// MarshalText is the mask, for encoding/json and its like.
func (Password) MarshalText() ([]byte, error) { return []byte(mask), nil }
