package main

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"
)

// from is a login through a trusted proxy that saw the client at address.
func (c client) from(t *testing.T, address, email, password string) answer {
	t.Helper()
	return c.mustSend(t, http.MethodPost, "/login", formType, form("email", email, "password", password), "X-Forwarded-For", address)
}

// addresses are of a test's own, since counts outlive it in Redis.
func address() string {
	return "2001:db8:" + strconv.FormatInt(time.Now().UnixNano()>>8&0xffff, 16) + ":" + strconv.FormatInt(time.Now().UnixNano()>>24&0xffff, 16) + "::1"
}

func TestSlowsAGuesserAndLocksNobodyElseOut(t *testing.T) {
	service := startReady(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "5", "TRUSTED_PROXIES", "127.0.0.0/8"))
	email, guesser := unique(), address()
	service.mustRegister(t, email, "right")
	for range 5 {
		if got := service.from(t, guesser, email, "wrong"); got.status != 401 {
			t.Fatalf("within the limit: %s; promised 401", got)
		}
	}
	got := service.from(t, guesser, email, "wrong")
	wait, err := strconv.Atoi(got.header.Get("Retry-After"))
	if got.status != 429 || err != nil || wait < 1 || wait > 12 {
		t.Errorf("above the limit: %s, Retry-After %q; promised 429 and 1 to 12 seconds", got, got.header.Get("Retry-After"))
	}
	if got := service.from(t, guesser, email, "right"); got.status != 429 {
		t.Errorf("the right password above the limit: %s; promised 429, or guessing goes on", got)
	}
	if got := service.from(t, "192.0.2.77", email, "right"); got.status != 200 {
		t.Errorf("the user at another address: %s; promised 200", got)
	}
	if got := service.from(t, guesser, unique(), "wrong"); got.status != 401 {
		t.Errorf("another email at the guesser's address: %s; promised 401", got)
	}
}

func TestSlowsAGuesserWhoSpellsTheEmailInOtherWays(t *testing.T) {
	service := startReady(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "5", "TRUSTED_PROXIES", "127.0.0.1"))
	tail, guesser := "-"+strings.TrimSuffix(unique(), "@example.com")+"@bücher.example", address()
	service.mustRegister(t, "résumé"+tail, "right")
	spellings := []func(string) string{
		func(email string) string { return email }, strings.ToUpper, norm.NFD.String,
		func(email string) string { return strings.Replace(email, "bücher", "xn--bcher-kva", 1) },
		func(email string) string { return email + "." }, func(email string) string { return email + " " },
		func(email string) string { return email + "   " }, func(email string) string { return " " + email },
	}
	judged := 0
	for i := range 80 {
		// With the right password, so that whoever is not slowed is let in.
		email := spellings[i%len(spellings)]("résumé" + tail)
		password := "wrong"
		if i >= 40 {
			password = "right"
		}
		if got := service.from(t, guesser, email, password); got.status == 200 || got.status == 401 && strings.TrimSpace(email) == email {
			judged++
		}
	}
	if judged > 5 {
		t.Errorf("%d guesses at one account are judged; promised 5", judged)
	}
}

func TestSlowsGuessesMadeAllAtOnce(t *testing.T) {
	service := startReady(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "5", "TRUSTED_PROXIES", "127.0.0.1"))
	email, guesser := unique(), address()
	var mutex sync.Mutex
	statuses := map[int]int{}
	var guesses sync.WaitGroup
	for range 100 {
		guesses.Go(func() {
			got := service.from(t, guesser, email, "wrong")
			mutex.Lock()
			defer mutex.Unlock()
			statuses[got.status]++
		})
	}
	guesses.Wait()
	if most := 5 + 8; statuses[401] > most || statuses[401] < 5 || statuses[401]+statuses[429] != 100 {
		t.Errorf("answered %v; promised 5 of 401, some more for the slots, and else 429", statuses)
	}
}

func TestSlowsAnAddressThatGoesThroughManyEmails(t *testing.T) {
	service := startReady(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "2", "TRUSTED_PROXIES", "127.0.0.1"))
	guesser := address()
	var statuses []int
	for range 25 {
		statuses = append(statuses, service.from(t, guesser, unique(), "wrong").status)
	}
	if first := slices.Index(statuses, 429); first < 20 {
		t.Errorf("answered %v; promised 429 after ten times the limit", statuses)
	}
}

func TestCountsNoSuccesses(t *testing.T) {
	service := startReady(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "2", "TRUSTED_PROXIES", "127.0.0.1"))
	email, home := unique(), address()
	service.mustRegister(t, email, "right")
	for range 50 {
		if got := service.from(t, home, email, "right"); got.status != 200 {
			t.Fatalf("a success is throttled: %s", got)
		}
	}
}

func TestBelievesNoHeaderFromAStranger(t *testing.T) {
	service := startReady(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "3"))
	email := unique()
	var last answer
	for i := range 4 {
		last = service.from(t, "192.0.2."+strconv.Itoa(i), email, "wrong")
	}
	if last.status != 429 {
		t.Errorf("another X-Forwarded-For each time: %s; promised 429", last)
	}
}

func TestSlowsRegistrationsOfOneAddress(t *testing.T) {
	service := startReady(t, servers(t).with("REGISTER_LIMIT_PER_MINUTE", "3", "TRUSTED_PROXIES", "127.0.0.1"))
	home := address()
	for i := range 4 {
		got := service.mustSend(t, "POST", "/register", formType, form("username", "a", "email", unique(), "password", "p"), "X-Forwarded-For", home)
		if i < 3 && got.status != 200 || i == 3 && (got.status != 429 || got.header.Get("Retry-After") == "") {
			t.Errorf("registration %d: %s", i+1, got)
		}
	}
}

func TestThrottlesNobodyWhileRedisIsAway(t *testing.T) {
	service := start(t, servers(t).with("LOGIN_LIMIT_PER_MINUTE", "1", "REGISTER_LIMIT_PER_MINUTE", "1", "REDIS_PORT", nowhere(t)))
	service.awaitReady(t, "degraded")
	for range 3 {
		service.mustRegister(t, unique(), "p")
		if got, err := service.login(unique(), "p"); err != nil || got.status != 401 {
			t.Errorf("%s %v; promised 401", got, err)
		}
	}
	for _, use := range []string{"login_throttle", "register_throttle"} {
		if service.metric(t, `user_redis_uses_total{outcome="bypassed",use="`+use+`"}`) == 0 {
			t.Errorf("no metric says that the %s was bypassed", use)
		}
	}
}

func TestTakesAsLongForAnUnknownEmailAsForAWrongPassword(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('old', 'plain text', 'old@example.com')")
	service := startReady(t, env.with("ARGON2_MEMORY_KIB", "4096", "ARGON2_TIME", "2"))
	known := unique()
	service.mustRegister(t, known, "right")
	emails := map[string]string{"hashed": known, "plain": "old@example.com", "unknown": unique()}
	took := map[string][]time.Duration{}
	for range 25 {
		for kind, email := range emails { // interleaved, so that the machine's load falls on all alike
			begun := time.Now()
			if got, err := service.login(email, "wrong"); err != nil || got.status != 401 {
				t.Fatalf("%s: %s %v", kind, got, err)
			}
			took[kind] = append(took[kind], time.Since(begun))
		}
	}
	median := func(kind string) time.Duration {
		slices.Sort(took[kind])
		return took[kind][len(took[kind])/2]
	}
	for kind := range emails {
		ratio := float64(median(kind)) / float64(median("hashed"))
		t.Logf("%s: median %s", kind, median(kind))
		if ratio < 0.6 || ratio > 1.7 {
			t.Errorf("an %s email takes %.2f times as long as a wrong password", kind, ratio)
		}
	}
}
