package judge

import (
	"math/rand"
	"reflect"
	"testing"
)

func TestSameJSONIsDeepEqual(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	scalars := []any{nil, true, false, int64(0), int64(1), 0.0, 1.0, "", "a", "b", map[string]any(nil), []any(nil)}
	var value func(depth int) any
	value = func(depth int) any {
		switch n := random.Intn(3); {
		case depth == 0 || random.Intn(2) == 0:
			return scalars[random.Intn(len(scalars))]
		case random.Intn(2) == 0:
			list := []any{}
			for range n {
				list = append(list, value(depth-1))
			}
			return list
		default:
			content := map[string]any{}
			for range n {
				content[[]string{"x", "y", "z"}[random.Intn(3)]] = value(depth - 1)
			}
			return content
		}
	}
	same := 0
	for range 200_000 {
		a, b := value(2), value(2)
		if random.Intn(10) == 0 {
			b = a
		}
		if want := reflect.DeepEqual(a, b); sameJSON(a, b) != want {
			t.Fatalf("%#v and %#v: %v", a, b, !want)
		} else if want {
			same++
		}
	}
	if same < 1000 {
		t.Errorf("%d are the same", same)
	}
}
