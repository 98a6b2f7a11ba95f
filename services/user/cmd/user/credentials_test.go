package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"user/internal/testservers"
)

// secret is a folder whose files are replaced together, as Kubernetes mounts a Secret.
type secret struct {
	folder  string
	version int
}

func newSecret(t *testing.T, files map[string]string) *secret {
	t.Helper()
	s := &secret{folder: t.TempDir()}
	for name := range files {
		if err := os.Symlink(filepath.Join("..data", name), s.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	s.replace(t, files)
	return s
}

func (s *secret) path(name string) string { return filepath.Join(s.folder, name) }

func (s *secret) replace(t *testing.T, files map[string]string) {
	t.Helper()
	s.version++
	version := fmt.Sprintf("..%d", s.version)
	err := os.Mkdir(s.path(version), 0o700)
	for name, content := range files {
		if err == nil {
			err = os.WriteFile(filepath.Join(s.path(version), name), []byte(content), 0o600)
		}
	}
	if err == nil {
		err = os.Symlink(version, s.path("..data_tmp"))
	}
	if err == nil {
		err = os.Rename(s.path("..data_tmp"), s.path("..data"))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func login(name, password string) map[string]string {
	return map[string]string{"username": name, "password": password}
}

// without is the environment without some variables.
func (e environment) without(names ...string) environment {
	changed := e.with()
	for _, name := range names {
		delete(changed, name)
	}
	return changed
}

// steady sends registrations and logins until it is stopped, and fails the test
// for each that is not answered 200.
func steady(t *testing.T, service client, clients int) (stop func() int) {
	t.Helper()
	var running sync.WaitGroup
	var done atomic.Bool
	var answered atomic.Int64
	for range clients {
		running.Go(func() {
			for !done.Load() {
				email := unique()
				for _, send := range []func(string, string) (answer, error){service.register, service.login} {
					got, err := send(email, "pass")
					if err != nil || got.status != http.StatusOK {
						t.Errorf("during the rotation: %s %v; promised 200", got, err)
						return
					}
					answered.Add(1)
				}
			}
		})
	}
	return func() int {
		done.Store(true)
		running.Wait()
		return int(answered.Load())
	}
}

func TestRotatesBetweenTwoAccountsOfMySQLAndLosesNoRequest(t *testing.T) {
	env := servers(t)
	server := testservers.MySQL(t)
	root := server.Open(t, "")
	names := [2]string{env["MYSQL_DATABASE"] + "_a", env["MYSQL_DATABASE"] + "_b"}
	server.Grant(t, names[0], "password 0", env["MYSQL_DATABASE"])
	files := newSecret(t, login(names[0], "password 0"))
	service := startReady(t, env.without("MYSQL_USER", "MYSQL_PASSWORD").
		with("MYSQL_USER_FILE", files.path("username"), "MYSQL_PASSWORD_FILE", files.path("password")))
	stop := steady(t, service.client, 8)
	for i := 1; i <= 4; i++ {
		before, after, password := names[(i-1)%2], names[i%2], fmt.Sprint("password ", i)
		server.Grant(t, after, password, env["MYSQL_DATABASE"])
		files.replace(t, login(after, password))
		eventually(t, 30*time.Second, func() string {
			got := service.mustSend(t, http.MethodGet, "/metrics", "", "")
			if strings.Contains(got.body, `account="`+before+`"`) || !strings.Contains(got.body, `user_store_login_timestamp_seconds{account="`+after+`",store="mysql"}`) {
				return "the metrics still show " + before
			}
			return ""
		})
		if open := service.metric(t, `user_mysql_account_connections{account="`+after+`"}`); open < 1 {
			t.Errorf("%v connections are open as %s", open, after)
		}
		// What the metric says is true: nothing breaks without the account.
		var open int
		if err := root.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = ?", before).Scan(&open); err != nil || open > 0 {
			t.Errorf("%d connections are open as %s, which the metric does not show; %v", open, before, err)
		}
		if _, err := root.Exec("DROP USER '" + before + "'@'%'"); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d requests during 4 rotations, each 200", stop())
}

func TestKeepsTheCredentialsThatWorkWhenTheFilesAreAheadOfMySQL(t *testing.T) {
	env := servers(t)
	server := testservers.MySQL(t)
	name := env["MYSQL_DATABASE"] + "_a"
	server.Grant(t, name, "old", env["MYSQL_DATABASE"])
	files := newSecret(t, login(name, "old"))
	service := startReady(t, env.without("MYSQL_USER", "MYSQL_PASSWORD").
		with("MYSQL_USER_FILE", files.path("username"), "MYSQL_PASSWORD_FILE", files.path("password")))
	stop := steady(t, service.client, 4)
	files.replace(t, login(name, "new"))
	eventually(t, 10*time.Second, func() string {
		if service.metric(t, `user_store_login_refused{store="mysql"}`) != 1 {
			return "the metric does not say that the new credentials do not work"
		}
		return ""
	})
	if _, err := server.Open(t, "").Exec("ALTER USER '" + name + "'@'%' IDENTIFIED BY 'new'"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		if service.metric(t, `user_store_login_refused{store="mysql"}`) != 0 {
			return "the new credentials are not used, which work by now"
		}
		return ""
	})
	stop()
	for _, password := range []string{"old\"", "new\""} {
		if strings.Contains(service.log.String(), password) {
			t.Errorf("the log has a password")
		}
	}
}

func TestSpeaksTLSWithMySQLAndFollowsRotatedCertificates(t *testing.T) {
	first, second := testservers.NewAuthority(t), testservers.NewAuthority(t)
	serverCert, serverKey := first.Issue(t, "mysql.example")
	clientCert, clientKey := first.Issue(t, "user")
	both := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(both, []byte(content(t, first.CA)+content(t, second.CA)), 0o600); err != nil {
		t.Fatal(err)
	}
	server := testservers.StartMySQL(t, "--ssl-ca="+both, "--ssl-cert="+serverCert, "--ssl-key="+serverKey)
	server.Grant(t, "app", "app", "user")
	if _, err := server.Open(t, "").Exec("ALTER USER 'app'@'%' REQUIRE X509"); err != nil {
		t.Fatal(err)
	}
	env := environmentOf(server, testservers.Redis(t), "user").with("MYSQL_USER", "app", "MYSQL_PASSWORD", "app")
	plain := start(t, env)
	plain.awaitReady(t, "unavailable")

	files := newSecret(t, map[string]string{"ca.crt": content(t, first.CA), "tls.crt": content(t, clientCert), "tls.key": content(t, clientKey)})
	env = env.with("MYSQL_TLS_CA_FILE", files.path("ca.crt"), "MYSQL_TLS_CERT_FILE", files.path("tls.crt"), "MYSQL_TLS_KEY_FILE", files.path("tls.key"),
		"MYSQL_CONN_MAX_LIFETIME", "1s")
	service := startReady(t, env.with("MYSQL_TLS_SERVER_NAME", "mysql.example"))
	service.mustRegister(t, unique(), "pass")
	misnamed := start(t, env)
	eventually(t, 10*time.Second, func() string {
		if !strings.Contains(misnamed.log.String(), "127.0.0.1") || !strings.Contains(misnamed.log.String(), "certificate") {
			return "no line of the log names the certificate and the host: " + lastLines(misnamed.log.String(), 3)
		}
		return ""
	})

	// The server and then the client go over to another authority.
	cert, key := second.Issue(t, "mysql.example")
	copyFile(t, cert, serverCert)
	copyFile(t, key, serverKey)
	ownCert, ownKey := second.Issue(t, "user")
	files.replace(t, map[string]string{"ca.crt": content(t, both), "tls.crt": content(t, ownCert), "tls.key": content(t, ownKey)})
	stop := steady(t, service.client, 4)
	eventually(t, 10*time.Second, func() string {
		if !strings.Contains(service.log.String(), "new credentials of MySQL") {
			return "the files were not read again"
		}
		return ""
	})
	if _, err := server.Open(t, "").Exec("FLUSH SSL"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, func() string {
		var made int
		if err := server.Open(t, "").QueryRow("SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'Ssl_accepts'").Scan(&made); err != nil || made < 5 {
			return fmt.Sprint("connections made with TLS: ", made, err)
		}
		return ""
	})
	stop()
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	if err := os.WriteFile(to, []byte(content(t, from)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestSpeaksTLSWithRedisAsAnAccountOfItsACL(t *testing.T) {
	authority := testservers.NewAuthority(t)
	serverCert, serverKey := authority.Issue(t, "redis.example")
	clientCert, clientKey := authority.Issue(t, "user")
	port := nowhere(t)
	server := testservers.StartRedis(t, "--tls-port", port, "--tls-cert-file", serverCert, "--tls-key-file", serverKey, "--tls-ca-cert-file", authority.CA, "--tls-auth-clients", "yes")
	root := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	defer func() { _ = root.Close() }()
	acl := func(words ...any) {
		t.Helper()
		if err := root.Do(t.Context(), append([]any{"ACL"}, words...)...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	allow := func(name, password string) {
		acl("SETUSER", name, "on", ">"+password, "~user:*", "+@read", "+@write", "+@scripting", "+ping", "+time", "+hello", "+info")
	}
	allow("app-a", "a")
	files := newSecret(t, login("app-a", "a"))
	mysql := testservers.MySQL(t)
	env := environmentOf(mysql, server, mysql.NewName(t)).without("REDIS_PASSWORD").with("REDIS_PORT", port,
		"REDIS_USER_FILE", files.path("username"), "REDIS_PASSWORD_FILE", files.path("password"),
		"REDIS_TLS_CA_FILE", authority.CA, "REDIS_TLS_CERT_FILE", clientCert, "REDIS_TLS_KEY_FILE", clientKey)
	start(t, env).awaitReady(t, "degraded") // the certificate has another name
	service := startReady(t, env.with("REDIS_TLS_SERVER_NAME", "redis.example"))
	stop := steady(t, service.client, 4)
	allow("app-b", "b")
	files.replace(t, login("app-b", "b"))
	eventually(t, 10*time.Second, func() string {
		list, err := root.Do(t.Context(), "CLIENT", "LIST").Text()
		if err != nil || strings.Contains(list, "user=app-a") || !strings.Contains(list, "user=app-b") {
			return "the connections: " + list
		}
		return ""
	})
	if service.metric(t, `user_store_login_timestamp_seconds{account="app-b",store="redis"}`) == 0 {
		t.Error("the metrics do not show app-b")
	}
	acl("DELUSER", "app-a")
	stop()
	if bypassed := service.metric(t, `user_redis_uses_total{outcome="bypassed",use="lock"}`); bypassed > 0 {
		t.Errorf("%v locks were left out during the rotation; promised none", bypassed)
	}
}

func TestSaysWhichFilesOfTLSAreWrong(t *testing.T) {
	for name, row := range map[string]struct {
		env      environment
		promised string
	}{
		"missing":         {environment{"MYSQL_TLS_CA_FILE": "/nowhere/ca.crt"}, "MYSQL_TLS_CA_FILE"},
		"no certificate":  {environment{"REDIS_TLS_CA_FILE": "main.go"}, "main.go has no certificate in PEM"},
		"half a pair":     {environment{"MYSQL_TLS_CA_FILE": "system", "MYSQL_TLS_CERT_FILE": "/nowhere"}, "MYSQL_TLS_CERT_FILE and MYSQL_TLS_KEY_FILE belong together"},
		"a name, no TLS":  {environment{"MYSQL_TLS_SERVER_NAME": "mysql"}, "MYSQL_TLS_CA_FILE must be set"},
		"value and file":  {environment{"MYSQL_USER": "app", "MYSQL_USER_FILE": "main.go"}, "MYSQL_USER and MYSQL_USER_FILE are both set"},
		"no account file": {environment{"REDIS_USER_FILE": "/nowhere"}, "REDIS_USER_FILE must name a readable file"},
	} {
		t.Run(name, func(t *testing.T) {
			if code, _, said := capture(t, row.env); code != exitUsage || !strings.Contains(said, row.promised) {
				t.Errorf("ended with %d and does not say %q:\n%s", code, row.promised, said)
			}
		})
	}
}
