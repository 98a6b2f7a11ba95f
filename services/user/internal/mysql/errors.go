package mysql

import (
	"context"
	"errors"

	driver "github.com/go-sql-driver/mysql"

	"user/internal/account"
)

const (
	duplicateEntry  = 1062
	unknownDatabase = 1049
	unknownTable    = 1146
)

// away are the server's answers that say "not now" rather than "never", by
// number as in the MySQL and MariaDB error references.
var away = map[uint16]bool{
	1040:            true, // too many connections
	1044:            true, // access to the database denied: the account is not there yet
	1045:            true, // access denied: a server that is still initialising
	unknownDatabase: true,
	1053:            true, // shutdown in progress
	1129:            true, // host blocked
	1130:            true, // host not allowed: a server that is still initialising
	unknownTable:    true, // not migrated yet
	1054:            true, // no such column: not migrated yet
	1158:            true, // network read error
	1159:            true, // network read time-out
	1160:            true, // network write error
	1161:            true, // network write time-out
	1203:            true, // user has too many connections
	1205:            true, // lock wait time-out
	1213:            true, // deadlock
	1226:            true, // user resource limit
	1290:            true, // read-only
	1317:            true, // query interrupted
	1836:            true, // read-only
	1927:            true, // connection was killed
	3024:            true, // statement time-out
	4031:            true, // disconnected for inactivity
}

// classify turns a driver's error into an account.Error of code Unavailable
// when the server did not answer or said "not now"; others come back as they are.
func (s *Store) classify(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	var answer *driver.MySQLError
	if errors.As(err, &answer) && !away[answer.Number] {
		return err
	}
	if ctx.Err() != nil {
		return account.Busy(err)
	}
	s.nudge()
	return account.Away(err)
}

func isNumber(err error, number uint16) bool {
	var answer *driver.MySQLError
	return errors.As(err, &answer) && answer.Number == number
}
