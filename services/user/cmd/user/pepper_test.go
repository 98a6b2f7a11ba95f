package main

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"user/internal/testservers"
)

// pepper is a line of PASSWORD_PEPPER_FILE.
func pepper(id string, fill byte) string {
	return id + " " + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(fill), 32))) + "\n"
}

func TestMixesAPepperIntoHashesAndChangesItAsUsersLogIn(t *testing.T) {
	env := servers(t)
	pool := testservers.MySQL(t).Open(t, env["MYSQL_DATABASE"])
	email := unique()
	stored := func() (text string) {
		t.Helper()
		if err := pool.QueryRow("SELECT password FROM user WHERE email = ?", email).Scan(&text); err != nil {
			t.Fatal(err)
		}
		return text
	}
	with := func(peppers string) environment {
		t.Helper()
		file := filepath.Join(t.TempDir(), "peppers")
		if err := os.WriteFile(file, []byte(peppers), 0o600); err != nil {
			t.Fatal(err)
		}
		return env.with("PASSWORD_PEPPER_FILE", file)
	}
	first, second := pepper("2026a", 'a'), pepper("2026b", 'b')
	keyID := func(id string) string { return ",keyid=" + base64.RawStdEncoding.EncodeToString([]byte(id)) + "$" }

	startReady(t, env).mustRegister(t, email, "pass")
	if strings.Contains(stored(), "keyid") {
		t.Errorf("without a pepper %s is stored", stored())
	}
	peppered := startReady(t, with(first))
	peppered.mustLogin(t, email, "pass")
	if !strings.Contains(stored(), keyID("2026a")) {
		t.Errorf("after a login with a pepper %s is stored", stored())
	}
	got, err := peppered.login(email, "wrong")
	if err != nil || got.status != http.StatusUnauthorized {
		t.Errorf("a wrong password: %s %v; promised 401", got, err)
	}
	startReady(t, with(second+first)).mustLogin(t, email, "pass")
	if !strings.Contains(stored(), keyID("2026b")) {
		t.Errorf("after a login with the second pepper %s is stored", stored())
	}
	for name, env := range map[string]environment{"without the pepper": env, "with another of its id": with(pepper("2026b", 'c')), "with the one before alone": with(first)} {
		service := startReady(t, env)
		if got, err := service.login(email, "pass"); err != nil || got.status != http.StatusUnauthorized {
			t.Errorf("%s: %s %v; promised 401", name, got, err)
		}
		missing := service.metric(t, "user_password_peppers_missing_total")
		if known := strings.HasPrefix(name, "with another"); known == (missing > 0) {
			t.Errorf("%s: %v missing peppers are counted", name, missing)
		}
	}
}

func TestSaysWhatIsWrongWithPeppers(t *testing.T) {
	for content, promised := range map[string]string{
		"":                                  "must have a line of an id and a key",
		"id\n":                              "line 1 must be an id",
		"too-long-an-id " + pepper("", 'a'): "line 1 must be an id",
		"id c2hvcnQ=\n":                     "line 1 must have a key of at least 32 bytes",
		pepper("a", 'a') + pepper("a", 'b'): `line 2 has the id "a"`,
	} {
		file := filepath.Join(t.TempDir(), "peppers")
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		code, _, said := capture(t, environment{"PASSWORD_PEPPER_FILE": file})
		if code != exitUsage || !strings.Contains(said, "PASSWORD_PEPPER_FILE "+promised) {
			t.Errorf("%q: ended with %d and does not say %q:\n%s", content, code, promised, said)
		}
		if key := strings.TrimSpace(strings.TrimPrefix(pepper("", 'a'), " ")); strings.Contains(said, key) {
			t.Errorf("says the key:\n%s", said)
		}
	}
}
