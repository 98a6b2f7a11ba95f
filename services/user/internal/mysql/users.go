package mysql

import (
	"context"
	"database/sql"
	"errors"

	"user/internal/account"
)

var _ account.Users = (*Store)(nil)

const selectByKey = "SELECT id, username, email, password FROM user WHERE account_key = ?"

// ByKey implements account.Users.
func (s *Store) ByKey(ctx context.Context, key string) (record account.Record, found bool, err error) {
	if err := s.Status(); err != nil {
		return account.Record{}, false, account.Away(err)
	}
	err = s.pool.QueryRowContext(ctx, selectByKey, []byte(key)).
		Scan(&record.ID, &record.Username, &record.Email, &record.StoredPassword)
	if errors.Is(err, sql.ErrNoRows) {
		return account.Record{}, false, nil
	}
	if err != nil {
		return account.Record{}, false, s.classify(ctx, err)
	}
	return record, true, nil
}

// Insert implements account.Users.
func (s *Store) Insert(ctx context.Context, registration account.Registration, key, hash string) (account.User, error) {
	if err := s.Status(); err != nil {
		return account.User{}, account.Away(err)
	}
	result, err := s.pool.ExecContext(ctx, "INSERT INTO user (username, password, email, account_key) VALUES (?, ?, ?, ?)",
		registration.Username, hash, registration.Email, []byte(key))
	if isNumber(err, duplicateEntry) {
		return account.User{}, account.EmailTaken()
	}
	if err != nil {
		return account.User{}, s.classify(ctx, err)
	}
	id, err := result.LastInsertId()
	if err != nil {
		return account.User{}, err
	}
	return account.User{ID: id, Username: registration.Username, Email: registration.Email}, nil
}

// ReplacePassword implements account.Users.
func (s *Store) ReplacePassword(ctx context.Context, id int64, old, hash string) error {
	if err := s.Status(); err != nil {
		return account.Away(err)
	}
	_, err := s.pool.ExecContext(ctx, "UPDATE user SET password = ? WHERE id = ? AND password = ?", hash, id, old)
	return s.classify(ctx, err)
}
