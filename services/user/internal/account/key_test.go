package account

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

func TestGivesAllSpellingsOfAnEmailOneKey(t *testing.T) {
	for _, spellings := range [][]string{
		{"victim@x.com", "VICTIM@X.COM", "Victim@x.Com", "victim@x.com."},
		{"résumé@x.com", "re\u0301sume\u0301@x.com", "RÉSUMÉ@X.COM"},
		{"a@exämple.com", "a@exa\u0308mple.com", "A@EXÄMPLE.COM", "a@xn--exmple-cua.com", "a@XN--EXMPLE-CUA.com", "a@ｅxämple。com"},
		{"οδος@x.gr", "ΟΔΟΣ@X.GR"},
		{"a@straße.de", "a@xn--strae-oqa.de"},
		{"İvan@x.com", "I\u0307van@x.com"},
	} {
		for _, spelling := range spellings {
			if got, promised := Key(spelling), Key(spellings[0]); got != promised {
				t.Errorf("Key(%+q) is %+q; promised %+q as for %+q", spelling, got, promised, spellings[0])
			}
		}
	}
}

func TestGivesDifferentEmailsDifferentKeys(t *testing.T) {
	emails := []string{
		"victim@x.com", "victim@x.com ", " victim@x.com", "victim@x.com\t", "victim @x.com", "victim", "victim@", "@x.com", "",
		"resume@x.com", "résumé@x.com", "straße@x.com", "strasse@x.com", "a@straße.de", "a@strasse.de",
		"ivan@x.com", "İvan@x.com", "ıvan@x.com", "a@b@x.com", "a@bx.com", "a\x00@x.com", "a@x.com\x00", "a@x..com", "a@x.com..",
		strings.Repeat("ü", 400) + "@x.com", strings.Repeat("ü", 401) + "@x.com",
	}
	seen := map[string]string{}
	for _, email := range emails {
		key := Key(email)
		if other, taken := seen[key]; taken {
			t.Errorf("%+q and %+q have one key", email, other)
		}
		seen[key] = email
	}
}

// respell writes an email in another way that means the same, chosen by bits.
func respell(email string, bits uint64) string {
	next := func() bool {
		bit := bits&1 == 1
		bits = bits>>1 | bits<<63
		return bit
	}
	local, domain, _ := cutLast(email, "@")
	turn := func(text string) string {
		if next() {
			text = norm.NFD.String(text)
		}
		return strings.Map(func(r rune) rune {
			// A letter that has one capital, whose small letter it is.
			if upper := unicode.ToUpper(r); next() && r != 'ς' && unicode.ToLower(upper) == r && unicode.SimpleFold(r) == upper && unicode.SimpleFold(upper) == r {
				return upper
			}
			return r
		}, text)
	}
	if next() {
		if ascii, err := idna.Lookup.ToASCII(domain); err == nil {
			domain = ascii
		}
	}
	return turn(local) + "@" + turn(domain)
}

func FuzzKeyIsOneForAllSpellings(f *testing.F) {
	for _, seed := range []string{"ada@example.com", "résumé@exämple.com", "οδος@x.gr", "ǆ@x", "İ@İ", "ﬀ@ﬀ", "ͅ@ͅ", "a@xn--a", "Σ@Σ", "艾达@例子.中国", "\u0345\u0301@x"} {
		f.Add(seed, uint64(0x5a5a5a5a5a5a5a5a))
	}
	f.Fuzz(func(t *testing.T, email string, bits uint64) {
		if len(email) > 4*MaxEmail {
			return // no email is so long, and Punycode takes its time for it
		}
		key := Key(email)
		if len(key) > MaxKey {
			t.Fatalf("the key of %+q has %d bytes", email, len(key))
		}
		if again := Key(key); again != key {
			t.Fatalf("the key of %+q is %+q, and its own key %+q", email, key, again)
		}
		registration := Registration{Username: "u", Email: email, Password: "password"}
		if registration.Validate() != nil {
			return
		}
		if other := respell(email, bits); Key(other) != key {
			t.Fatalf("the key of %+q is %+q; that of its other spelling %+q is %+q", email, key, other, Key(other))
		}
	})
}

func FuzzNormalPasswordIsItsOwnNormalForm(f *testing.F) {
	for _, seed := range []string{"pass", "pa\u0308ss", "tab\té", "\u00a0", "👨\u200d👩", "한글", "\u1100\u1161", "\u0345\u0301", "ｆｕｌｌ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, sent string) {
		if len(sent) > 4*MaxPassword || checkLength("password", sent, MaxPassword) != nil {
			return
		}
		normal := Password(sent).Normal()
		if again := normal.Normal(); again != normal {
			t.Fatalf("the normal form of %+q is %+q, and its own %+q", sent, string(normal), string(again))
		}
		if decomposed := Password(norm.NFD.String(sent)).Normal(); decomposed != normal {
			t.Fatalf("%+q is %+q, and decomposed %+q", sent, string(normal), string(decomposed))
		}
	})
}
