package main

import (
	"net/http"
	"strings"
	"testing"

	"user/internal/testservers"
)

func TestAnswersEachRowOfItsTable(t *testing.T) {
	service := startReady(t, servers(t))
	known := unique()
	service.mustRegister(t, known, "correct horse")
	long := strings.Repeat("é", 101)
	rows := []struct {
		name, path, contentType, body string
		status                        int
		says                          string
	}{
		{"registers by form", "/register", formType, form("username", "ada", "email", unique(), "password", "pass"), 200, `"username":"ada"`},
		{"registers by JSON", "/register", jsonType, object("username", "ada", "email", unique(), "password", "pass"), 200, `"username":"ada"`},
		{"registers by JSON with a charset", "/register", jsonType + "; charset=UTF-8", object("username", "ada", "email", unique(), "password", "pass"), 200, ""},
		{"registers names in any script", "/register", jsonType, object("username", "艾达 🙂", "email", unique(), "password", "пароль"), 200, "艾达 🙂"},
		{"ignores fields it does not know", "/register", jsonType, `{"x":[1],"username":"a","email":"` + unique() + `","password":"pass"}`, 200, ""},
		{"logs in by form", "/login", formType, form("email", known, "password", "correct horse"), 200, known},
		{"logs in by JSON", "/login", jsonType, object("email", known, "password", "correct horse"), 200, known},
		{"logs in without regard to the email's case", "/login", formType, form("email", strings.ToUpper(known), "password", "correct horse"), 200, known},
		{"refuses a wrong password", "/login", formType, form("email", known, "password", "wrong"), 401, "do not match"},
		{"refuses an unknown email", "/login", formType, form("email", unique(), "password", "wrong"), 401, "do not match"},
		{"refuses a taken email", "/register", formType, form("username", "b", "email", known, "password", "pass"), 409, "registered already"},
		{"refuses a taken email in another case", "/register", formType, form("username", "b", "email", strings.ToUpper(known), "password", "pass"), 409, "registered already"},
		{"names a missing username", "/register", formType, form("email", unique(), "password", "pass"), 400, "username is missing"},
		{"names a missing email", "/register", formType, form("username", "a", "password", "pass"), 400, "email is missing"},
		{"names a missing password", "/register", formType, form("username", "a", "email", unique()), 400, "password is missing"},
		{"names a missing email at login", "/login", jsonType, object("password", "pass"), 400, "email is missing"},
		{"names an empty password at login", "/login", jsonType, object("email", known, "password", ""), 400, "password is missing"},
		{"names a username that is too long", "/register", formType, form("username", long, "email", unique(), "password", "pass"), 400, "username has 101 characters"},
		{"names an email that is too long", "/register", formType, form("username", "a", "email", long+"@b", "password", "pass"), 400, "email has 103 characters"},
		{"names a password that is too long", "/login", formType, form("email", known, "password", strings.Repeat("p", 1025)), 400, "password has 1025 characters"},
		{"names an email without a domain", "/register", formType, form("username", "a", "email", "ada@", "password", "pass"), 400, "name@domain"},
		{"names an email with a blank", "/register", formType, form("username", "a", "email", "a b@c", "password", "pass"), 400, "name@domain"},
		{"names a control character", "/register", formType, form("username", "a\nb", "email", unique(), "password", "pass"), 400, "control character"},
		{"ignores a number that no machine holds", "/login", jsonType, `{"x":[1e400,-1e-400],"email":"` + known + `","password":"correct horse"}`, 200, known},
		{"refuses a number that no machine holds for a string", "/login", jsonType, `{"email":1e400,"password":"pass"}`, 400, "email is not a JSON string"},
		{"refuses a number for a string", "/login", jsonType, `{"email":1,"password":"pass"}`, 400, "email is not a JSON string"},
		{"refuses null for a string", "/login", jsonType, `{"email":null,"password":"pass"}`, 400, "email is not a JSON string"},
		{"refuses half a surrogate pair", "/login", jsonType, `{"email":"a@b","password":"\ud800"}`, 400, "U+FFFD"},
		{"refuses a field twice by form", "/login", formType, "email=a@b&email=c@d&password=pass", 400, "sent 2 times"},
		{"refuses a field twice by JSON", "/login", jsonType, `{"email":"a@b","email":"c@d","password":"pass"}`, 400, "more than once"},
		{"refuses an array", "/login", jsonType, `[]`, 400, "JSON object"},
		{"refuses half an object", "/login", jsonType, `{"email":"a@b"`, 400, "not valid JSON"},
		{"refuses more than one object", "/login", jsonType, `{"email":"a@b","password":"pass"}{}`, 400, "goes on"},
		{"refuses bytes that are not UTF-8 by JSON", "/login", jsonType, "{\"email\":\"\xff\",\"password\":\"p\"}", 400, "UTF-8"},
		{"refuses bytes that are not UTF-8 by form", "/login", formType, "email=%ff&password=pass", 400, "UTF-8"},
		{"refuses a broken escape", "/login", formType, "email=%zz&password=pass", 400, "form-encoded"},
		{"refuses an empty body", "/login", jsonType, "", 400, "JSON object"},
		{"takes no body above 64 KiB by form", "/login", formType, "email=" + strings.Repeat("a", 64<<10), 413, "65536 bytes"},
		{"takes no body above 64 KiB by JSON", "/register", jsonType, `{"x":"` + strings.Repeat("a", 64<<10) + `"}`, 413, "65536 bytes"},
		{"reads a body of 64 KiB", "/login", formType, "email=" + strings.Repeat("a", 64<<10-6), 400, "email has 65530 characters"},
		{"takes no plain text", "/login", "text/plain", "email=a@b&password=pass", 415, "Content-Type"},
		{"takes no multipart form", "/login", "multipart/form-data; boundary=x", "--x--", 415, "Content-Type"},
		{"takes no body without a type", "/login", "", "email=a@b&password=pass", 415, "Content-Type"},
		{"takes no other charset", "/login", jsonType + "; charset=latin1", "{}", 415, "UTF-8"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := service.mustSend(t, http.MethodPost, row.path, row.contentType, row.body)
			if got.status != row.status || !strings.Contains(got.body, row.says) {
				t.Errorf("answered %s; promised %d with %q", got, row.status, row.says)
			}
		})
	}
}

func TestAnswersOtherPathsMethodsAndEncodings(t *testing.T) {
	service := startReady(t, servers(t))
	rows := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/register", 405, "POST"},
		{"DELETE", "/login", 405, "POST"},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"HEAD", "/healthz", 200, ""},
		{"GET", "/nothing", 404, ""},
		{"GET", "/", 404, ""},
	}
	for _, row := range rows {
		got := service.mustSend(t, row.method, row.path, "", "")
		if got.status != row.status || got.header.Get("Allow") != row.allow {
			t.Errorf("%s %s: %s, Allow %q; promised %d, %q", row.method, row.path, got, got.header.Get("Allow"), row.status, row.allow)
		}
	}
	got := service.mustSend(t, "POST", "/login", jsonType, "{}", "Content-Encoding", "gzip")
	if got.status != 415 {
		t.Errorf("a compressed body: %s; promised 415", got)
	}
}

func TestReturnsTheSameUserAtLoginAsAtRegistration(t *testing.T) {
	service := startReady(t, servers(t))
	email := "Mixed." + unique()
	registered := service.mustRegister(t, email, "secret")
	if logged := service.mustLogin(t, email, "secret"); logged != registered {
		t.Errorf("login returned %+v, registration %+v", logged, registered)
	}
	if registered.Email != email || registered.Username != "ada" || registered.ID < 1 {
		t.Errorf("registered %+v", registered)
	}
}

func TestTellsApartEmailsThatDifferInMoreThanCase(t *testing.T) {
	service := startReady(t, servers(t))
	tail := unique()
	for _, email := range []string{"resume" + tail, "résumé" + tail, "straße" + tail, "strasse" + tail, "İvan" + tail, "ivan" + tail} {
		service.mustRegister(t, email, "of "+email)
	}
	for _, email := range []string{"RESUME" + tail, "RÉSUMÉ" + tail} {
		got, err := service.register(email, "pass")
		if err != nil || got.status != http.StatusConflict {
			t.Errorf("%s: %s %v; promised 409", email, got, err)
		}
	}
	if got := service.mustLogin(t, "Résumé"+tail, "of résumé"+tail); got.Email != "résumé"+tail {
		t.Errorf("logged in %+v", got)
	}
}

func TestAnswersAnUnknownEmailAsAWrongPassword(t *testing.T) {
	service := startReady(t, servers(t))
	email := unique()
	service.mustRegister(t, email, "right")
	wrong, err := service.login(email, "wrong")
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := service.login(unique(), "wrong")
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []http.Header{wrong.header, unknown.header} {
		header.Del("X-Request-Id")
		header.Del("Date")
	}
	if wrong.String() != unknown.String() || len(wrong.header) != len(unknown.header) {
		t.Errorf("wrong password: %s %v; unknown email: %s %v", wrong, wrong.header, unknown, unknown.header)
	}
}

func TestNeverSaysAPassword(t *testing.T) {
	env := servers(t)
	service := startReady(t, env)
	const secret = "s3cr3t-that-nobody-says"
	email := unique()
	var answers strings.Builder
	note := func(got answer, err error) {
		if err != nil {
			t.Fatal(err)
		}
		answers.WriteString(got.String())
	}
	note(service.register(email, secret))
	note(service.register(email, secret))
	note(service.login(email, secret))
	note(service.login(email, secret+"x"))
	note(service.login("", secret))
	note(service.login(email, strings.Repeat(secret, 100)))
	note(service.send("POST", "/login?password="+secret, jsonType, `{"password":"`+secret+`"`))
	note(service.send("POST", "/"+secret, formType, "password="+secret))
	note(service.send("POST", "/login", "text/"+secret, secret))
	note(service.send("GET", "/healthz", "", "", "X-Request-Id", secret+"!"))
	service.stop()
	<-service.done
	if strings.Contains(answers.String(), secret) {
		t.Errorf("an answer holds the password: %s", answers.String())
	}
	if log := service.log.String(); strings.Contains(log, secret) || !strings.Contains(log, `"route":"/login"`) {
		t.Errorf("the log holds the password, or nothing at all: %s", log)
	}
	if env["MYSQL_PASSWORD"] != "" && strings.Contains(service.log.String(), `"`+env["MYSQL_PASSWORD"]+`"`) {
		t.Error("the log holds the database's password")
	}
}

func TestKeepsARequestIDOrMakesOne(t *testing.T) {
	service := startReady(t, servers(t))
	kept := service.mustSend(t, "POST", "/login", jsonType, "{}", "X-Request-Id", "trace-1.a_B")
	if id := kept.header.Get("X-Request-Id"); id != "trace-1.a_B" {
		t.Errorf("answered with %q", id)
	}
	made := service.mustSend(t, "POST", "/login", jsonType, "{}", "X-Request-Id", "bad id\"")
	if id := made.header.Get("X-Request-Id"); len(id) != 24 {
		t.Errorf("answered with %q", id)
	}
	eventually(t, 5e9, func() string {
		if strings.Contains(service.log.String(), `"request_id":"trace-1.a_B"`) {
			return ""
		}
		return "the log does not name the request"
	})
}

func TestCountsWhatItDoes(t *testing.T) {
	service := startReady(t, servers(t))
	email := unique()
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
	for _, name := range []string{
		`user_http_requests_total{code="200",method="POST",route="/register"}`,
		`user_http_request_duration_seconds_count{route="/login"}`,
		`user_redis_uses_total{outcome="acquired",use="lock"}`,
		`user_redis_uses_total{outcome="released",use="lock"}`,
		`user_store_up{store="mysql"}`,
		`user_store_up{store="redis"}`,
		`go_sql_open_connections{db_name="user"}`,
		`user_redis_connections_open`,
	} {
		if value := service.metric(t, name); value < 1 {
			t.Errorf("%s is %v; promised at least 1", name, value)
		}
	}
}

func TestIsReadyWithoutRedisAndNotWithoutMySQL(t *testing.T) {
	mysql := testservers.MySQL(t)
	env := servers(t)
	withoutRedis := start(t, env.with("REDIS_PORT", nowhere(t)))
	withoutRedis.awaitReady(t, "degraded")
	withoutMySQL := start(t, env.with("MYSQL_PORT", nowhere(t)))
	withoutMySQL.awaitReady(t, "unavailable")
	for path, status := range map[string]int{"/healthz": 200, "/readyz": 503} {
		if got := withoutMySQL.mustSend(t, "GET", path, "", ""); got.status != status {
			t.Errorf("%s without MySQL: %s; promised %d", path, got, status)
		}
	}
	for _, send := range []func(string, string) (answer, error){withoutMySQL.register, withoutMySQL.login} {
		got, err := send(unique(), "pass")
		if err != nil || got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Errorf("without %s: %s %v, Retry-After %q; promised 503", mysql.Product, got, err, got.header.Get("Retry-After"))
		}
	}
	email := unique()
	withoutRedis.mustRegister(t, email, "pass")
	withoutRedis.mustLogin(t, email, "pass")
	if bypassed := withoutRedis.metric(t, `user_redis_uses_total{outcome="bypassed",use="lock"}`); bypassed != 1 {
		t.Errorf("%v registrations are counted to have gone without Redis; promised 1", bypassed)
	}
}
