package main

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"user/internal/testservers"
)

func TestLogsInWithOnePasswordHoweverAKeyboardComposesIt(t *testing.T) {
	service := startReady(t, servers(t))
	for _, spellings := range [][]string{
		{norm.NFC.String("pässwörd"), norm.NFD.String("pässwörd")},
		{norm.NFD.String("한글 비밀번호"), norm.NFC.String("한글 비밀번호")},
		{"no\u00a0break", "no break", "no\u3000break"},
		{"tab\tand " + norm.NFD.String("é"), "tab\tand " + norm.NFC.String("é")},
		{"👨\u200d👩\u200d👧 family"},
	} {
		email := unique()
		service.mustRegister(t, email, spellings[0])
		for _, spelling := range spellings {
			service.mustLogin(t, email, spelling)
		}
		if got, err := service.login(email, strings.ToUpper(spellings[0])+"!"); err != nil || got.status != http.StatusUnauthorized {
			t.Errorf("another password than %+q: %s %v; promised 401", spellings[0], got, err)
		}
	}
}

func TestRehashesAPasswordThatWasHashedAsItWasSent(t *testing.T) {
	env := servers(t)
	service := startReady(t, env)
	sent := norm.NFD.String("pässwörd")
	hashed, plain := unique(), unique()
	for email, stored := range map[string]string{ // as the version before and the lesson's service wrote them
		hashed: "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(sent), []byte("somesalt"), 1, 8, 1, 32)),
		plain:  sent,
	} {
		service.mustRegister(t, email, "pass")
		if _, err := testservers.MySQL(t).Open(t, env["MYSQL_DATABASE"]).Exec("UPDATE user SET password = ? WHERE email = ?", stored, email); err != nil {
			t.Fatal(err)
		}
		if got, err := service.login(email, norm.NFD.String("pässwort")); err != nil || got.status != http.StatusUnauthorized {
			t.Errorf("another password: %s %v; promised 401", got, err)
		}
		service.mustLogin(t, email, sent)
		if after := storedPassword(t, env, email); after == stored || !strings.HasPrefix(after, "$argon2id$") {
			t.Errorf("the stored password is still %q", after)
		}
		service.mustLogin(t, email, norm.NFC.String(sent))
		service.mustLogin(t, email, sent)
	}
}

func TestRegistersOneOfAllSpellingsOfAnEmail(t *testing.T) {
	service := startReady(t, servers(t))
	tail := strings.TrimSuffix(unique(), "@example.com")
	for _, spellings := range [][]string{
		{"résumé" + tail + "@x.com", norm.NFD.String("résumé") + tail + "@x.com"},
		{tail + "@bücher.example", tail + "@xn--bcher-kva.example"},
		{tail + "@例子.中国", tail + "@xn--fsqu00a.xn--fiqs8s"},
	} {
		service.mustRegister(t, spellings[0], "pass")
		for _, spelling := range spellings[1:] {
			if got, err := service.register(spelling, "pass"); err != nil || got.status != http.StatusConflict {
				t.Errorf("%+q after %+q: %s %v; promised 409", spelling, spellings[0], got, err)
			}
			if got := service.mustLogin(t, spelling, "pass"); got.Email != spellings[0] {
				t.Errorf("%+q logs in as %+q", spelling, got.Email)
			}
		}
	}
}

func TestRegistersNoNameOrEmailThatLooksLikeAnother(t *testing.T) {
	service := startReady(t, servers(t))
	for name, r := range map[string]rune{
		"a zero width space": '\u200b', "a byte order mark": '\ufeff', "a word joiner": '\u2060', "a soft hyphen": '\u00ad',
		"a right-to-left override": '\u202e', "a left-to-right mark": '\u200e', "a directional isolate": '\u2066',
		"a line separator": '\u2028', "a paragraph separator": '\u2029', "a next line": '\u0085', "a C1 control": '\u009b',
		"a combining grapheme joiner": '\u034f', "a Hangul filler": '\u3164', "a tag": '\U000e0061',
	} {
		email := unique()
		for field, body := range map[string]string{
			"email":    form("username", "ada", "email", "a"+string(r)+email, "password", "pass"),
			"username": form("username", "ad"+string(r)+"a", "email", email, "password", "pass"),
		} {
			got := service.mustSend(t, "POST", "/register", formType, body)
			if got.status != http.StatusBadRequest || !strings.Contains(got.body, field+" holds ") && !strings.Contains(got.body, "without blanks") {
				t.Errorf("%s in the %s: %s; promised 400", name, field, got)
			}
		}
	}
	for _, username := range []string{"می\u200cخواهم", "❤\ufe0f", "👨\u200d👩\u200d👧", "Ωμέγα", "艾达"} {
		if got := service.mustSend(t, "POST", "/register", formType, form("username", username, "email", unique(), "password", "pass")); got.status != http.StatusOK {
			t.Errorf("the name %+q: %s; promised 200", username, got)
		}
	}
	// Who registered one before still logs in.
	if got, err := service.login("a\u200b"+unique(), "pass"); err != nil || got.status != http.StatusUnauthorized {
		t.Errorf("a login with a zero width space: %s %v; promised 401", got, err)
	}
}

func TestHoldsEmailsToTheirLengthsAndDomainsToDNS(t *testing.T) {
	service := startReady(t, servers(t))
	tail := strings.TrimSuffix(unique(), "@example.com")[5:]
	local := func(size int) string { return tail + strings.Repeat("a", size-len(tail)) }
	for email, status := range map[string]int{
		local(64) + "@x.com":                                200,
		local(65) + "@x.com":                                400,
		local(50) + strings.Repeat("é", 7) + "@x.com":       200, // 64 bytes
		local(51) + strings.Repeat("é", 7) + "@x.com":       400,
		local(51) + strings.Repeat("e\u0301", 6) + "@x.com": 200, // 63 bytes once composed
		tail + "@" + strings.Repeat("d", 63) + ".com":       200,
		tail + "@" + strings.Repeat("d", 64) + ".com":       400,
		tail + "@" + strings.Repeat("ü", 60) + ".com":       400, // more than 63 in Punycode
		tail + "@x..com":                                    400,
		tail + "@.com":                                      400,
		tail + "@x.com.":                                    400,
		tail + "@-x.com":                                    400,
		tail + "@x_y.com":                                   400,
		tail + "@x,y.com":                                   400,
		tail + "@xn--a.de":                                  400, // no Punycode
		tail + "@أa.com":                                    400, // both directions in one label
		tail + "@localhost":                                 200,
		tail + "@مثال.إختبار":                               200,
	} {
		got, err := service.register(email, "pass")
		if err != nil || got.status != status || status == 400 && !strings.Contains(got.body, "email ") {
			t.Errorf("%+q: %s %v; promised %d", email, got, err, status)
		}
	}
}

func TestTakesThePasswordsThatItsRulesAllow(t *testing.T) {
	env := servers(t)
	byDefault := startReady(t, env)
	strict := startReady(t, env.with("PASSWORD_MIN_LENGTH", "15", "COMMON_PASSWORDS", "refuse"))
	refusing := startReady(t, env.with("COMMON_PASSWORDS", "refuse"))
	for _, row := range []struct {
		service        *instance
		username, with string
		says           string // "" when it is taken
	}{
		{byDefault, "ada", "p", "has 1 characters; send at least 3"},
		{byDefault, "ada", "pq", "has 2 characters; send at least 3"},
		{byDefault, "ada", "e\u0301\u0300", "has 2 characters"}, // é and a grave accent
		{byDefault, "ada", "艾达的", ""},
		{byDefault, "ada", "123456", ""},
		{refusing, "ada", "123456", "first that a guesser tries"},
		{refusing, "ada", "PassWord", "first that a guesser tries"},
		{refusing, "ada", "dragondragondragon", "first that a guesser tries"},
		{refusing, "ada", "xqxqxqxqxq", "first that a guesser tries"},
		{refusing, "ada", "ååååååååå", "first that a guesser tries"},
		{refusing, "Ada Lovelace", "ada lovelace", "first that a guesser tries"},
		{refusing, "ada", "no such horse", ""},
		{strict, "ada", "fourteen chars", "has 14 characters; send at least 15"},
		{strict, "ada", "1qaz2wsx3edc4rfv", "first that a guesser tries"},
		{strict, "ada", "fifteen letters", ""},
	} {
		got := row.service.mustSend(t, "POST", "/register", jsonType, object("username", row.username, "email", unique(), "password", row.with))
		if row.says == "" && got.status != http.StatusOK || row.says != "" && (got.status != http.StatusBadRequest || !strings.Contains(got.body, "password ") || !strings.Contains(got.body, row.says)) {
			t.Errorf("%q: %s; promised %q", row.with, got, row.says)
		}
	}
	email := unique()
	got := refusing.mustSend(t, "POST", "/register", jsonType, object("username", "ada", "email", email, "password", strings.ToUpper(email)))
	if got.status != http.StatusBadRequest {
		t.Errorf("the email as password: %s; promised 400", got)
	}
	// Who registered before keeps logging in.
	byDefault.mustRegister(t, email, "123456")
	strict.mustLogin(t, email, "123456")
	if got, err := strict.login(email, "p"); err != nil || got.status != http.StatusUnauthorized {
		t.Errorf("a login with a short password: %s %v; promised 401", got, err)
	}
}
