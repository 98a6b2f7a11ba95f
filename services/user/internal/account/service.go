package account

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// Users stores users. Its errors are of code Unavailable when the store did
// not answer, Taken when an email is registered already; any other error is a fault.
type Users interface {
	// ByEmail finds a user without regard to the email's case.
	ByEmail(ctx context.Context, email string) (record Record, found bool, err error)
	// Insert stores a user; it alone decides which of two registrations of an email wins.
	Insert(ctx context.Context, registration Registration, hash string) (User, error)
	// ReplacePassword stores hash for the user if its stored password still is old.
	ReplacePassword(ctx context.Context, id int64, old, hash string) error
}

// Hasher hashes passwords, a bounded number at once.
type Hasher interface {
	// Slot waits for a turn to hash until ctx ends, which is an error of code Unavailable.
	Slot(ctx context.Context) (release func(), err error)
	// Hash hashes a password; the caller holds a slot.
	Hash(password Password) (string, error)
	// Verify compares; the caller holds a slot. Every call costs one hash, also
	// for stored text that is empty (no such user) or plain. stale asks to
	// replace the stored text with a new hash.
	Verify(stored string, password Password) (matches, stale bool)
}

// Locker spares the losers of a race for one email their hashing. It is a
// help, not the truth: without Redis every try succeeds.
type Locker interface {
	TryLock(ctx context.Context, email string) (unlock func(), held bool)
}

// Throttle slows guessers. Every method goes on at once when it is off or Redis is away.
type Throttle interface {
	// LoginBlocked is how long the attempt has to wait, 0 when it may go on.
	LoginBlocked(ctx context.Context, attempt Attempt) time.Duration
	// LoginFailed counts a failure.
	LoginFailed(ctx context.Context, attempt Attempt)
	// TakeRegistration counts a registration, and is how long it has to wait, 0 when it may go on.
	TakeRegistration(ctx context.Context, attempt Attempt) time.Duration
}

// Service registers users and logs them in.
type Service struct {
	Users    Users
	Hasher   Hasher
	Locker   Locker
	Throttle Throttle
	Log      *slog.Logger
}

// Register stores a new user. Of any number of registrations of one email
// exactly one succeeds; the others end in an Error of code Taken.
func (s *Service) Register(ctx context.Context, registration Registration, attempt Attempt) (User, error) {
	if err := registration.Validate(); err != nil {
		return User{}, err
	}
	if wait := s.Throttle.TakeRegistration(ctx, attempt); wait > 0 {
		return User{}, throttled(wait)
	}
	if err := s.free(ctx, registration.Email); err != nil {
		return User{}, overtime(err)
	}
	unlock, err := s.lock(ctx, registration.Email)
	if err != nil {
		return User{}, overtime(err)
	}
	defer unlock()
	hash, err := s.hashIfFree(ctx, registration)
	if err != nil {
		return User{}, overtime(err)
	}
	user, err := s.Users.Insert(ctx, registration, hash)
	return user, overtime(err)
}

// lock waits for the email's lock, and stops waiting when the email is
// registered meanwhile (Taken) or the request's time ends (Unavailable).
func (s *Service) lock(ctx context.Context, email string) (unlock func(), err error) {
	for {
		unlock, held := s.Locker.TryLock(ctx, email)
		if held {
			return unlock, nil
		}
		// Waiters spread out, so that a thousand of them do not starve the holder.
		pause := time.NewTimer(50*time.Millisecond + rand.N(100*time.Millisecond))
		select {
		case <-ctx.Done():
			pause.Stop()
			return nil, ctx.Err()
		case <-pause.C:
		}
		if err := s.free(ctx, email); err != nil {
			return nil, err
		}
	}
}

// free is nil when nobody has registered the email yet.
func (s *Service) free(ctx context.Context, email string) error {
	_, found, err := s.Users.ByEmail(ctx, email)
	if err != nil {
		return err
	}
	if found {
		return EmailTaken()
	}
	return nil
}

// hashIfFree looks the email up again once it holds a slot: those who queued
// behind the winner then cost a look-up and no hash.
func (s *Service) hashIfFree(ctx context.Context, registration Registration) (string, error) {
	release, err := s.Hasher.Slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	if err := s.free(ctx, registration.Email); err != nil {
		return "", err
	}
	return s.Hasher.Hash(registration.Password)
}

// Login returns the user whom the credentials belong to. An unknown email and
// a wrong password end in the same Error after the same work.
func (s *Service) Login(ctx context.Context, credentials Credentials, attempt Attempt) (User, error) {
	if err := credentials.Validate(); err != nil {
		return User{}, err
	}
	if wait := s.Throttle.LoginBlocked(ctx, attempt); wait > 0 {
		return User{}, throttled(wait)
	}
	record, _, err := s.Users.ByEmail(ctx, credentials.Email)
	if err != nil {
		return User{}, overtime(err)
	}
	hash, err := s.verify(ctx, record, credentials.Password, attempt)
	if err != nil {
		return User{}, overtime(err)
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
func (s *Service) verify(ctx context.Context, record Record, password Password, attempt Attempt) (hash string, err error) {
	release, err := s.Hasher.Slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	// Asked again in the slot, and a failure counted before it is given up, so
	// that guesses made all at once cannot pass the limit by more than the slots.
	if wait := s.Throttle.LoginBlocked(ctx, attempt); wait > 0 {
		return "", throttled(wait)
	}
	matches, stale := s.Hasher.Verify(record.StoredPassword, password)
	if !matches {
		s.Throttle.LoginFailed(ctx, attempt)
		return "", mismatch()
	}
	if stale {
		return s.Hasher.Hash(password)
	}
	return "", nil
}
