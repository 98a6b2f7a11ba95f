package main

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"user/internal/testservers"
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
	measured(t, "%d judged", judged)
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
	measured(t, "%d judged", statuses[401])
	if statuses[401] != 5 || statuses[429] != 95 {
		t.Errorf("answered %v; promised 5 of 401 and 95 of 429", statuses)
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
		got := service.mustSend(t, "POST", "/register", formType, form("username", "a", "email", unique(), "password", "pass"), "X-Forwarded-For", home)
		if i < 3 && got.status != 200 || i == 3 && (got.status != 429 || got.header.Get("Retry-After") == "") {
			t.Errorf("registration %d: %s", i+1, got)
		}
	}
}

func TestThrottlesByItselfWhileRedisIsAway(t *testing.T) {
	redis := testservers.StartRedis(t)
	mysql := testservers.MySQL(t)
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("LOGIN_LIMIT_PER_MINUTE", "5", "REGISTER_LIMIT_PER_MINUTE", "5", "TRUSTED_PROXIES", "127.0.0.1")
	service := startReady(t, env)
	email, guesser := unique(), address()
	for range 3 {
		service.from(t, guesser, email, "wrong")
	}
	redis.Kill(t)
	service.awaitReady(t, "degraded")
	statuses := map[int]int{}
	for range 20 {
		statuses[service.from(t, guesser, email, "wrong").status]++
		statuses[service.mustSend(t, "POST", "/register", formType, form("username", "a", "email", unique(), "password", "pass"), "X-Forwarded-For", guesser).status]++
	}
	if statuses[401] != 2 || statuses[200] != 5 || statuses[429] != 33 {
		t.Errorf("without Redis 20 more guesses and 20 registrations are answered %v; promised 2 of 401, as 3 of 5 were made before, and 5 of 200", statuses)
	}
	for _, use := range []string{"login_throttle", "register_throttle"} {
		if service.metric(t, `user_redis_uses_total{outcome="bypassed",use="`+use+`"}`) == 0 {
			t.Errorf("no metric says that the %s was bypassed", use)
		}
	}
}

func TestSlowsAGuesserWhoKeepsRedisBusy(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	proxy := testservers.NewProxy(t, redis.Addr())
	proxy.Delay(60 * time.Millisecond)
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("REDIS_PORT", strconv.Itoa(proxy.Port), "LOGIN_LIMIT_PER_MINUTE", "5", "TRUSTED_PROXIES", "127.0.0.1")
	service := start(t, env)
	eventually(t, 20*time.Second, func() string {
		got := service.mustSend(t, "GET", "/readyz", "", "")
		if got.status != 200 {
			return got.String()
		}
		return ""
	})
	victim, guesser := unique(), address()
	var mutex sync.Mutex
	statuses := map[int]int{}
	var guesses sync.WaitGroup
	for i := range 1000 {
		guesses.Go(func() {
			if i%2 == 1 { // to keep Redis busy, from elsewhere
				service.from(t, "192.0.2."+strconv.Itoa(i%250), unique(), "wrong")
				return
			}
			got := service.from(t, guesser, victim, "wrong")
			mutex.Lock()
			defer mutex.Unlock()
			statuses[got.status]++
		})
	}
	guesses.Wait()
	measured(t, "%d judged", statuses[401])
	if statuses[401] > 5 {
		t.Errorf("answered %v; promised 5 of 401", statuses)
	}
}

func TestWaitsForASlowRedisForMillisecondsOnly(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	proxy := testservers.NewProxy(t, redis.Addr())
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("REDIS_PORT", strconv.Itoa(proxy.Port), "LOGIN_LIMIT_PER_MINUTE", "1000")
	service := startReady(t, env)
	email := unique()
	service.mustRegister(t, email, "right")
	proxy.Delay(300 * time.Millisecond)
	begun := time.Now()
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for range 10 {
				service.mustLogin(t, email, "right")
			}
		})
	}
	users.Wait()
	took := time.Since(begun)
	measured(t, "80 logins in %d ms", took.Milliseconds())
	if took > 8*time.Second {
		t.Errorf("80 logins took %s; promised that a slow Redis is left out", took)
	}
	service.awaitReady(t, "degraded")
	proxy.Delay(0)
	service.awaitReady(t, "ready")
}

func TestHoldsNoTurnToHashWhileItWaitsForRedis(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	proxy := testservers.NewProxy(t, redis.Addr())
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("REDIS_PORT", strconv.Itoa(proxy.Port), "LOGIN_LIMIT_PER_MINUTE", "100000")
	service := startReady(t, env)
	email := unique()
	service.mustRegister(t, email, "right")
	const delay, count = 60 * time.Millisecond, 80 // within the budget of a request
	proxy.Delay(delay)
	begun := time.Now()
	var users sync.WaitGroup
	for range count {
		users.Go(func() { service.mustLogin(t, email, "right") })
	}
	users.Wait()
	took := time.Since(begun)
	inTurn := 2 * delay * count / time.Duration(runtime.GOMAXPROCS(0)) // each waits twice
	measured(t, "%d logins in %d ms, holding turns %d ms", count, took.Milliseconds(), inTurn.Milliseconds())
	if took > inTurn/2 {
		t.Errorf("%d logins took %s; with a turn held while Redis answers they take %s", count, took, inTurn)
	}
}

func TestRegistersWithoutWaitingForAFrozenRedis(t *testing.T) {
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	proxy := testservers.NewProxy(t, redis.Addr())
	env := environmentOf(mysql, redis, mysql.NewName(t)).with("REDIS_PORT", strconv.Itoa(proxy.Port), "REGISTER_LIMIT_PER_MINUTE", "1000")
	service := startReady(t, env)
	var fastest time.Duration
	for range 3 { // for a machine that does something else
		proxy.Freeze()
		begun := time.Now()
		service.mustRegister(t, unique(), "pass")
		took := time.Since(begun)
		if fastest == 0 || took < fastest {
			fastest = took
		}
		proxy.Thaw()
		service.awaitReady(t, "ready")
	}
	measured(t, "%d ms", fastest.Milliseconds())
	if fastest > 500*time.Millisecond {
		t.Errorf("a registration took %s; promised at most 0.5 s", fastest)
	}
}

func TestBoundsTheGuessesAtAnAccountFromAllAddresses(t *testing.T) {
	service := startReady(t, servers(t).with("ACCOUNT_LIMIT_PER_HOUR", "20", "TRUSTED_PROXIES", "127.0.0.1"))
	email := unique()
	service.mustRegister(t, email, "right")
	statuses := map[int]int{}
	for i := range 40 {
		statuses[service.from(t, "192.0.2."+strconv.Itoa(i), email, "wrong").status]++
	}
	measured(t, "%d judged", statuses[401])
	if statuses[401] != 20 || statuses[429] != 20 {
		t.Errorf("answered %v; promised 20 of 401 and then 429", statuses)
	}
	if got := service.from(t, "198.51.100.1", unique(), "wrong"); got.status != 401 {
		t.Errorf("another account: %s; promised 401", got)
	}
	if throttled := service.metric(t, `user_throttled_total{limit="account"}`); throttled != 20 {
		t.Errorf("%v attempts are counted as throttled by the account's limit", throttled)
	}
}

func TestTakesAsLongForAnUnknownEmailAsForAWrongPassword(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('old', 'plain text', 'old@example.com')")
	env = env.with("PLAIN_PASSWORDS", "refuse") // so that it stays plain
	emails := map[string]string{"hashed": unique(), "weaker": unique(), "stronger": unique(), "plain": "old@example.com", "unknown": unique()}
	for kind, cost := range map[string][]string{"weaker": {"ARGON2_MEMORY_KIB", "1024", "ARGON2_TIME", "1"}, "stronger": {"ARGON2_MEMORY_KIB", "6144", "ARGON2_TIME", "8"}} {
		startReady(t, env.with(cost...)).mustRegister(t, emails[kind], "right")
	}
	service := startReady(t, env.with("ARGON2_MEMORY_KIB", "8192", "ARGON2_TIME", "2"))
	service.mustRegister(t, emails["hashed"], "right")
	if got, err := service.login(emails["stronger"], "wrong"); err != nil || got.status != 401 { // from then on it knows the strongest
		t.Fatalf("%s %v", got, err)
	}
	fastest := map[string]time.Duration{} // the others are the machine's load
	deadline := time.Now().Add(20 * time.Second)
	for round := 1; ; round++ {
		for kind, email := range emails {
			begun := time.Now()
			if got, err := service.login(email, "wrong"); err != nil || got.status != 401 {
				t.Fatalf("%s: %s %v", kind, got, err)
			}
			if took := time.Since(begun); fastest[kind] == 0 || took < fastest[kind] {
				fastest[kind] = took
			}
		}
		different := ""
		for kind := range emails {
			if ratio := float64(fastest[kind]) / float64(fastest["unknown"]); ratio < 0.6 || ratio > 1.6 {
				different += fmt.Sprintf("; for a %s one %.2f times as long", kind, ratio)
			}
		}
		switch {
		case different == "" && round >= 25:
			measured(t, "%.1f ms, with an old hash %.1f ms", float64(fastest["unknown"].Microseconds())/1000, float64(fastest["weaker"].Microseconds())/1000)
			return
		case time.Now().After(deadline):
			t.Fatalf("a wrong password does not take as long as an unknown email%s: %v", different, fastest)
		}
	}
}
