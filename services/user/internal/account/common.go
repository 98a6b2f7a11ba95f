package account

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/trustelem/zxcvbn/frequency"
)

// PasswordRules are what a new password has to be beyond what every password is.
// They hold for registrations; whoever is registered logs in as before.
type PasswordRules struct {
	// MinLength is the fewest characters, as NIST SP 800-63B-4 section 3.1.1.2
	// counts them: code points of the normalised text.
	MinLength int
	// RefuseCommon refuses what a guesser tries first.
	RefuseCommon bool
}

// Check returns an Error of code Invalid when the password breaks a rule.
func (p PasswordRules) Check(registration Registration) error {
	password := string(registration.Password.Normal())
	if got := utf8.RuneCountInString(password); got < p.MinLength {
		return invalid("password", "has %d characters; send at least %d", got, p.MinLength)
	}
	if p.RefuseCommon && isCommon(password, registration) {
		return invalid("password", "is among the first that a guesser tries: a common one, a repetition, or your own name or email; send another")
	}
	return nil
}

// common are some 30,000 passwords of leaks, in lower case.
var common = frequency.FrequencyLists["passwords"]

const shortUnit = 4

func isCommon(password string, registration Registration) bool {
	folded := fold(password)
	local, _, _ := cutLast(registration.Email, "@")
	for _, own := range []string{registration.Username, registration.Email, local} {
		if folded == fold(own) {
			return true
		}
	}
	unit := unitOf(folded)
	return slices.Contains(common, folded) || slices.Contains(common, unit) ||
		len(unit) < len(folded) && utf8.RuneCountInString(unit) <= shortUnit
}

// unitOf is the shortest text whose repetition the text is: itself, if it is none.
func unitOf(text string) string {
	// Where a text begins anew within its double, it repeats.
	return text[:strings.Index((text + text)[1:], text)+1]
}
