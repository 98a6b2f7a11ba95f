package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"runtime/debug"
	"time"

	"golang.org/x/sync/singleflight"
)

// Users stores users. Its errors are of code Unavailable when the store did
// not answer, Taken when an email is registered already; any other error is a fault.
type Users interface {
	// ByKey finds a user by the Key of an email.
	ByKey(ctx context.Context, key string) (record Record, found bool, err error)
	// Insert stores a user under the Key of its email; it alone decides which of
	// two registrations of a key wins.
	Insert(ctx context.Context, registration Registration, key, hash string) (User, error)
	// ReplacePassword stores hash for the user if its stored password still is old.
	ReplacePassword(ctx context.Context, id int64, old, hash string) error
}

// Hasher hashes passwords, a bounded number at once.
type Hasher interface {
	// Enter takes a place in the queue for hashing; leave must be called once.
	// It does not wait: an error, of code Unavailable, says that the queue is full.
	Enter() (leave func(), err error)
	// Turn runs job when it is the caller's turn; the caller has a place. It is
	// an error of code Unavailable when ctx ends first.
	Turn(ctx context.Context, job func()) error
	// Hash hashes a password; it is called by a job.
	Hash(password Password) (string, error)
	// Verify compares; it is called by a job. What it costs depends on the
	// password alone, and not on the stored text, which may be empty (no such
	// user) or plain. stale asks to replace the stored text with a new hash.
	Verify(stored string, password Password) (matches, stale bool)
}

// Locker spares the losers of a race for one email their hashing. It is a
// help, not the truth: without Redis every try succeeds.
type Locker interface {
	TryLock(ctx context.Context, key string) (unlock func(), held bool)
}

// Throttle slows guessers. Its methods take milliseconds at most.
type Throttle interface {
	// TakeLogin counts the attempt as a failure before it is judged, so that no
	// number of attempts made at once passes the limit; giveBack undoes it if it
	// was none. If wait is above 0 the attempt is over the limit and not counted.
	TakeLogin(ctx context.Context, attempt Attempt) (giveBack func(), wait time.Duration)
	// TakeRegistration counts a registration; wait is as for TakeLogin.
	TakeRegistration(ctx context.Context, attempt Attempt) (wait time.Duration)
}

// Service registers users and logs them in.
type Service struct {
	Users    Users
	Hasher   Hasher
	Locker   Locker
	Throttle Throttle
	// PasswordRules hold for registrations.
	PasswordRules PasswordRules
	Log           *slog.Logger

	registering singleflight.Group
}

// Register stores a new user. Of any number of registrations of one email
// exactly one succeeds; the others end in an Error of code Taken.
func (s *Service) Register(ctx context.Context, registration Registration, address netip.Addr) (User, error) {
	if err := registration.Validate(); err != nil {
		return User{}, err
	}
	if err := s.PasswordRules.Check(registration); err != nil {
		return User{}, err
	}
	attempt := Attempt{Address: address, Key: Key(registration.Email)}
	if wait := s.Throttle.TakeRegistration(ctx, attempt); wait > 0 {
		return User{}, throttled(wait)
	}
	for {
		var first bool
		ended := s.registering.DoChan(attempt.Key, func() (user any, err error) {
			defer func() {
				if fault := recover(); fault != nil {
					err = fmt.Errorf("registering panicked: %v\n%s", fault, debug.Stack())
				}
			}()
			first = true
			return s.registerFirst(ctx, registration, attempt.Key)
		})
		select {
		case result := <-ended:
			user, registered := result.Val.(User)
			switch {
			case first:
				return user, overtime(result.Err)
			case result.Err == nil && registered:
				return User{}, EmailTaken()
			case !errors.Is(result.Err, context.Canceled) && !errors.Is(result.Err, context.DeadlineExceeded):
				return User{}, result.Err
			}
			// The time of the one that was first has ended; that of this one has not.
		case <-ctx.Done():
			return User{}, overtime(ctx.Err())
		}
	}
}

// registerFirst registers for all in this process who register the email now.
func (s *Service) registerFirst(ctx context.Context, registration Registration, key string) (User, error) {
	leave, err := s.Hasher.Enter()
	if err != nil {
		return User{}, err
	}
	defer leave()
	if err := s.free(ctx, key); err != nil {
		return User{}, err
	}
	unlock, err := s.lock(ctx, key)
	if err != nil {
		return User{}, err
	}
	defer unlock()
	var hash string
	var failure error
	err = s.Hasher.Turn(ctx, func() { hash, failure = s.Hasher.Hash(registration.Password) })
	if err := errors.Join(err, failure); err != nil {
		return User{}, err
	}
	return s.Users.Insert(ctx, registration, key, hash)
}

// lock waits for the key's lock, and stops waiting when the email is
// registered meanwhile (Taken) or the request's time ends (Unavailable).
func (s *Service) lock(ctx context.Context, key string) (unlock func(), err error) {
	for {
		unlock, held := s.Locker.TryLock(ctx, key)
		if held {
			return unlock, nil
		}
		// Waiters spread out, so that those of many replicas do not starve the holder.
		pause := time.NewTimer(50*time.Millisecond + rand.N(100*time.Millisecond))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		case <-pause.C:
		}
		if err := s.free(ctx, key); err != nil {
			return nil, err
		}
	}
}

// free is nil when nobody has registered the key yet.
func (s *Service) free(ctx context.Context, key string) error {
	_, found, err := s.Users.ByKey(ctx, key)
	if err != nil {
		return err
	}
	if found {
		return EmailTaken()
	}
	return nil
}

// Login returns the user whom the credentials belong to. An unknown email and
// a wrong password end in the same Error after the same work.
func (s *Service) Login(ctx context.Context, credentials Credentials, address netip.Addr) (User, error) {
	if err := credentials.Validate(); err != nil {
		return User{}, err
	}
	attempt := Attempt{Address: address, Key: Key(credentials.Email)}
	leave, err := s.Hasher.Enter()
	if err != nil {
		return User{}, err
	}
	defer leave()
	giveBack, wait := s.Throttle.TakeLogin(ctx, attempt)
	if wait > 0 {
		return User{}, throttled(wait)
	}
	user, err := s.judge(ctx, credentials.Password, attempt.Key)
	if CodeOf(err) != Mismatch {
		giveBack()
	}
	return user, overtime(err)
}

// judge is the user whose key and password these are.
func (s *Service) judge(ctx context.Context, password Password, key string) (User, error) {
	record, _, err := s.Users.ByKey(ctx, key)
	if err != nil {
		return User{}, err
	}
	hash, err := s.verify(ctx, record, password)
	if err != nil {
		return User{}, err
	}
	if hash != "" {
		if err := s.Users.ReplacePassword(ctx, record.ID, record.StoredPassword, hash); err != nil {
			s.Log.WarnContext(ctx, "the stored password was not rehashed; the next login tries again", "user_id", record.ID, "error", err)
		}
	}
	return record.User, nil
}

// verify is nil when the password is the record's, and then also the hash that
// should replace the stored one, "" when that is good.
func (s *Service) verify(ctx context.Context, record Record, password Password) (hash string, err error) {
	var failure error
	err = s.Hasher.Turn(ctx, func() {
		matches, stale := s.Hasher.Verify(record.StoredPassword, password)
		switch {
		case !matches:
			failure = mismatch()
		case stale:
			hash, failure = s.Hasher.Hash(password)
		}
	})
	return hash, errors.Join(err, failure)
}
