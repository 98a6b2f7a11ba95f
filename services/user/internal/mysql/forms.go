package mysql

import (
	"context"
	"database/sql"

	"user/internal/account"
)

var _ account.StoredPasswords = (*Store)(nil)

// plainForm and unknownForm are values of the column password_form.
const plainForm, unknownForm = 1, 2

// CountPasswords implements account.StoredPasswords.
func (s *Store) CountPasswords(ctx context.Context) (plain, unknown int, err error) {
	if err := s.Status(); err != nil {
		return 0, 0, account.Away(err)
	}
	err = s.pool.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM user WHERE password_form = ?), (SELECT COUNT(*) FROM user WHERE password_form = ?)`,
		plainForm, unknownForm).Scan(&plain, &unknown)
	return plain, unknown, s.classify(ctx, err)
}

// PlainPasswords implements account.StoredPasswords.
func (s *Store) PlainPasswords(ctx context.Context, most int) ([]account.Record, error) {
	if err := s.Status(); err != nil {
		return nil, account.Away(err)
	}
	rows, err := s.pool.QueryContext(ctx, "SELECT id, password FROM user WHERE password_form = ? LIMIT ?", plainForm, most)
	if err != nil {
		return nil, s.classify(ctx, err)
	}
	records, err := scanPasswords(rows)
	return records, s.classify(ctx, err)
}

func scanPasswords(rows *sql.Rows) (records []account.Record, err error) {
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var record account.Record
		if err := rows.Scan(&record.ID, &record.StoredPassword); err != nil {
			return nil, err
		}
		records = append(records, record)
	}
	return records, rows.Err()
}
