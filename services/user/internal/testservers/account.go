package testservers

import (
	"fmt"
	"testing"
)

// Grant makes an account with all rights on a database and none beyond: unlike
// root it may not write while the server is read-only. It is dropped with the test.
func (s *Server) Grant(t testing.TB, user, password, database string) {
	t.Helper()
	pool := s.Open(t, "")
	statements := fmt.Sprintf("CREATE USER '%s'@'%%' IDENTIFIED BY '%s'; GRANT ALL ON `%s`.* TO '%s'@'%%'", user, password, database, user)
	if _, err := pool.Exec(statements); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := pool.Exec("DROP USER IF EXISTS '" + user + "'@'%'"); err != nil && s.backend == nil {
			t.Errorf("drop the account %s on %s: %v", user, s.Product, err)
		}
	})
}
