package mysql

import (
	"context"
	"crypto/tls"
	"errors"

	driver "github.com/go-sql-driver/mysql"

	"user/internal/account"
)

const (
	duplicateEntry  = 1062
	unknownDatabase = 1049
	unknownTable    = 1146
	notPrimary      = 1047
	accessDenied    = 1045
)

// away are the server's answers that say "not now" rather than "never", by
// number as in the MySQL and MariaDB error references.
var away = map[uint16]bool{
	// It is starting, ending or full of connections.
	1040: true, // too many connections
	1053: true, // shutdown in progress
	1079: true, // shutdown complete
	1135: true, // no thread can be made
	1203: true, // user has too many connections
	1226: true, // user resource limit

	// The account or the schema is not there yet, or is being changed.
	1044:            true, // access to the database denied
	accessDenied:    true, // access denied
	unknownDatabase: true,
	1054:            true, // no such column: not migrated yet
	1129:            true, // host blocked
	1130:            true, // host not allowed
	1142:            true, // command denied on a table
	1143:            true, // command denied on a column
	unknownTable:    true, // not migrated yet
	1396:            true, // account operation failed
	1412:            true, // the table has changed
	1698:            true, // access denied, by plugin
	1820:            true, // password has to be changed
	1862:            true, // password has expired
	3118:            true, // account is locked (MySQL)
	4151:            true, // account is locked (MariaDB)

	// The connection or the statement was cut off.
	1152: true, // aborted connection
	1158: true, // network read error
	1159: true, // network read time-out
	1160: true, // network write error
	1161: true, // network write time-out
	1184: true, // aborted connection
	1317: true, // query interrupted
	1927: true, // connection was killed
	1969: true, // statement time-out (MariaDB)
	3024: true, // statement time-out (MySQL)
	3169: true, // session was killed
	4031: true, // disconnected for inactivity

	// It is out of disk, memory or room.
	1021: true, // disk full
	1026: true, // error writing a file
	1030: true, // error of the storage engine
	1037: true, // out of memory
	1038: true, // out of sort memory
	1041: true, // out of memory
	1114: true, // table is full
	1206: true, // too many locks
	1637: true, // too many transactions
	3015: true, // out of memory in the storage engine

	// It is not the writer.
	1290: true, // option prevents it, such as read-only
	1792: true, // read-only transaction
	1836: true, // read-only
	3100: true, // error in group replication
	3101: true, // group replication rolled the transaction back

	// It is a node of a cluster that cannot serve, or another transaction won.
	notPrimary: true, // Galera: the node is not of the primary component
	1180:       true, // error at commit
	1205:       true, // lock wait time-out
	1213:       true, // deadlock
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

// denied is whether a server knows the account or its password otherwise.
func denied(err error) bool {
	return isNumber(err, accessDenied) || isNumber(err, 1698) || isNumber(err, 1820) || isNumber(err, 1862) || isNumber(err, 3118) || isNumber(err, 4151)
}

// outdated is whether a connection failed as it does with credentials of before.
func outdated(err error) bool {
	return denied(err) || errors.As(err, new(*tls.CertificateVerificationError))
}
