package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// DuplicateEmailsError lists the rows whose emails are the same without regard
// to case. Which of them a person meant to keep only people can know.
type DuplicateEmailsError struct {
	Database string
	Rows     []DuplicateRow
}

// DuplicateRow is one of the rows.
type DuplicateRow struct {
	ID        int64
	Email     string
	CreatedAt string
}

func (e *DuplicateEmailsError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d rows of %s.user hold emails that are the same without regard to case, so that they cannot be made unique. Nothing was changed.\n", len(e.Rows), e.Database)
	for _, row := range e.Rows {
		fmt.Fprintf(&text, "  id %d  %q  created %s\n", row.ID, row.Email, row.CreatedAt)
	}
	fmt.Fprintf(&text, "Keep one row of each email and change or delete the others (UPDATE %[1]s.user SET email = '…' WHERE id = …; or DELETE FROM %[1]s.user WHERE id = …), then start the service again.", e.Database)
	return text.String()
}

// lowered is the value that the migration gives email_key, whatever the
// character set of the lesson's table.
const lowered = "LOWER(CONVERT(email USING utf8mb4) COLLATE utf8mb4_bin)"

// refuseDuplicates returns a DuplicateEmailsError if the lesson's table cannot
// be given a unique email. It only reads.
func (s *Store) refuseDuplicates(ctx context.Context, conn *sql.Conn) error {
	var tables, keys int
	err := conn.QueryRowContext(ctx, `SELECT
		(SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user'),
		(SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'user' AND COLUMN_NAME = 'email_key')`).
		Scan(&tables, &keys)
	if err != nil || tables == 0 || keys > 0 {
		return err
	}
	rows, err := conn.QueryContext(ctx, `SELECT id, email, CAST(created_at AS CHAR) FROM user
		JOIN (SELECT `+lowered+` AS duplicate_key FROM user GROUP BY duplicate_key HAVING COUNT(*) > 1) AS duplicates
		ON duplicate_key = `+lowered+` ORDER BY duplicate_key, id`)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	found := &DuplicateEmailsError{Database: s.settings.Database}
	for rows.Next() {
		var row DuplicateRow
		var created sql.NullString
		if err := rows.Scan(&row.ID, &row.Email, &created); err != nil {
			return err
		}
		row.CreatedAt = created.String
		found.Rows = append(found.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if len(found.Rows) > 0 {
		return found
	}
	return nil
}
