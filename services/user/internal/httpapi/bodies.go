package httpapi

import (
	"errors"
	"io"

	"golang.org/x/sync/semaphore"

	"user/internal/account"
)

const (
	// smallBody is what a body may have without asking: more than any login or
	// registration by ASCII needs, and little for each of many connections.
	smallBody = 4 << 10
	// mostLarge is how many larger bodies are held at once, so that clients that
	// never end them take 16 MB at most, and nothing from those with small ones.
	mostLarge = 256
)

var errTooManyLarge = errors.New("too many large bodies are being received")

// bodies holds the bodies that are being received.
type bodies struct{ large *semaphore.Weighted }

func newBodies() *bodies { return &bodies{semaphore.NewWeighted(mostLarge)} }

// read reads a body of so many bytes, or -1 when that is not known, to its end.
// done must be called once when the body is no longer needed.
func (b *bodies) read(from io.Reader, size int64) (body []byte, done func(), err error) {
	done = func() {}
	if size < 0 || size > smallBody {
		size = smallBody
	}
	body = make([]byte, 0, size+1) // one more to see its end
	for {
		read, err := from.Read(body[len(body):cap(body)])
		body = body[:len(body)+read]
		switch {
		case err == io.EOF:
			return body, done, nil
		case err != nil:
			done()
			return nil, nil, readError(err)
		case len(body) == cap(body):
			if !b.large.TryAcquire(1) {
				return nil, nil, account.Busy(errTooManyLarge)
			}
			done = func() { b.large.Release(1) }
			body = append(make([]byte, 0, bodyLimit+1), body...)
		}
	}
}
