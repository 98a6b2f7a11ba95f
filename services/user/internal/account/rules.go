package account

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
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
	if err := checkVisible("username", r.Username, zeroWidthNonJoiner, zeroWidthJoiner, textStyle, emojiStyle); err != nil {
		return err
	}
	if err := checkText("email", r.Email, MaxEmail); err != nil {
		return err
	}
	if err := checkVisible("email", r.Email); err != nil {
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

// checkVisible refuses characters that nobody sees, and which make one name or
// email look like another: controls, those that turn the direction of text,
// separators of lines, and what Unicode has fonts ignore by default.
func checkVisible(field, value string, except ...rune) error {
	for _, r := range value {
		if isInvisible(r) && !slices.Contains(except, r) {
			return invalid(field, "holds U+%04X, which nobody sees; remove it", r)
		}
	}
	return nil
}

func isInvisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// Scripts and pictures are composed by these, which turn nothing around.
const (
	zeroWidthNonJoiner, zeroWidthJoiner = '\u200c', '\u200d'
	textStyle, emojiStyle               = '\ufe0e', '\ufe0f'
)

// Most bytes of an email's parts (RFC 5321 section 4.5.3.1, of UTF-8 by RFC 6531
// section 3.3; the domain as it stands in DNS, by RFC 1035 section 2.3.4).
const (
	maxLocal  = 64
	maxDomain = 253
)

// domains takes what may stand in DNS (RFC 5891 and 5893, STD 3).
var domains = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.CheckJoiners(true),
	idna.ValidateLabels(true), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// checkEmail asks for something@something without blanks. Whether mail arrives
// there only sending one can tell (RFC 5321 section 3.5.3 says as much).
func checkEmail(email string) error {
	local, domain, _ := strings.Cut(email, "@")
	if local == "" || domain == "" || strings.Contains(domain, "@") || strings.ContainsFunc(email, unicode.IsSpace) {
		return invalid("email", "is not of the form name@domain without blanks; send one such address")
	}
	if got := len(norm.NFC.String(local)); got > maxLocal {
		return invalid("email", "has %d bytes of UTF-8 before the @; send at most %d", got, maxLocal)
	}
	ascii, err := domains.ToASCII(domain)
	if err != nil || len(ascii) > maxDomain || strings.HasSuffix(ascii, ".") {
		return invalid("email", "has a domain that cannot be in DNS; send labels of letters, digits and hyphens, at most 63 characters each in Punycode, with a dot between them")
	}
	return nil
}
