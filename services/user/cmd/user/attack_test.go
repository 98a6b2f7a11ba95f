//go:build attack

package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// attacks are what an expert broke the service with, each bounded in time and
// count; a test keeps the promise that is named beside it.
var attacks = []struct {
	attack, promise string
	replay          func(t *testing.T)
}{
	{"400 clients that never end a request, 128 file descriptors", "others are served", TestServesOthersWhileSlowClientsHoldEveryConnectionThatItMayHave},
	{"bodies that never come, to paths that are redirected", "answered at once", TestWaitsForNoBodyThatItWillNotRead},
	{"bodies that never come, then SIGTERM", "ends in time, with 0", TestEndsInTimeBesideBodiesThatNeverCome},
	{"headers that never end", "closed in time", TestEndsConnectionsWhoseHeaderNeverEnds},
	{"2,000 bodies of 60 KB that never end", "100 MB at most", TestHoldsLittleOfBodiesThatNeverEnd},
	{"1,500 logins at once", "served in a second or 503 at once", TestTurnsAwayAtOnceWhatItCannotHashInTime},
	{"logins whose clients are gone", "given up", TestGivesUpWorkWhoseClientIsGone},
	{"a client that closes its side", "its answer", TestAnswersAClientThatHasClosedItsSide},
	{"100 guesses at once", "5 are judged", TestSlowsGuessesMadeAllAtOnce},
	{"80 guesses, the email spelled in 8 ways", "5 are judged", TestSlowsAGuesserWhoSpellsTheEmailInOtherWays},
	{"guesses through 40 addresses", "20 are judged", TestBoundsTheGuessesAtAnAccountFromAllAddresses},
	{"1,000 guesses that keep Redis busy", "5 are judged", TestSlowsAGuesserWhoKeepsRedisBusy},
	{"guesses while Redis is killed", "the process counts", TestThrottlesByItselfWhileRedisIsAway},
	{"logins while Redis is slow", "served without it", TestWaitsForASlowRedisForMillisecondsOnly},
	{"logins while Redis is slow, within the budget", "no turn to hash is held", TestHoldsNoTurnToHashWhileItWaitsForRedis},
	{"a registration while Redis is frozen", "0.5 s at most", TestRegistersWithoutWaitingForAFrozenRedis},
	{"a hash as its own password", "401", TestLetsNobodyInByTheirStoredHash},
	{"who is registered, told by time", "alike", TestTakesAsLongForAnUnknownEmailAsForAWrongPassword},
	{"one email in two Unicode forms and in Punycode", "one account", TestRegistersOneOfAllSpellingsOfAnEmail},
	{"names and emails with what nobody sees", "400", TestRegistersNoNameOrEmailThatLooksLikeAnother},
	{"short and common passwords", "400", TestTakesThePasswordsThatItsRulesAllow},
	{"1,000 registrations of one email at once", "one of them", TestRegistersOneOfAThousandConcurrentRegistrationsOfOneEmail},
	{"a primary that is demoted", "the new one is written", TestFollowsTheWriterWhenItsServerIsDemoted},
	{"a disk that is full", "503", TestAnswersAFullDiskAsAnOutage},
	{"a log that nobody reads", "answered all the same", TestAnswersWhileNobodyReadsItsLog},
	{"bodies and fields of 40 wrong kinds", "one clear error each", TestAnswersEachRowOfItsTable},
}

// TestAttacks replays the attacks within a time and prints a table of them:
//
//	go test -v -count=1 -tags attack -run '^TestAttacks$' -timeout 3m ./cmd/user
func TestAttacks(t *testing.T) {
	const limit = 170 * time.Second
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ATTACK\tPROMISED\tMEASURED\tKEPT\tSECONDS")
	begun, passed, failed := time.Now(), 0, 0
	for _, one := range attacks {
		started, kept, name := time.Now(), "yes", ""
		switch {
		case time.Since(begun) > limit:
			t.Errorf("%s: not replayed within %s", one.attack, limit)
			kept = "not replayed"
		case !t.Run(one.attack, func(t *testing.T) {
			name = t.Name()
			one.replay(t)
		}):
			kept = "NO"
		}
		if kept == "yes" {
			passed++
		} else {
			failed++
		}
		figure, isMeasured := figures.Load(name)
		if !isMeasured {
			figure = ""
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.1f\n", one.attack, one.promise, figure, kept, time.Since(started).Seconds())
	}
	_ = table.Flush()
	fmt.Fprintf(os.Stdout, "\n%s%d passed, %d failed\n", text.String(), passed, failed)
}
