package main

import (
	"net/http"
	"strings"
	"testing"

	"user/internal/testservers"
)

func TestNeedsNoRightsOnTheSchemaOnceItIsMigrated(t *testing.T) {
	env := servers(t)
	server := testservers.MySQL(t)
	database := env["MYSQL_DATABASE"]
	owner, worker := database+"_o", database+"_w"
	server.Grant(t, owner, "p", database)
	root := server.Open(t, "")
	if _, err := root.Exec("CREATE USER '" + worker + "'@'%' IDENTIFIED BY 'p'; CREATE DATABASE " + database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = root.Exec("DROP USER '" + worker + "'@'%'") })
	if _, err := root.Exec("GRANT SELECT, INSERT, UPDATE ON " + database + ".* TO '" + worker + "'@'%'"); err != nil {
		t.Fatal(err)
	}
	service := start(t, env.with("MYSQL_USER", worker, "MYSQL_PASSWORD", "p", "MIGRATIONS", "check"))
	service.awaitReady(t, "unavailable")
	eventually(t, loadTimeout, func() string {
		if !strings.Contains(service.log.String(), "the schema has version 0, and this program needs") {
			return "the log does not say what is missing"
		}
		return ""
	})
	if seen, needed := service.metric(t, "user_schema_version"), service.metric(t, "user_schema_version_needed"); seen != 0 || needed < 5 {
		t.Errorf("the metrics have the schema at %v, and need %v", seen, needed)
	}
	var tables int
	if err := root.QueryRow("SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?", database).Scan(&tables); err != nil || tables > 0 {
		t.Errorf("it made %d tables; promised none; %v", tables, err)
	}
	for range 2 { // the second time there is nothing to do
		if code, _, said := capture(t, env.with("MYSQL_USER", owner, "MYSQL_PASSWORD", "p", "MIGRATIONS", "check"), "migrate"); code != exitOK {
			t.Fatalf("user migrate ended with %d: %s", code, said)
		}
	}
	service.awaitReady(t, "ready")
	if seen, needed := service.metric(t, "user_schema_version"), service.metric(t, "user_schema_version_needed"); seen != needed {
		t.Errorf("the metrics have the schema at %v after the migration, and need %v", seen, needed)
	}
	email := unique()
	service.mustRegister(t, email, "pass")
	service.mustLogin(t, email, "pass")
}

func TestMigrateFailsWithoutADatabaseInTime(t *testing.T) {
	env := servers(t).with("MYSQL_PORT", nowhere(t), "MIGRATION_TIMEOUT", "1s")
	if code, _, said := capture(t, env, "migrate"); code != exitFault || !strings.Contains(said, "refused") {
		t.Errorf("ended with %d: %s", code, said)
	}
}

func TestSaysItsVersion(t *testing.T) {
	code, out, _ := capture(t, nil, "--version")
	if code != exitOK || !strings.HasPrefix(out, "user ") || !strings.Contains(out, "go1.") {
		t.Errorf("ended with %d: %s", code, out)
	}
	service := startReady(t, servers(t))
	if migrated := service.metric(t, `user_migration_duration_seconds_count{outcome="succeeded"}`); migrated != 1 {
		t.Errorf("%v migrations are counted", migrated)
	}
	if got := service.mustSend(t, http.MethodGet, "/metrics", "", ""); !strings.Contains(got.body, "user_build_info{") {
		t.Error("/metrics has no user_build_info")
	}
}
