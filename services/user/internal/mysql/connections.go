package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"sync/atomic"

	mysqldriver "github.com/go-sql-driver/mysql"

	"user/internal/credentials"
)

// connections makes connections for a pool, and can renew all of them.
type connections struct {
	logins  *logins
	options []mysqldriver.Option
	// database is the one that connections use, or "".
	database   string
	log        *slog.Logger
	generation atomic.Int64
}

// driverConn is all that the driver's connections can do.
type driverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// connection is good while it is of the current generation.
type connection struct {
	driverConn
	made        int64
	connections *connections
	leave       func()
}

// Connect implements driver.Connector.
func (c *connections) Connect(ctx context.Context) (driver.Conn, error) {
	// A server may take a connection and say nothing.
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	made := c.generation.Load()
	login := c.logins.current()
	conn, err := c.dial(ctx, login)
	if outdated(err) {
		// The files may be newer than the last look at them.
		if fresh, changed := c.logins.refresh(ctx, login, c.dial); changed {
			login = fresh
			conn, err = c.dial(ctx, login)
		}
	}
	if err != nil {
		return nil, err
	}
	full, able := conn.(driverConn)
	if !able {
		return nil, fmt.Errorf("the driver's %T cannot do all that is asked of it", conn)
	}
	return &connection{driverConn: full, made: made, connections: c, leave: c.logins.opened(login.User)}, nil
}

// Driver implements driver.Connector.
func (c *connections) Driver() driver.Driver { return mysqldriver.MySQLDriver{} }

// dial connects as login.
func (c *connections) dial(ctx context.Context, login credentials.Credentials) (driver.Conn, error) {
	options := mysqldriver.NewConfig()
	options.Net, options.Addr = "tcp", c.logins.settings.Addr()
	options.User, options.Passwd, options.DBName = login.User, login.Password, c.database
	if login.TLS != nil {
		options.TLS = login.TLS.Clone()
	}
	// One round trip for each query; sound because the connection is utf8mb4.
	options.InterpolateParams = true
	// A connection to a server that was demoted is given up for a new one, which
	// a proxy or a name leads to the writer.
	options.RejectReadOnly = true
	options.Logger = driverLog{c.log}
	if err := options.Apply(c.options...); err != nil {
		return nil, fmt.Errorf("MySQL settings: %w", err)
	}
	connector, err := mysqldriver.NewConnector(options)
	if err != nil {
		return nil, fmt.Errorf("MySQL settings: %w", err)
	}
	return connector.Connect(ctx)
}

// Close closes the connection.
func (c *connection) Close() error {
	c.leave()
	return c.driverConn.Close()
}

func (c *connection) stale() bool { return c.made != c.connections.generation.Load() }

// IsValid is asked when a connection goes back to the pool.
func (c *connection) IsValid() bool { return !c.stale() && c.driverConn.IsValid() }

// ResetSession is called when a connection is taken from the pool.
func (c *connection) ResetSession(ctx context.Context) error {
	if c.stale() {
		return driver.ErrBadConn
	}
	return c.driverConn.ResetSession(ctx)
}

// renew has a pool of at most most connections make new ones: the idle ones are
// closed now, those in use when they are given back.
func (c *connections) renew(pool *sql.DB, most int) {
	c.generation.Add(1)
	pool.SetMaxIdleConns(0)
	pool.SetMaxIdleConns(most)
}

func newConnections(logins *logins, log *slog.Logger, database string, further ...mysqldriver.Option) *connections {
	return &connections{logins: logins, log: log, database: database, options: further}
}
