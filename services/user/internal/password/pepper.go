package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"user/internal/account"
)

// Peppers are secret keys that are mixed into hashes and kept apart from them,
// so that who has the table alone can guess no password. A hash has the id of
// its key as the parameter keyid of the PHC string format.
type Peppers struct {
	// current is the id of the key of new hashes, "" for none.
	current string
	keys    map[string][]byte
}

const minPepperBytes = 32

var pepperID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,8}$`)

// ParsePeppers reads lines of an id and a key in base64. New hashes have the
// first key; the others are of hashes from before.
func ParsePeppers(text string) (Peppers, error) {
	peppers := Peppers{keys: map[string][]byte{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(words) != 2 || !pepperID.MatchString(words[0]) {
			return Peppers{}, fmt.Errorf("line %d must be an id of 1 to 8 letters, digits, _ or -, and a key in base64", number)
		}
		key, err := base64.StdEncoding.DecodeString(words[1])
		if err != nil || len(key) < minPepperBytes {
			return Peppers{}, fmt.Errorf("line %d must have a key of at least %d bytes in base64, as openssl rand -base64 32 makes it", number, minPepperBytes)
		}
		if peppers.keys[words[0]] != nil {
			return Peppers{}, fmt.Errorf("line %d has the id %q, as one before it", number, words[0])
		}
		peppers.keys[words[0]] = key
		if peppers.current == "" {
			peppers.current = words[0]
		}
	}
	if peppers.current == "" {
		return Peppers{}, errors.New("must have a line of an id and a key")
	}
	return peppers, nil
}

// mix is what is hashed of a password by a key, the password itself for none.
func (p Peppers) mix(id string, password account.Password) (mixed []byte, known bool) {
	if id == "" {
		return []byte(password), true
	}
	key, known := p.keys[id]
	if !known {
		return nil, false
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(password)) // never fails, says hash.Hash
	return mac.Sum(nil), true
}

const keyIDParameter = ",keyid="

// cutKeyID takes the id of a key off the parameters of a hash.
func cutKeyID(parameters string) (rest, id string, err error) {
	rest, encoded, has := strings.Cut(parameters, keyIDParameter)
	if !has {
		return rest, "", nil
	}
	decoded, err := base64.RawStdEncoding.Strict().DecodeString(encoded)
	if err != nil || !pepperID.Match(decoded) {
		return "", "", fmt.Errorf("keyid %q is not known", encoded)
	}
	return rest, string(decoded), nil
}

func writeKeyID(id string) string {
	if id == "" {
		return ""
	}
	return keyIDParameter + base64.RawStdEncoding.EncodeToString([]byte(id))
}
