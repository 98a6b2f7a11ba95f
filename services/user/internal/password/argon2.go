// Package password hashes passwords with argon2id (RFC 9106), a bounded number at once.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"

	"user/internal/account"
	"user/internal/admission"
)

// Parameters of argon2id. One lane: a hash uses one processor, so that
// GOMAXPROCS hashes use all of them.
type Parameters struct {
	MemoryKiB uint32
	Time      uint32
}

// The range of parameters that is configured or read from a stored hash; what
// lies outside in a stored hash never matches.
const (
	MinMemoryKiB, MaxMemoryKiB = 8, 1 << 20
	MinTime, MaxTime           = 1, 100

	lanes     = 1
	saltBytes = 16
	keyBytes  = 32
)

const prefix = "$argon2id$"

// hashed is what every hash of the modular crypt and PHC formats begins with,
// such as bcrypt's $2y$: none of them may be its own password.
var hashed = regexp.MustCompile(`^\$[^$]+\$`)

// Cost is about how long one hash takes on one processor of a server of today.
func (p Parameters) Cost() time.Duration {
	return time.Duration(p.MemoryKiB) * time.Duration(p.Time) * time.Microsecond
}

// work is what a hash costs, in passes over a KiB of memory. To get the memory
// of the system, page by page, takes about as long as a pass.
type work uint64

func (p Parameters) work() work { return work(p.MemoryKiB) * (work(p.Time) + 1) }

// Hasher hashes with its parameters and verifies hashes of any parameters, each
// when it is its turn in the queue.
type Hasher struct {
	parameters Parameters
	queue      *admission.Queue
	// strongest is the most work of a hash, its own and those that it has seen.
	strongest atomic.Uint64
	// RefusePlain has stored plain text match nothing.
	RefusePlain bool
	// Peppers are mixed into hashes.
	Peppers Peppers
	// KeyMissing is told of a hash whose key Peppers does not have; nobody can
	// log in with it.
	KeyMissing func()
}

// New makes a Hasher.
func New(parameters Parameters, queue *admission.Queue) *Hasher {
	hasher := &Hasher{parameters: parameters, queue: queue, KeyMissing: func() {}}
	hasher.strongest.Store(uint64(parameters.work()))
	return hasher
}

// Enter implements account.Hasher.
func (h *Hasher) Enter() (leave func(), err error) {
	leave, err = h.queue.Enter()
	if err != nil {
		return nil, account.Busy(err)
	}
	return leave, nil
}

// Turn implements account.Hasher.
func (h *Hasher) Turn(ctx context.Context, job func()) error {
	if err := h.queue.Run(ctx, job); err != nil {
		return account.Busy(err)
	}
	return nil
}

// Idle implements account.IdleHasher.
func (h *Hasher) Idle(job func()) bool { return h.queue.RunIdle(job) }

// Hash returns the hash of the password's normal form in PHC string format,
// parameters included.
func (h *Hasher) Hash(password account.Password) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	made := hash{parameters: h.parameters, salt: salt, keyID: h.Peppers.current}
	mixed, _ := h.Peppers.mix(made.keyID, password.Normal())
	made.key = made.derive(mixed)
	return made.String(), nil
}

// Verify compares the password with stored text: its normal form, and if that
// is not it and was not what was sent, also what was sent, as it was hashed
// before passwords were normalised. Stored text that is not a hash of any kind
// is the plain password that the lesson's service wrote.
//
// Each comparison takes the time of the strongest hash that is known, whatever
// the text is, so that time tells neither who is registered nor how long ago. It
// is stale when it matches and is not what Hash would make of it.
func (h *Hasher) Verify(stored string, password account.Password) (matches, stale bool) {
	normal := password.Normal()
	if matches, stale = h.compare(stored, normal); matches || normal == password {
		return matches, stale
	}
	matches, _ = h.compare(stored, password)
	return matches, true
}

func (h *Hasher) compare(stored string, password account.Password) (matches, stale bool) {
	parsed, err := parse(stored)
	switch {
	case !hashed.MatchString(stored):
		h.spend(h.known(0), password)
		same := subtle.ConstantTimeCompare([]byte(account.Password(stored).Normal()), []byte(password.Normal())) == 1
		return same && stored != "" && !h.RefusePlain, true
	case err != nil:
		h.spend(h.known(0), password)
		return false, false
	}
	own := parsed.parameters.work()
	strongest := h.known(own)
	mixed, known := h.Peppers.mix(parsed.keyID, password)
	if !known {
		h.KeyMissing()
	}
	matches = subtle.ConstantTimeCompare(parsed.key, parsed.derive(mixed)) == 1 && known
	if !matches { // who logs in may be told by how long it takes
		h.spend(strongest-own, password)
	}
	return matches, parsed.parameters != h.parameters || parsed.keyID != h.Peppers.current
}

// known is the most work of a hash that is known, also of one with so much.
func (h *Hasher) known(own work) work {
	for {
		strongest := h.strongest.Load()
		if uint64(own) <= strongest {
			return work(strongest)
		}
		if h.strongest.CompareAndSwap(strongest, uint64(own)) {
			return own
		}
	}
}

// spend hashes for nothing, with so much work and at most the memory of a hash.
func (h *Hasher) spend(amount work, password account.Password) {
	most := work(h.parameters.MemoryKiB)
	passes := max(2, (amount+most-1)/most) // the first gets the memory
	if amount < passes {
		return
	}
	idle := hash{parameters: Parameters{MemoryKiB: uint32(amount / passes), Time: uint32(passes - 1)}, salt: make([]byte, saltBytes)}
	idle.derive([]byte(password))
}

type hash struct {
	parameters Parameters
	keyID      string // of the pepper, "" for none
	salt, key  []byte
}

func (h hash) derive(mixed []byte) []byte {
	return argon2.IDKey(mixed, h.salt, h.parameters.Time, h.parameters.MemoryKiB, lanes, keyBytes)
}

func (h hash) String() string {
	encoded := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%sv=%d$m=%d,t=%d,p=%d%s$%s$%s", prefix, argon2.Version,
		h.parameters.MemoryKiB, h.parameters.Time, lanes, writeKeyID(h.keyID), encoded(h.salt), encoded(h.key))
}

func parse(stored string) (hash, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 {
		return hash{}, errors.New("an argon2id hash has five parts")
	}
	if parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return hash{}, fmt.Errorf("argon2 version %q is not known", parts[2])
	}
	var parsed hash
	var gotLanes uint8
	numbers, keyID, err := cutKeyID(parts[3])
	if err != nil {
		return hash{}, fmt.Errorf("argon2id parameters %q: %w", parts[3], err)
	}
	parsed.keyID = keyID
	if _, err := fmt.Sscanf(numbers, "m=%d,t=%d,p=%d", &parsed.parameters.MemoryKiB, &parsed.parameters.Time, &gotLanes); err != nil {
		return hash{}, fmt.Errorf("argon2id parameters %q: %w", parts[3], err)
	}
	if parsed.parameters.MemoryKiB < MinMemoryKiB || parsed.parameters.MemoryKiB > MaxMemoryKiB ||
		parsed.parameters.Time < MinTime || parsed.parameters.Time > MaxTime || gotLanes != lanes {
		return hash{}, fmt.Errorf("argon2id parameters %q are out of range", parts[3])
	}
	if parsed.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil {
		return hash{}, fmt.Errorf("salt: %w", err)
	}
	if parsed.key, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil {
		return hash{}, fmt.Errorf("key: %w", err)
	}
	if len(parsed.salt) == 0 || len(parsed.key) != keyBytes {
		return hash{}, errors.New("salt or key has the wrong length")
	}
	return parsed, nil
}
