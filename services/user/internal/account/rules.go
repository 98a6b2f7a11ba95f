package account

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Longest accepted values, in characters. Names and emails are bounded by the
// columns; passwords so that hashing one costs the same as hashing another.
const (
	MaxUsername = 100
	MaxEmail    = 100
	MaxPassword = 1024
)

// Validate returns an Error of code Invalid that names the first field that
// breaks a rule, the rule and what to change. It never quotes a value.
func (r Registration) Validate() error {
	if err := checkText("username", r.Username, MaxUsername); err != nil {
		return err
	}
	if err := checkText("email", r.Email, MaxEmail); err != nil {
		return err
	}
	if err := checkEmail(r.Email); err != nil {
		return err
	}
	return checkLength("password", string(r.Password), MaxPassword)
}

// Validate returns an Error of code Invalid like Registration.Validate. Any
// text passes as the email: the lesson's service registered any.
func (c Credentials) Validate() error {
	if err := checkText("email", c.Email, MaxEmail); err != nil {
		return err
	}
	return checkLength("password", string(c.Password), MaxPassword)
}

func invalid(field, rule string, values ...any) *Error {
	return &Error{Code: Invalid, Message: field + " " + fmt.Sprintf(rule, values...)}
}

func checkLength(field, value string, most int) error {
	if value == "" {
		return invalid(field, "is missing or empty; send 1 to %d characters", most)
	}
	if !utf8.ValidString(value) {
		return invalid(field, "is not valid UTF-8; encode it as UTF-8")
	}
	if strings.ContainsRune(value, utf8.RuneError) {
		return invalid(field, "holds U+FFFD, the mark of text that was decoded wrongly; encode it as UTF-8")
	}
	if got := utf8.RuneCountInString(value); got > most {
		return invalid(field, "has %d characters; send at most %d", got, most)
	}
	return nil
}

func checkText(field, value string, most int) error {
	if err := checkLength(field, value, most); err != nil {
		return err
	}
	if strings.ContainsFunc(value, isControl) {
		return invalid(field, "holds a control character; remove it")
	}
	return nil
}

// isControl is the ASCII controls, which no name or email needs and which
// would let a value break the lines of a terminal.
func isControl(r rune) bool { return r < 0x20 || r == 0x7f }

// checkEmail asks for something@something without blanks. Whether mail arrives
// there only sending one can tell (RFC 5321 section 3.5.3 says as much).
func checkEmail(email string) error {
	local, domain, _ := strings.Cut(email, "@")
	blank := func(r rune) bool { return r == ' ' || r >= 0x7f && r <= 0xa0 }
	if local == "" || domain == "" || strings.Contains(domain, "@") || strings.ContainsFunc(email, blank) {
		return invalid("email", "is not of the form name@domain without blanks; send one such address")
	}
	return nil
}
