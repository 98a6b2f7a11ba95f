package account

import (
	"context"
	"errors"
	"time"
)

// Code classes an Error; a transport maps each code to its own status in one table.
type Code string

// The codes of an Error.
const (
	Invalid     Code = "invalid"     // a field breaks a rule
	Mismatch    Code = "mismatch"    // email and password do not match
	Taken       Code = "taken"       // the email is registered already
	Throttled   Code = "throttled"   // too many attempts; see RetryAfter
	Unavailable Code = "unavailable" // the database or a hashing slot is away; see RetryAfter
)

// Error is a failure that a client is told about. Message is fit for the
// client; Cause, if any, is for the log alone.
type Error struct {
	Code       Code
	Message    string
	RetryAfter time.Duration
	Cause      error
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.Cause.Error()
}

func (e *Error) Unwrap() error { return e.Cause }

// CodeOf is the code of the Error in err's chain, or "" when there is none.
func CodeOf(err error) Code {
	var known *Error
	if errors.As(err, &known) {
		return known.Code
	}
	return ""
}

// Away is the Error for a database that did not answer.
func Away(cause error) *Error {
	return &Error{Code: Unavailable, Message: "the user database is not available; try again shortly", RetryAfter: time.Second, Cause: cause}
}

// Busy is the Error for a request whose time ran out while it waited for a turn.
func Busy(cause error) *Error {
	return &Error{Code: Unavailable, Message: "the service is busy; try again shortly", RetryAfter: time.Second, Cause: cause}
}

func throttled(wait time.Duration) *Error {
	return &Error{Code: Throttled, Message: "too many attempts; wait and try again", RetryAfter: wait}
}

// EmailTaken is the Error for an email that is registered already.
func EmailTaken() *Error {
	return &Error{Code: Taken, Message: "a user with this email is registered already"}
}

func mismatch() *Error {
	return &Error{Code: Mismatch, Message: "email and password do not match"}
}

// overtime turns the end of a request's time into Busy and leaves other errors.
func overtime(err error) error {
	if CodeOf(err) == "" && errors.Is(err, context.DeadlineExceeded) {
		return Busy(err)
	}
	return err
}
