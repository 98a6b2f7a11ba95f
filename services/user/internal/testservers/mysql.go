package testservers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"
)

const rootPassword = "123456"

var mysqlKind = &kind{
	name:        "MySQL",
	addrEnv:     "TEST_MYSQL_ADDR",
	password:    rootPassword,
	binaries:    []string{"mariadbd", "mysqld"},
	packages:    []string{"mariadb-server"},
	imageEnv:    "TEST_MYSQL_IMAGE",
	image:       "docker.io/library/mariadb:10.11",
	port:        3306,
	environment: []string{"MYSQL_ROOT_PASSWORD=" + rootPassword},
	binary:      mysqlBinary,
	ask: func(ctx context.Context, server *Server) (string, error) {
		pool, err := server.open("")
		if err != nil {
			return "", err
		}
		defer func() { _ = pool.Close() }()
		var version string
		if err := pool.QueryRowContext(ctx, "SELECT VERSION()").Scan(&version); err != nil {
			return "", err
		}
		if strings.Contains(version, "MariaDB") {
			return "MariaDB " + version, nil
		}
		return "MySQL " + version, nil
	},
}

// grants let root in over TCP with its password; they hold on each start.
const grants = `CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '` + rootPassword + `';
ALTER USER 'root'@'%' IDENTIFIED BY '` + rootPassword + `';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;
DROP USER IF EXISTS 'root'@'127.0.0.1';
ALTER USER 'root'@'localhost' IDENTIFIED BY '` + rootPassword + `';
`

func mysqlBinary(path, folder string, port int) (backend, error) {
	data, script := filepath.Join(folder, "data"), filepath.Join(folder, "grants.sql")
	if err := os.WriteFile(script, []byte(grants), 0o600); err != nil {
		return nil, err
	}
	var asRoot []string
	if os.Geteuid() == 0 {
		asRoot = []string{"--user=root"}
	}
	install, arguments := path, []string{"--no-defaults", "--initialize-insecure", "--datadir=" + data}
	if filepath.Base(path) == "mariadbd" {
		install = "mariadb-install-db"
		arguments = []string{"--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--datadir=" + data}
	}
	if err := command(install, append(arguments, asRoot...)...); err != nil {
		return nil, err
	}
	return &process{path: path, folder: folder, arguments: append([]string{
		"--no-defaults", "--datadir=" + data, "--init-file=" + script,
		"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port), "--skip-name-resolve",
		"--socket=" + filepath.Join(folder, "mysql.sock"), "--pid-file=" + filepath.Join(folder, "mysql.pid"),
		"--innodb-buffer-pool-size=64M", "--max-connections=300",
	}, asRoot...)}, nil
}

func (s *Server) open(database string) (*sql.DB, error) {
	options := driver.NewConfig()
	options.Net, options.Addr, options.User, options.Passwd, options.DBName = "tcp", s.Addr(), s.User, s.Password, database
	options.MultiStatements, options.Logger = true, &driver.NopLogger{}
	connector, err := driver.NewConnector(options)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// Open connects to a database of the server, or to none when the name is empty.
// Several statements may be sent at once.
func (s *Server) Open(t testing.TB, database string) *sql.DB {
	t.Helper()
	pool, err := s.open(database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// NewName is a name for a database that nobody has; what the test makes under
// it is dropped when the test ends.
func (s *Server) NewName(t testing.TB) string {
	t.Helper()
	var random [6]byte
	_, _ = rand.Read(random[:])
	name := "user_test_" + hex.EncodeToString(random[:])
	pool := s.Open(t, "")
	t.Cleanup(func() {
		if _, err := pool.Exec("DROP DATABASE IF EXISTS " + name); err != nil && s.backend == nil {
			t.Errorf("drop %s on %s: %v", name, s.Product, err)
		}
	})
	return name
}
