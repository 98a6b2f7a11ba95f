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
	return s.read(ctx, selectByKey, key)
}

// Latest implements account.Users: a node of Galera reads what every node had
// committed when it was asked.
func (s *Store) Latest(ctx context.Context, key string) (record account.Record, found bool, err error) {
	if !s.clustered.Load() {
		return account.Record{}, false, nil
	}
	return s.read(ctx, "SET STATEMENT wsrep_sync_wait = 1 FOR "+selectByKey, key)
}

func (s *Store) read(ctx context.Context, query, key string) (record account.Record, found bool, err error) {
	if err := s.Status(); err != nil {
		return account.Record{}, false, account.Away(err)
	}
	err = s.retrying(ctx, func() error {
		return s.pool.QueryRowContext(ctx, query, []byte(key)).
			Scan(&record.ID, &record.Username, &record.Email, &record.StoredPassword)
	})
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
	var id int64
	unknown := false // whether a try before was done
	err := s.retrying(ctx, func() error {
		result, err := s.pool.ExecContext(ctx, "INSERT INTO user (username, password, email, account_key) VALUES (?, ?, ?, ?)",
			registration.Username, hash, registration.Email, []byte(key))
		switch {
		case err == nil:
			id, err = result.LastInsertId()
		case unknown && isNumber(err, duplicateEntry):
			id, err = s.inserted(ctx, key, hash, err)
		}
		unknown = unknown || cut(err)
		return err
	})
	if isNumber(err, duplicateEntry) {
		return account.User{}, account.EmailTaken()
	}
	if err != nil {
		return account.User{}, s.classify(ctx, err)
	}
	return account.User{ID: id, Username: registration.Username, Email: registration.Email}, nil
}

// inserted is the id of the row that an INSERT made whose answer was lost, or
// the error duplicate when the row is another's: no two hashes are alike.
func (s *Store) inserted(ctx context.Context, key, hash string, duplicate error) (id int64, err error) {
	err = s.pool.QueryRowContext(ctx, "SELECT id FROM user WHERE account_key = ? AND password = ?", []byte(key), hash).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, duplicate
	}
	return id, err
}

// ReplacePassword implements account.Users.
func (s *Store) ReplacePassword(ctx context.Context, id int64, old, hash string) error {
	if err := s.Status(); err != nil {
		return account.Away(err)
	}
	return s.classify(ctx, s.retrying(ctx, func() error {
		_, err := s.pool.ExecContext(ctx, "UPDATE user SET password = ? WHERE id = ? AND password = ?", hash, id, old)
		return err
	}))
}

// findCluster finds out whether the server is a node of Galera.
func (s *Store) findCluster(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	var on bool
	err := s.control.QueryRowContext(ctx, "SELECT @@wsrep_on").Scan(&on)
	if isNumber(err, unknownVariable) {
		on, err = false, nil
	}
	s.clustered.Store(on)
	return err
}
