package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// capture runs the program to its end.
func capture(t *testing.T, env environment, arguments ...string) (code int, stdout, stderr string) {
	t.Helper()
	command := exec.Command(build(t), arguments...)
	var out, failures strings.Builder
	command.Stdout, command.Stderr = &out, &failures
	command.Env = []string{}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	_ = command.Run() // the code says it
	return command.ProcessState.ExitCode(), out.String(), failures.String()
}

func TestListsItsVariablesWithTheirDefaults(t *testing.T) {
	code, out, _ := capture(t, nil, "--help")
	if code != exitOK {
		t.Errorf("--help ended with %d", code)
	}
	for name, fallback := range map[string]string{
		"HTTP_ADDR": ":10086", "MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": "3306", "MYSQL_USER": "root", "MYSQL_PASSWORD": "123456",
		"MYSQL_PASSWORD_FILE": "", "MYSQL_DATABASE": "user", "REDIS_HOST": "127.0.0.1", "REDIS_PORT": "6379", "REDIS_PASSWORD": "",
		"REDIS_PASSWORD_FILE": "", "DRAIN_DELAY": "0s", "LOG_LEVEL": "info", "ARGON2_MEMORY_KIB": "19456", "ARGON2_TIME": "2",
		"LOGIN_LIMIT_PER_MINUTE": "0", "REGISTER_LIMIT_PER_MINUTE": "0", "TRUSTED_PROXIES": "",
		"ADMIN_ADDR": "", "PPROF": "off", "MIGRATIONS": "run", "MYSQL_ADDRS": "", "MYSQL_USER_FILE": "", "MYSQL_TLS_CA_FILE": "", "MYSQL_TLS_CERT_FILE": "",
		"MYSQL_TLS_KEY_FILE": "", "MYSQL_TLS_SERVER_NAME": "", "REDIS_SENTINELS": "", "REDIS_SENTINEL_MASTER": "mymaster", "REDIS_USER": "", "REDIS_USER_FILE": "",
		"REDIS_TLS_CA_FILE": "", "PASSWORD_PEPPER_FILE": "", "OTEL_EXPORTER_OTLP_ENDPOINT": "",
	} {
		found := false
		for line := range strings.Lines(out) {
			words := strings.Fields(line)
			found = found || len(words) > 2 && words[0] == name && words[1] == `"`+fallback+`"`
		}
		if !found {
			t.Errorf("--help does not list %s with the default %q:\n%s", name, fallback, out)
		}
	}
}

func TestNamesEveryWrongVariableAtOnce(t *testing.T) {
	code, _, said := capture(t, environment{
		"HTTP_ADDR": "10086", "MYSQL_PORT": "none", "ARGON2_TIME": "0", "DRAIN_DELAY": "5", "TRUSTED_PROXIES": "10.0.0.0/33",
		"MYSQL_PASSWORD": "secret", "MYSQL_PASSWORD_FILE": "/nowhere", "REDIS_PASSWORD_FILE": "/nowhere",
	})
	if code != exitUsage {
		t.Errorf("ended with %d; promised %d", code, exitUsage)
	}
	for _, promised := range []string{
		`HTTP_ADDR must be host:port or :port; received "10086"`, `MYSQL_PORT must`, `received "none"`, `ARGON2_TIME must be a whole number from 1 to 100; received "0"`,
		`DRAIN_DELAY must be a duration`, `TRUSTED_PROXIES must`, `MYSQL_PASSWORD and MYSQL_PASSWORD_FILE are both set`, `REDIS_PASSWORD_FILE must name a readable file`,
	} {
		if !strings.Contains(said, promised) {
			t.Errorf("does not say %q:\n%s", promised, said)
		}
	}
	if strings.Contains(said, "secret") {
		t.Errorf("says the password:\n%s", said)
	}
}

func TestRefusesArgumentsItDoesNotKnow(t *testing.T) {
	for _, arguments := range [][]string{{"--chek"}, {"--check", "--help"}, {"migrate", "--check"}, {"migrate "}} {
		if code, _, said := capture(t, nil, arguments...); code != exitUsage || !strings.Contains(said, arguments[0]) {
			t.Errorf("%q: ended with %d: %s", arguments, code, said)
		}
	}
}

func TestChecksItsOwnReadiness(t *testing.T) {
	env := servers(t)
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte(env["MYSQL_PASSWORD"]+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	delete(env, "MYSQL_PASSWORD")
	service := launch(t, env.with("MYSQL_PASSWORD_FILE", secret))
	service.awaitReady(t, "ready")
	address := environment{"HTTP_ADDR": strings.TrimPrefix(service.url, "http://")}
	if code, _, said := capture(t, address, "--check"); code != exitOK {
		t.Errorf("--check ended with %d: %s", code, said)
	}
	away := launch(t, env.with("MYSQL_PORT", nowhere(t)))
	away.awaitReady(t, "unavailable")
	address = environment{"HTTP_ADDR": strings.TrimPrefix(away.url, "http://")}
	if code, _, said := capture(t, address, "--check"); code != exitFault || !strings.Contains(said, "503") {
		t.Errorf("--check without MySQL ended with %d: %s", code, said)
	}
	address = environment{"HTTP_ADDR": ":" + nowhere(t)}
	if code, _, said := capture(t, address, "--check"); code != exitFault || !strings.Contains(said, "not ready") {
		t.Errorf("--check without a service ended with %d: %s", code, said)
	}
}

func TestFailsWhenItsPortIsTaken(t *testing.T) {
	env := servers(t)
	service := startReady(t, env)
	code, _, said := capture(t, env.with("HTTP_ADDR", strings.TrimPrefix(service.url, "http://")))
	if code != exitFault || !strings.Contains(said, "HTTP_ADDR") {
		t.Errorf("ended with %d: %s", code, said)
	}
}

func TestTakesThePortOfAKubernetesServiceLink(t *testing.T) {
	env := servers(t)
	service := launch(t, env.with("MYSQL_PORT", "tcp://10.96.0.7:"+env["MYSQL_PORT"]))
	service.awaitReady(t, "ready")
}

func TestRestsInLittleMemory(t *testing.T) {
	const most = 30 << 20
	service := launch(t, servers(t))
	service.awaitReady(t, "ready")
	eventually(t, 10*time.Second, func() string {
		if statusBytes(t, service.command.Process.Pid, "VmRSS:") > most {
			return "more than 30 MB are resident"
		}
		return ""
	})
}
