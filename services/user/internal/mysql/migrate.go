package mysql

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is what the program needs: the last of its migrations.
const schemaVersion = 5

// prepare makes the database if it is missing, refuses emails that are there
// twice before anything is changed, and migrates the schema.
func (s *Store) prepare(ctx context.Context) error {
	version, err := s.currentVersion(ctx)
	if err != nil {
		return err
	}
	s.schema.Store(int64(version))
	if version >= schemaVersion {
		return nil
	}
	if s.settings.CheckSchema {
		return &SchemaError{Version: version}
	}
	if err := s.makeDatabase(ctx); err != nil {
		return err
	}
	work := s.openMigrating()
	ctx, cancel := context.WithTimeout(ctx, s.settings.MigrationTimeout)
	defer cancel()
	begun := time.Now()
	err = s.refuseDuplicates(ctx, work)
	if err == nil {
		err = s.migrate(ctx, work)
	}
	s.hooks.Migrated(time.Since(begun), err)
	if err == nil {
		s.schema.Store(schemaVersion)
	}
	return errors.Join(err, work.Close())
}

// SchemaVersions are the version of the schema, as it was last seen, and the one
// that the program needs.
func (s *Store) SchemaVersions() (seen, needed int) { return int(s.schema.Load()), schemaVersion }

// SchemaError says that the schema has to be migrated by somebody else.
type SchemaError struct{ Version int }

func (e *SchemaError) Error() string {
	return fmt.Sprintf("the schema has version %d, and this program needs %d; run user migrate", e.Version, schemaVersion)
}

// Migrate migrates the schema, whatever the settings say of it. It tries again
// while the server is away or another replica migrates, for the time of a migration.
func (s *Store) Migrate(ctx context.Context) error {
	s.settings.CheckSchema = false
	ctx, cancel := context.WithTimeout(ctx, s.settings.MigrationTimeout)
	defer cancel()
	for retry := firstRetry; ; retry = min(2*retry, lastRetry) {
		err := s.prepare(ctx)
		if err == nil {
			s.log.InfoContext(ctx, "the schema is as it has to be", "version", schemaVersion)
			return nil
		}
		var duplicates *DuplicateEmailsError
		if errors.As(err, &duplicates) || ctx.Err() != nil {
			return err
		}
		s.log.WarnContext(ctx, "the schema is not migrated; trying again", "retry_in", retry.String(), "error", err)
		if wait(ctx, retry); ctx.Err() != nil {
			return err
		}
	}
}

// currentVersion is the version that the schema has, 0 when there is none.
func (s *Store) currentVersion(ctx context.Context) (version int, err error) {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	err = s.control.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM `"+s.settings.Database+"`.goose_db_version WHERE is_applied").Scan(&version)
	if isNumber(err, unknownDatabase) || isNumber(err, unknownTable) {
		return 0, nil
	}
	return version, err
}

func (s *Store) makeDatabase(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var there int
	err := s.control.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?", s.settings.Database).Scan(&there)
	if err != nil || there > 0 {
		return err
	}
	s.log.InfoContext(ctx, "the database is missing and is made", "database", s.settings.Database)
	_, err = s.control.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS `"+s.settings.Database+"` CHARACTER SET utf8mb4")
	return err
}

// openMigrating opens a pool for one migration.
func (s *Store) openMigrating(further ...driver.Option) *sql.DB {
	return sql.OpenDB(newConnections(s.logins, s.log, s.settings.Database, append(further, func(options *driver.Config) error {
		// As the lease needs it, which several nodes may judge.
		options.ParseTime, options.Params = true, map[string]string{"time_zone": "'+00:00'"}
		return nil
	})...))
}

func (s *Store) migrate(ctx context.Context, work *sql.DB) (err error) {
	held, err := s.openLease()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.close()) }()
	if err := held.lock(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, held.unlock(ctx)) }()
	// Waiting for the lock may have outlived the connections.
	work.SetMaxIdleConns(0)
	if err := ping(ctx, work); err != nil {
		return err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectMySQL, work, files,
		goose.WithGoMigrations(keyMigration), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	go held.watch(ctx, end)
	results, err := provider.Up(ctx)
	for _, result := range results {
		s.log.InfoContext(ctx, "migrated", "version", result.Source.Version, "duration", result.Duration.String())
	}
	if err != nil {
		return fmt.Errorf("migrate: %w", errors.Join(err, context.Cause(ctx)))
	}
	return nil
}

func ping(ctx context.Context, pool *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	return pool.PingContext(ctx)
}
