package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/pressly/goose/v3"

	"user/internal/account"
)

// keyMigration gives each row the key of its email and makes keys unique; the
// column is there. Run again it changes nothing.
var keyMigration = goose.NewGoMigration(4, &goose.GoFunc{RunDB: func(ctx context.Context, db *sql.DB) error {
	// A replica of the version before may add rows until the column must not be NULL.
	var err error
	for range 3 {
		if err = fillKeys(ctx, db); err != nil {
			return err
		}
		if err = requireKeys(ctx, db); err == nil {
			return nil
		}
	}
	return err
}}, nil)

const keyBatch = 500

// fillKeys gives a key to each row that has none, a batch at a time.
func fillKeys(ctx context.Context, db *sql.DB) error {
	for after := int64(0); ; {
		ids, keys, err := keyless(ctx, db, after)
		if err != nil || len(ids) == 0 {
			return err
		}
		marks := strings.TrimSuffix(strings.Repeat("?,", len(ids)), ",")
		statement := "UPDATE user SET account_key = ELT(FIELD(id, " + marks + "), " + marks + ") WHERE id IN (" + marks + ") AND account_key IS NULL"
		arguments := append(append(append([]any{}, ids...), keys...), ids...)
		if _, err := db.ExecContext(ctx, statement, arguments...); err != nil {
			return err
		}
		after, _ = ids[len(ids)-1].(int64)
	}
}

// keyless is the next batch of rows without a key, and their keys.
func keyless(ctx context.Context, db *sql.DB, after int64) (ids, keys []any, err error) {
	rows, err := db.QueryContext(ctx, "SELECT id, email FROM user WHERE id > ? AND account_key IS NULL ORDER BY id LIMIT ?", after, keyBatch)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id int64
		var email string
		if err := rows.Scan(&id, &email); err != nil {
			return nil, nil, err
		}
		ids, keys = append(ids, id), append(keys, []byte(account.Key(email)))
	}
	return ids, keys, rows.Err()
}

// requireKeys is one ALTER, so that it happens wholly or not at all. It also
// drops the column that the version before went by.
func requireKeys(ctx context.Context, db *sql.DB) error {
	var nullable, old int
	err := db.QueryRowContext(ctx, `SELECT COALESCE(SUM(COLUMN_NAME = 'account_key' AND IS_NULLABLE = 'YES'), 0), COALESCE(SUM(COLUMN_NAME = 'email_key'), 0)
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user'`).Scan(&nullable, &old)
	if err != nil || nullable == 0 {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	// Without it a NULL would become an empty key.
	if _, err := conn.ExecContext(ctx, "SET SESSION sql_mode = 'STRICT_ALL_TABLES'"); err != nil {
		return err
	}
	statement := fmt.Sprintf("ALTER TABLE user MODIFY account_key VARBINARY(%d) NOT NULL, ADD UNIQUE INDEX account_key (account_key)", account.MaxKey)
	if old > 0 {
		statement += ", DROP COLUMN email_key"
	}
	_, err = conn.ExecContext(ctx, statement)
	return err
}
