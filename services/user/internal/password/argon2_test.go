package password

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"user/internal/account"
	"user/internal/admission"
	"user/internal/metrics"
)

var cheap = Parameters{MemoryKiB: MinMemoryKiB, Time: MinTime}

func hasherOf(parameters Parameters) *Hasher {
	return New(parameters, admission.NewQueue(time.Second, parameters.Cost(), metrics.New()))
}

func FuzzVerifiesWhatItHashed(f *testing.F) {
	f.Add("correct horse", "battery staple")
	f.Add("", "\x00")
	f.Fuzz(func(t *testing.T, password, other string) {
		hasher := hasherOf(cheap)
		stored, err := hasher.Hash(account.Password(password))
		if err != nil {
			t.Fatal(err)
		}
		if matches, stale := hasher.Verify(stored, account.Password(password)); !matches || stale {
			t.Errorf("Verify(%q) = %t, %t", stored, matches, stale)
		}
		if matches, _ := hasher.Verify(stored, account.Password(other)); matches != (other == password) {
			t.Errorf("another password: %t", matches)
		}
		if len(stored) > 255 {
			t.Errorf("%d bytes do not fit the column", len(stored))
		}
	})
}

func FuzzNeverFailsOnStoredText(f *testing.F) {
	for _, seed := range []string{"", "plain", prefix, "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$AAAA", "$argon2id$v=18$m=8,t=1,p=1$$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stored string) {
		if parsed, err := parse(stored); err == nil && (parsed.parameters.MemoryKiB > 64 || parsed.parameters.Time > 2) {
			return // a well-formed hash that takes long
		}
		matches, _ := hasherOf(cheap).Verify(stored, "password")
		if matches && stored != "password" {
			if _, err := parse(stored); err != nil {
				t.Errorf("%q matches", stored)
			}
		}
	})
}

func TestMatchesThePublishedHash(t *testing.T) {
	// Made by the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 32 -e
	const published = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if matches, stale := hasherOf(cheap).Verify(published, "password"); !matches || !stale {
		t.Errorf("the published hash: matches %t, stale %t", matches, stale)
	}
	if matches, _ := hasherOf(cheap).Verify(published, "Password"); matches {
		t.Error("another password matches the published hash")
	}
}

func TestNeverTakesAHashForAPlainPassword(t *testing.T) {
	for _, stored := range []string{
		prefix, prefix + "v=19$m=8,t=1,p=1$AAAA$AAAA", prefix + "x", "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"$1$salt$qJH7.N4xYta3aEG/dfqo/0", "$6$salt$x", "$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "$pbkdf2-sha256$1$a$b", "$y$j9T$a$b",
	} {
		if matches, _ := hasherOf(cheap).Verify(stored, account.Password(stored)); matches {
			t.Errorf("the stored text %q is its own password", stored)
		}
	}
	if matches, _ := hasherOf(cheap).Verify("", ""); matches {
		t.Error("nothing matches nothing")
	}
	for _, plain := range []string{"$", "$$", "$ecret", "$$ecret$", "pa$$word", "$$$"} {
		if matches, stale := hasherOf(cheap).Verify(plain, account.Password(plain)); !matches || !stale {
			t.Errorf("the plain password %q: matches %t, stale %t", plain, matches, stale)
		}
	}
}

func TestNothingPrintsAPassword(t *testing.T) {
	const secret = account.Password("s3cr3t")
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", secret, "credentials", account.Credentials{Password: secret})
	said := log.String() + fmt.Sprint(secret) + fmt.Sprintf("%v %+v %#v %s %q %x", secret, secret, account.Registration{Password: secret}, secret, secret, secret)
	if strings.Contains(said, string(secret)) || strings.Contains(said, "733363723374") {
		t.Errorf("said %s", said)
	}
}

func BenchmarkHash(b *testing.B) {
	hasher := hasherOf(Parameters{MemoryKiB: 19456, Time: 2})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := hasher.Hash("correct horse battery staple"); err != nil {
				b.Error(err)
			}
		}
	})
}
