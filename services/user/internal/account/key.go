package account

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// MaxKey is the most bytes that a Key has: what the index of every supported
// server takes in any row format.
const MaxKey = 767

// Key is what all spellings of one email have in common: two emails are of one
// account if and only if their keys are the same bytes. The table's unique
// index, the lock and the throttle all go by it.
//
// The local part is in normal form C (RFC 6532 section 3.1) and without regard
// to case; the domain is as it stands in DNS, in lower case and Punycode
// (RFC 5891). Any text has a key, also what Validate would not take: the
// lesson's service registered any.
func Key(email string) string {
	local, domain, isEmail := cutLast(email, "@")
	key := fold(local)
	if isEmail {
		key += "@" + domainKey(domain)
	}
	if len(key) > MaxKey {
		digest := sha256.Sum256([]byte(key))
		return "sha256:" + hex.EncodeToString(digest[:])
	}
	return key
}

// KeyDigest stands for a key where the email itself is nobody's business.
func KeyDigest(key string) string {
	digest := sha256.Sum256([]byte(key))
	return hex.EncodeToString(digest[:16])
}

// cutLast is strings.Cut at the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

// fold is text in normal form C and lower case, in which folding it again
// changes nothing.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	for range 4 { // twice is enough for all that was tried
		folded := norm.NFC.String(cases.Lower(language.Und).String(norm.NFC.String(text)))
		if folded == text {
			break
		}
		text = folded
	}
	return text
}

// dns maps a domain as a client looks it up, and takes whatever can be mapped.
var dns = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false), idna.ValidateLabels(false))

func domainKey(domain string) string {
	mapped, err := dns.ToASCII(domain)
	if err != nil {
		domain = fold(domain) // IDNA has capitals that it maps to nothing
		if mapped, err = dns.ToASCII(domain); err != nil {
			mapped = domain
		}
	}
	// The root may be written or not.
	if bare, rooted := strings.CutSuffix(mapped, "."); rooted && bare != "" && !strings.HasSuffix(bare, ".") {
		return bare
	}
	return mapped
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
