package mysql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"user/internal/account"
	"user/internal/config"
	"user/internal/credentials"
	"user/internal/testservers"
)

func TestMain(m *testing.M) { os.Exit(testservers.Run(m)) }

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func settings(t testing.TB) config.MySQL {
	t.Helper()
	server := testservers.MySQL(t)
	return config.MySQL{Host: server.Host, Port: server.Port, Login: credentials.Source{User: server.User, Password: server.Password}, Database: server.NewName(t), MaxConnections: 4, ConnMaxLifetime: time.Minute, MigrationTimeout: time.Minute}
}

// ready is a store that Keep prepared and watches until the test ends.
func ready(t testing.TB, settings config.MySQL) *Store {
	t.Helper()
	store, err := Open(settings, quiet)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := store.Keep(ctx); err != nil {
			t.Errorf("Keep: %v", err)
		}
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for deadline := time.Now().Add(30 * time.Second); store.Status() != nil; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not ready: %v", store.Status())
		}
	}
	return store
}

func TestFindsAnEmailByItsIndex(t *testing.T) {
	settings := settings(t)
	store := ready(t, settings)
	for i := range 200 {
		registration := account.Registration{Username: "u", Email: fmt.Sprintf("u%d@example.com", i)}
		if _, err := store.Insert(t.Context(), registration, account.Key(registration.Email), "hash"); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := store.pool.Query("EXPLAIN "+selectByKey, []byte(account.Key("U7@example.com")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, _ := rows.Columns()
	cells := make([]any, len(columns))
	text := make([]*string, len(columns))
	for i := range cells {
		cells[i] = &text[i]
	}
	if !rows.Next() {
		t.Fatal("EXPLAIN says nothing")
	}
	if err := rows.Scan(cells...); err != nil {
		t.Fatal(err)
	}
	for i, column := range columns {
		if column == "key" && (text[i] == nil || *text[i] != "account_key") {
			t.Errorf("the look-up uses the index %v; promised account_key", text[i])
		}
	}
}

func TestSaysThatAnEmailIsTaken(t *testing.T) {
	store := ready(t, settings(t))
	registration := account.Registration{Username: "u", Email: "Ünïcode@example.com"}
	user, err := store.Insert(t.Context(), registration, account.Key(registration.Email), "hash")
	if err != nil {
		t.Fatal(err)
	}
	registration.Email = "üNÏCODE@EXAMPLE.COM"
	if _, err := store.Insert(t.Context(), registration, account.Key(registration.Email), "hash"); account.CodeOf(err) != account.Taken {
		t.Errorf("the same email in another case: %v; promised that it is taken", err)
	}
	record, found, err := store.ByKey(t.Context(), account.Key("ünïcode@example.com"))
	if err != nil || !found || record.User != user || record.StoredPassword != "hash" {
		t.Errorf("found %+v, %t, %v", record, found, err)
	}
	if _, found, err := store.ByKey(t.Context(), account.Key("unicode@example.com")); err != nil || found {
		t.Errorf("found another email: %t, %v", found, err)
	}
}

func TestReplacesAPasswordOnlyIfItIsStillTheOldOne(t *testing.T) {
	store := ready(t, settings(t))
	user, err := store.Insert(t.Context(), account.Registration{Username: "u", Email: "u@example.com"}, "u@example.com", "old")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ old, hash, stored string }{{"other", "never", "old"}, {"old", "new", "new"}} {
		if err := store.ReplacePassword(t.Context(), user.ID, step.old, step.hash); err != nil {
			t.Fatal(err)
		}
		if record, _, _ := store.ByKey(t.Context(), "u@example.com"); record.StoredPassword != step.stored {
			t.Errorf("stored %q; promised %q", record.StoredPassword, step.stored)
		}
	}
}

func TestRecoversFromAMigrationThatWasNotRecorded(t *testing.T) {
	settings := settings(t)
	first := ready(t, settings)
	if _, err := first.Insert(t.Context(), account.Registration{Username: "u", Email: "u@example.com"}, "u@example.com", "hash"); err != nil {
		t.Fatal(err)
	}
	// As if the process had been killed right after the ALTER.
	if _, err := first.pool.Exec("DELETE FROM goose_db_version WHERE version_id >= 3"); err != nil {
		t.Fatal(err)
	}
	if _, found, err := ready(t, settings).ByKey(t.Context(), "u@example.com"); err != nil || !found {
		t.Errorf("found %t, %v", found, err)
	}
}

func TestTellsAnOutageFromAFault(t *testing.T) {
	store, err := Open(config.MySQL{Host: "127.0.0.1", Port: 1, Database: "user", MaxConnections: 1}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	for _, row := range []struct {
		err  error
		code account.Code
	}{
		{driver.ErrInvalidConn, account.Unavailable},
		{&net.OpError{Op: "dial", Err: errors.New("refused")}, account.Unavailable},
		{&driver.MySQLError{Number: 1053}, account.Unavailable},
		{&driver.MySQLError{Number: 1040}, account.Unavailable},
		{context.DeadlineExceeded, account.Unavailable},
		{&driver.MySQLError{Number: 1064}, ""},
		{context.Canceled, ""},
	} {
		if got := account.CodeOf(store.classify(t.Context(), row.err)); got != row.code {
			t.Errorf("%v is %q; promised %q", row.err, got, row.code)
		}
	}
}

func TestServesWithAnAccountThatMayNotMakeDatabases(t *testing.T) {
	settings := settings(t)
	limited := "limited_" + settings.Database[len(settings.Database)-8:]
	admin := testservers.MySQL(t).Open(t, "")
	statements := fmt.Sprintf("CREATE DATABASE %[1]s; CREATE USER '%[2]s'@'%%' IDENTIFIED BY 'p'; GRANT ALL ON %[1]s.* TO '%[2]s'@'%%'", settings.Database, limited)
	if _, err := admin.Exec(statements); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec("DROP USER '" + limited + "'@'%'"); err != nil {
			t.Error(err)
		}
	})
	settings.Login.User, settings.Login.Password = limited, "p"
	ready(t, settings)
}

func TestFindsDuplicatesOfATableThatIsReadInParts(t *testing.T) {
	defer func(before int) { rowsAtOnce = before }(rowsAtOnce)
	rowsAtOnce = 10
	settings := settings(t)
	server := testservers.MySQL(t)
	if _, err := server.Open(t, "").Exec("CREATE DATABASE " + settings.Database); err != nil {
		t.Fatal(err)
	}
	pool := server.Open(t, settings.Database)
	script, err := migrations.ReadFile("migrations/00001_create_user.sql")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(string(script)); err != nil {
		t.Fatal(err)
	}
	for i := range 100 { // each email of 50 twice, far from each other
		if _, err := pool.Exec("INSERT INTO user (username, password, email) VALUES ('u', 'p', ?)", fmt.Sprintf("u%d@example.com", i%50)); err != nil {
			t.Fatal(err)
		}
	}
	store, err := Open(settings, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var found *DuplicateEmailsError
	if err := store.Keep(t.Context()); !errors.As(err, &found) || found.Count != 100 || found.Rows[0].ID != 1 || found.Rows[1].ID != 51 {
		t.Errorf("found %v", err)
	}
}
