package testservers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// small keeps a server's files small; they are copied.
var small = []string{"--innodb-log-file-size=16M", "--innodb-buffer-pool-size=64M"}

func mysqlBinary(path, folder string, port int) (*process, error) {
	data, script := filepath.Join(folder, "data"), filepath.Join(folder, "grants.sql")
	if err := os.WriteFile(script, []byte(grants), 0o600); err != nil {
		return nil, err
	}
	installed, err := installation(path)
	if err != nil {
		return nil, err
	}
	if err := os.CopyFS(data, os.DirFS(installed)); err != nil {
		return nil, err
	}
	return &process{path: path, folder: folder, arguments: slices.Concat([]string{
		"--no-defaults", "--datadir=" + data, "--init-file=" + script,
		"--bind-address=127.0.0.1", fmt.Sprintf("--port=%d", port), "--skip-name-resolve",
		"--socket=" + filepath.Join(folder, "mysql.sock"), "--pid-file=" + filepath.Join(folder, "mysql.pid"),
		"--max-connections=300",
	}, small, asRoot())}, nil
}

func asRoot() []string {
	if os.Geteuid() == 0 {
		return []string{"--user=root"}
	}
	return nil
}

var installed struct {
	sync.Once
	folder string
	err    error
}

// installation is a data folder as it is before a server's first start; it is
// made once, as that takes seconds.
func installation(path string) (string, error) {
	installed.Do(func() {
		if installed.folder, installed.err = os.MkdirTemp("", "user-mysql-installation-"); installed.err != nil {
			return
		}
		data := filepath.Join(installed.folder, "data")
		install, arguments := path, []string{"--no-defaults", "--initialize-insecure", "--datadir=" + data}
		if filepath.Base(path) == "mariadbd" {
			install = "mariadb-install-db"
			arguments = []string{"--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--datadir=" + data}
		}
		installed.err = command(install, slices.Concat(arguments, small, asRoot())...)
	})
	return filepath.Join(installed.folder, "data"), installed.err
}

func removeInstallation() error {
	if installed.folder == "" {
		return nil
	}
	return os.RemoveAll(installed.folder)
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
