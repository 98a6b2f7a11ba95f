package mysql

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"user/internal/account"
)

// DuplicateEmailsError lists rows whose emails have the same account.Key. Which
// of them a person meant to keep only people can know.
type DuplicateEmailsError struct {
	Database string
	Count    int            // of all such rows
	Rows     []DuplicateRow // the first of them
}

// DuplicateRow is one of the rows.
type DuplicateRow struct {
	ID        int64
	Email     string
	CreatedAt string
}

// mostListed keeps the report of a table full of duplicates readable.
const mostListed = 20

func (e *DuplicateEmailsError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d rows of %s.user hold emails that are the same without regard to case, Unicode form and the spelling of the domain, so that they cannot be made unique. Nothing was changed.\n", e.Count, e.Database)
	for _, row := range e.Rows {
		fmt.Fprintf(&text, "  id %d  %q  created %s\n", row.ID, row.Email, row.CreatedAt)
	}
	if more := e.Count - len(e.Rows); more > 0 {
		fmt.Fprintf(&text, "  and %d more\n", more)
	}
	fmt.Fprintf(&text, "Keep one row of each email and change or delete the others (UPDATE %[1]s.user SET email = '…' WHERE id = …; or DELETE FROM %[1]s.user WHERE id = …), then start the service again.", e.Database)
	return text.String()
}

// rowsAtOnce bounds the memory for finding duplicates to some 100 MB: a larger
// table is read several times, each time for another part of the keys.
var rowsAtOnce = 1_000_000

// refuseDuplicates returns a DuplicateEmailsError if the table has no unique
// keys yet and cannot be given them. It only reads.
func (s *Store) refuseDuplicates(ctx context.Context, db *sql.DB) error {
	var tables, keyed int
	err := db.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user'),
		(SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user' AND COLUMN_NAME = 'account_key' AND IS_NULLABLE = 'NO')`).
		Scan(&tables, &keyed)
	if err != nil || tables == 0 || keyed > 0 {
		return err
	}
	var count int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM user").Scan(&count); err != nil {
		return err
	}
	var duplicates [][]int64
	parts := uint32(count/rowsAtOnce + 1)
	for part := range parts {
		found, err := duplicatesOf(ctx, db, part, parts)
		if err != nil {
			return err
		}
		duplicates = append(duplicates, found...)
	}
	if len(duplicates) == 0 {
		return nil
	}
	slices.SortFunc(duplicates, func(a, b []int64) int { return cmp.Compare(a[0], b[0]) })
	ids := slices.Concat(duplicates...)
	failure := &DuplicateEmailsError{Database: s.settings.Database, Count: len(ids)}
	for _, id := range ids[:min(len(ids), mostListed)] {
		row := DuplicateRow{ID: id}
		var created sql.NullString
		if err := db.QueryRowContext(ctx, "SELECT email, CAST(created_at AS CHAR) FROM user WHERE id = ?", id).Scan(&row.Email, &created); err != nil {
			return err
		}
		row.CreatedAt = created.String
		failure.Rows = append(failure.Rows, row)
	}
	return failure
}

// duplicatesOf is the ids of rows that share a key, for each such key of one part of all.
func duplicatesOf(ctx context.Context, db *sql.DB, part, parts uint32) ([][]int64, error) {
	rows, err := db.QueryContext(ctx, "SELECT id, email FROM user ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	first := map[[16]byte]int64{}
	shared := map[[16]byte][]int64{}
	for rows.Next() {
		var id int64
		var email string
		if err := rows.Scan(&id, &email); err != nil {
			return nil, err
		}
		digest := sha256.Sum256([]byte(account.Key(email)))
		if binary.BigEndian.Uint32(digest[16:])%parts != part {
			continue
		}
		key := [16]byte(digest[:16])
		earlier, taken := first[key]
		switch {
		case !taken:
			first[key] = id
		case len(shared[key]) == 0:
			shared[key] = []int64{earlier, id}
		default:
			shared[key] = append(shared[key], id)
		}
	}
	var ids [][]int64
	for _, group := range shared {
		ids = append(ids, group)
	}
	return ids, rows.Err()
}
