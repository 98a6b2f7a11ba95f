package account

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"
)

// StoredPasswords is the passwords of all users. Its errors are those of Users.
type StoredPasswords interface {
	// CountPasswords is how many are stored as plain text, and how many in a
	// form that is not known.
	CountPasswords(ctx context.Context) (plain, unknown int, err error)
	// PlainPasswords is up to most of those that are stored as plain text; of
	// the User only the ID is set.
	PlainPasswords(ctx context.Context, most int) ([]Record, error)
	// ReplacePassword is that of Users.
	ReplacePassword(ctx context.Context, id int64, old, hash string) error
}

// IdleHasher hashes when nobody waits for it.
type IdleHasher interface {
	// Idle runs job if no request needs the processor, and says whether it did.
	Idle(job func()) bool
	// Hash is that of Hasher.
	Hash(password Password) (string, error)
}

// PlainHasher hashes the plain passwords of the lesson's service, whose users
// may never log in again.
type PlainHasher struct {
	Passwords StoredPasswords
	Hasher    IdleHasher
	// Refuse leaves plain passwords as they are, as nobody can log in with them.
	Refuse bool
	// Counted is told how many passwords are stored as plain text and in unknown forms.
	Counted func(plain, unknown int)
	// Hashed is told of each password that was hashed.
	Hashed func()
	Log    *slog.Logger
}

const (
	countEvery = 10 * time.Second
	idlePause  = 20 * time.Millisecond
	plainBatch = 1000
)

// Keep counts and hashes until ctx ends.
func (p *PlainHasher) Keep(ctx context.Context) {
	for pause(ctx, time.Second); ctx.Err() == nil; pause(ctx, countEvery) {
		plain, unknown, err := p.Passwords.CountPasswords(ctx)
		if err != nil {
			p.failed(ctx, err)
			continue
		}
		p.Counted(plain, unknown)
		if plain == 0 || p.Refuse {
			continue
		}
		p.Log.InfoContext(ctx, "hashing plain passwords", "count", plain)
		if err := p.hashAll(ctx); err != nil {
			p.failed(ctx, err)
			continue
		}
		if plain, unknown, err := p.Passwords.CountPasswords(ctx); err == nil {
			p.Counted(plain, unknown)
		}
	}
}

func (p *PlainHasher) hashAll(ctx context.Context) error {
	for {
		records, err := p.Passwords.PlainPasswords(ctx, plainBatch)
		if err != nil || len(records) == 0 {
			return err
		}
		// Each replica takes some of its own, so that few are hashed twice; if
		// one is, the second finds it replaced.
		rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
		for _, record := range records[:(len(records)+9)/10] {
			if err := p.hash(ctx, record); err != nil {
				return err
			}
		}
	}
}

func (p *PlainHasher) hash(ctx context.Context, record Record) (err error) {
	var hash string
	for !p.Hasher.Idle(func() { hash, err = p.Hasher.Hash(Password(record.StoredPassword)) }) {
		if pause(ctx, idlePause); ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err != nil {
		return err
	}
	if err := p.Passwords.ReplacePassword(ctx, record.ID, record.StoredPassword, hash); err != nil {
		return err
	}
	p.Hashed()
	return nil
}

func (p *PlainHasher) failed(ctx context.Context, err error) {
	if ctx.Err() == nil && CodeOf(err) != Unavailable { // the store says itself that it is away
		p.Log.WarnContext(ctx, "plain passwords are not hashed; trying again", "error", err)
	}
}

func pause(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
