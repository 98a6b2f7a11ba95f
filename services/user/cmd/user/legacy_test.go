package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"user/internal/testservers"
)

// lesson makes the lesson's table by the lesson's init.sql, in a database of its own.
func lesson(t *testing.T) (environment, func(statement string)) {
	t.Helper()
	mysql, redis := testservers.MySQL(t), testservers.Redis(t)
	database := mysql.NewName(t)
	script, err := os.ReadFile("../../../mysql-for-user/init.sql")
	if err != nil {
		t.Fatal(err)
	}
	renamed := regexp.MustCompile(`\buser(;|\.| CHARACTER| DEFAULT)`).ReplaceAllString(string(script), database+"$1")
	pool := mysql.Open(t, "")
	if _, err := pool.Exec(renamed); err != nil {
		t.Fatalf("init.sql: %v:\n%s", err, renamed)
	}
	own := mysql.Open(t, database)
	return environmentOf(mysql, redis, database), func(statement string) {
		t.Helper()
		if _, err := own.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

func storedPassword(t *testing.T, env environment, email string) string {
	t.Helper()
	var stored string
	err := testservers.MySQL(t).Open(t, env["MYSQL_DATABASE"]).
		QueryRow("SELECT password FROM user WHERE email = ?", email).Scan(&stored)
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func TestRehashesAPlainPasswordOfTheLessonAtItsFirstLogin(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('old', 'plain text', 'Old@Example.com'), ('other', 'plain text', 'other@example.com')")
	service := startReady(t, env)
	if got, err := service.login("old@example.com", "plain"); err != nil || got.status != 401 {
		t.Errorf("a wrong password: %s %v; promised 401", got, err)
	}
	first := service.mustLogin(t, "old@example.com", "plain text")
	if stored := storedPassword(t, env, "Old@Example.com"); !strings.HasPrefix(stored, "$argon2id$v=19$m=8,t=1,p=1$") {
		t.Errorf("the stored password is %q; promised a hash", stored)
	}
	if second := service.mustLogin(t, "OLD@example.com", "plain text"); second != first || second.Username != "old" {
		t.Errorf("logged in %+v, then %+v", first, second)
	}
}

func TestHashesPlainPasswordsOfUsersWhoNeverComeBack(t *testing.T) {
	env, run := lesson(t)
	var rows []string
	rows = append(rows, "('odd', '$$ecret$', 'odd@example.com')")
	for i := range 1499 { // more than one batch
		rows = append(rows, fmt.Sprintf("('u', 'plain %[1]d', 'u%[1]d@example.com')", i))
	}
	run("INSERT INTO user (username, password, email) VALUES " + strings.Join(rows, ", "))
	replicas := []*instance{startReady(t, env), startReady(t, env)}
	count := func(condition string) (rows int) {
		t.Helper()
		if err := testservers.MySQL(t).Open(t, env["MYSQL_DATABASE"]).QueryRow("SELECT COUNT(*) FROM user WHERE " + condition).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		return rows
	}
	eventually(t, 60*time.Second, func() string {
		if hashed := count("password LIKE '$argon2id$%'"); hashed < 1500 {
			return fmt.Sprintf("%d of 1500 are hashed", hashed)
		}
		return ""
	})
	for email, password := range map[string]string{"u0@example.com": "plain 0", "u1498@example.com": "plain 1498", "odd@example.com": "$$ecret$"} {
		replicas[0].mustLogin(t, email, password)
	}
	hashed := 0.0
	for _, replica := range replicas {
		hashed += replica.metric(t, "user_plain_passwords_hashed_total")
		eventually(t, 30*time.Second, func() string {
			got := replica.mustSend(t, "GET", "/metrics", "", "").body
			if !strings.Contains(got, `user_passwords_stored{form="plain"} 0`) {
				return "the metric does not say that none is left"
			}
			return ""
		})
	}
	if hashed < 1500 || hashed > 2250 {
		t.Errorf("%v hashes were made for 1500 passwords", hashed)
	}
}

func TestLetsNobodyInByTheirStoredHash(t *testing.T) {
	env, run := lesson(t)
	const bcrypt = "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"
	run("INSERT INTO user (username, password, email) VALUES ('a', '" + bcrypt + "', 'a@example.com')")
	service := startReady(t, env)
	if got, err := service.login("a@example.com", bcrypt); err != nil || got.status != 401 {
		t.Errorf("the hash as its own password: %s %v; promised 401", got, err)
	}
	eventually(t, 30*time.Second, func() string {
		if unknown := service.metric(t, `user_passwords_stored{form="unknown"}`); unknown != 1 {
			return fmt.Sprintf("%v unknown hashes are counted", unknown)
		}
		return ""
	})
	if stored := storedPassword(t, env, "a@example.com"); stored != bcrypt {
		t.Errorf("the hash was replaced by %q", stored)
	}
}

func TestRefusesPlainPasswordsWhenItIsTold(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('a', 'plain text', 'a@example.com')")
	service := startReady(t, env.with("PLAIN_PASSWORDS", "refuse"))
	if got, err := service.login("a@example.com", "plain text"); err != nil || got.status != 401 {
		t.Errorf("a plain password: %s %v; promised 401", got, err)
	}
	eventually(t, 30*time.Second, func() string {
		if plain := service.metric(t, `user_passwords_stored{form="plain"}`); plain != 1 {
			return fmt.Sprintf("%v plain passwords are counted", plain)
		}
		return ""
	})
	if stored := storedPassword(t, env, "a@example.com"); stored != "plain text" {
		t.Errorf("the password was replaced by %q", stored)
	}
}

func TestRehashesAHashOfOtherParameters(t *testing.T) {
	env := servers(t)
	email := unique()
	startReady(t, env).mustRegister(t, email, "pass")
	stronger := startReady(t, env.with("ARGON2_TIME", "2"))
	stronger.mustLogin(t, email, "pass")
	if stored := storedPassword(t, env, email); !strings.Contains(stored, "$m=8,t=2,p=1$") {
		t.Errorf("the stored password is %q; promised the new parameters", stored)
	}
	stronger.mustLogin(t, email, "pass")
}

func TestRefusesToStartOnEmailsThatAreThereTwiceAndChangesNothing(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('a', 'pass', 'Ada@example.com'), ('b', 'pass', 'ada@EXAMPLE.com'), ('c', 'pass', 'café@example.com'), ('d', 'pass', 'cafe@example.com')")
	describe := func() string {
		t.Helper()
		pool := testservers.MySQL(t).Open(t, env["MYSQL_DATABASE"])
		var tables, name, created string
		if err := pool.QueryRow("SELECT GROUP_CONCAT(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()").Scan(&tables); err != nil {
			t.Fatal(err)
		}
		if err := pool.QueryRow("SHOW CREATE TABLE user").Scan(&name, &created); err != nil {
			t.Fatal(err)
		}
		return tables + created
	}
	before := describe()
	service := launch(t, env)
	if code := service.exit(t, 30e9); code != exitFault {
		t.Errorf("ended with %d; promised %d", code, exitFault)
	}
	for _, promised := range []string{`id 1  "Ada@example.com"`, `id 2  "ada@EXAMPLE.com"`, "UPDATE", "DELETE", "Nothing was changed"} {
		if !strings.Contains(service.log.String(), promised) {
			t.Errorf("does not say %q:\n%s", promised, service.log)
		}
	}
	if strings.Contains(service.log.String(), "caf") {
		t.Errorf("lists emails that differ in more than case:\n%s", service.log)
	}
	if after := describe(); after != before {
		t.Errorf("the database was\n%s\nand is\n%s", before, after)
	}
	run("DELETE FROM user WHERE id = 2")
	startReady(t, env).mustLogin(t, "CAFÉ@example.com", "pass")
}

func TestListsTheFirstTwentyOfManyEmailsThatAreThereTwice(t *testing.T) {
	env, run := lesson(t)
	var rows []string
	for i := range 100 {
		// In both normal forms, and with both spellings of a domain.
		rows = append(rows, fmt.Sprintf("('a', 'p', 'é%[1]d@bücher.example'), ('b', 'p', 'e\u0301%[1]d@XN--BCHER-KVA.example')", i))
	}
	run("INSERT INTO user (username, password, email) VALUES " + strings.Join(rows, ", "))
	service := launch(t, env)
	if code := service.exit(t, 30e9); code != exitFault {
		t.Errorf("ended with %d; promised %d", code, exitFault)
	}
	said := service.log.String()
	for _, promised := range []string{"200 rows", "and 180 more", `id 1  "é0@bücher.example"`, "id 2 ", "id 20 "} {
		if !strings.Contains(said, promised) {
			t.Errorf("does not say %q:\n%s", promised, said)
		}
	}
	if strings.Contains(said, "id 21 ") {
		t.Error("lists more than twenty rows")
	}
}

func TestKeepsApartOldEmailsThatSQLHoldsToBeEqual(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('a', 'pass', 'ivan@example.com'), ('b', 'pass', 'İvan@example.com'), ('c', 'pass', 'ivan@example.com '), ('d', 'pass', 'not an email')")
	service := startReady(t, env)
	for email, username := range map[string]string{"IVAN@example.com": "a", "İVAN@example.com": "b", "ivan@example.com ": "c", "Not an email": "d"} {
		if got := service.mustLogin(t, email, "pass"); got.Username != username {
			t.Errorf("%q logged in as %s; promised %s", email, got.Username, username)
		}
	}
}

func TestGivesKeysToRowsOfTheVersionBefore(t *testing.T) {
	env, run := lesson(t)
	run(`ALTER TABLE user ADD COLUMN email_key VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin GENERATED ALWAYS AS (LOWER(email)) STORED, ADD UNIQUE INDEX email_key (email_key)`)
	for first := 0; first < 1200; first += 400 { // more than one batch
		var rows []string
		for i := range 400 {
			rows = append(rows, fmt.Sprintf("('%[1]d', 'pass', 'U%[1]d@example.com')", first+i))
		}
		run("INSERT INTO user (username, password, email) VALUES " + strings.Join(rows, ", "))
	}
	service := startReady(t, env)
	for _, i := range []string{"0", "499", "500", "1199"} {
		if got := service.mustLogin(t, "u"+i+"@example.com", "pass"); got.Username != i {
			t.Errorf("u%s logged in as %s", i, got.Username)
		}
	}
}

func TestMigratesATableOfAnotherCharacterSet(t *testing.T) {
	env, run := lesson(t)
	run("ALTER TABLE user CONVERT TO CHARACTER SET latin1")
	run("INSERT INTO user (username, password, email) VALUES ('é', 'pass', 'É@example.com')")
	service := startReady(t, env)
	if got := service.mustLogin(t, "é@example.com", "pass"); got.Username != "é" || got.Email != "É@example.com" {
		t.Errorf("logged in %+v", got)
	}
	service.mustRegister(t, "e@example.com", "pass")
	got := service.mustSend(t, "POST", "/register", jsonType, object("username", "🙂", "email", unique(), "password", "pass"))
	if got.user(t).Username != "🙂" {
		t.Errorf("registered %s", got)
	}
}

func TestMigratesOnceWhenReplicasStartTogether(t *testing.T) {
	env, run := lesson(t)
	run("INSERT INTO user (username, password, email) VALUES ('a', 'pass', 'a@example.com')")
	var replicas []*instance
	for range 6 {
		replicas = append(replicas, start(t, env))
	}
	migrations := 0
	for _, replica := range replicas {
		replica.awaitReady(t, "ready")
		replica.mustLogin(t, "a@example.com", "pass")
		migrations += strings.Count(replica.log.String(), `"msg":"migrated"`)
	}
	if migrations != 5 {
		t.Errorf("%d migrations ran; promised each of the 5 once", migrations)
	}
}
