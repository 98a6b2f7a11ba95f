package mysql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// prepare makes the database if it is missing, refuses emails that are there
// twice before anything is changed, and migrates the schema.
func (s *Store) prepare(ctx context.Context) error {
	pingContext, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := s.control.PingContext(pingContext); err != nil {
		return err
	}
	conn, err := s.control.Conn(ctx)
	if err != nil {
		return err
	}
	err = s.selectDatabase(ctx, conn)
	if err == nil {
		err = s.refuseDuplicates(ctx, conn)
	}
	// goose takes the connection next; it is the only one and has its database selected.
	if err := errors.Join(err, conn.Close()); err != nil {
		return err
	}
	return s.migrate(ctx)
}

func (s *Store) selectDatabase(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "USE `"+s.settings.Database+"`")
	if !isNumber(err, unknownDatabase) {
		return err
	}
	s.log.InfoContext(ctx, "the database is missing and is made", "database", s.settings.Database)
	if _, err := conn.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS `"+s.settings.Database+"` CHARACTER SET utf8mb4"); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "USE `"+s.settings.Database+"`")
	return err
}

func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectMySQL, s.control, files,
		goose.WithSessionLocker(namedLock{s.settings.Database}), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	results, err := provider.Up(ctx)
	for _, result := range results {
		s.log.InfoContext(ctx, "migrated", "migration", result.Source.Path, "duration", result.Duration.String())
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// namedLock lets one replica migrate at a time, by the server's GET_LOCK: it
// is free again as soon as its connection ends, however that ends.
type namedLock struct{ database string }

// name is of the database, since named locks are the server's; it has to keep
// below 64 characters.
func (l namedLock) name() string {
	return fmt.Sprintf("user-service-migrations-%08x", crc32.ChecksumIEEE([]byte(l.database)))
}

const lockWaitSeconds = 10

// SessionLock waits for the lock for ten seconds.
func (l namedLock) SessionLock(ctx context.Context, conn *sql.Conn) error {
	var got sql.NullInt64
	if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", l.name(), lockWaitSeconds).Scan(&got); err != nil {
		return err
	}
	if got.Int64 != 1 {
		return fmt.Errorf("another replica has been migrating for %d s (lock %s)", lockWaitSeconds, l.name())
	}
	return nil
}

// SessionUnlock frees the lock.
func (l namedLock) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, "DO RELEASE_LOCK(?)", l.name())
	return err
}
