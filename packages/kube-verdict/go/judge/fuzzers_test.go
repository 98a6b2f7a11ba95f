package judge

import (
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kube-aggregator/pkg/apis/apiregistration"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	k8stesting "k8s.io/kubernetes/pkg/api/testing"
	"k8s.io/kubernetes/pkg/apis/core"
)

// seed is random unless VERDICT_SEED repeats a run.
func seed(t testing.TB) int64 {
	s := rand.Int63()
	if text := os.Getenv("VERDICT_SEED"); text != "" {
		var err error
		if s, err = strconv.ParseInt(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("VERDICT_SEED=%d", s)
	return s
}

// fuzzedPerKind objects of each kind come from Kubernetes' own fuzzers.
const fuzzedPerKind = 1000

// TestFuzzedObjectsAreJudgedAsTheStrategiesDo compares each hook of the table
// with the REST strategy's, on objects from Kubernetes' own fuzzers: the
// objects after preparing, the errors and the warnings.
func TestFuzzedObjectsAreJudgedAsTheStrategiesDo(t *testing.T) {
	random := rand.New(rand.NewSource(seed(t)))
	fill := fuzzer.FuzzerFor(k8stesting.FuzzerFuncs, random, legacyscheme.Codecs)
	objects := 0
	for i := range Kinds {
		kind := &Kinds[i]
		for range fuzzedPerKind {
			obj := newInternal(t, kind)
			fill.Fill(obj)
			complete(obj, kind)
			compareCreate(t, kind, obj)

			old, neu := obj.DeepCopyObject().(object), obj.DeepCopyObject().(object)
			fill.Fill(randomField(random, neu))
			complete(neu, kind)
			neu.SetName(old.GetName())
			neu.SetNamespace(old.GetNamespace())
			compareUpdate(t, kind, neu, old)
			objects += 2
			if t.Failed() {
				t.Fatalf("stopped at the first disagreement, kind %s", kind.Kind)
			}
		}
	}
	t.Logf("%d objects agree", objects)
}

func newInternal(t testing.TB, kind *Kind) object {
	gvk := kind.internalKind()
	obj, err := legacyscheme.Scheme.New(gvk)
	if err != nil {
		t.Fatal(err)
	}
	return obj.(object)
}

// complete makes an object as decoding and the metadata work leave it.
func complete(obj object, kind *Kind) {
	testCall().setNamespace(obj, kind)
	obj.SetUID(liveUID)
	obj.SetCreationTimestamp(created)
	obj.SetResourceVersion(liveVersion)
	obj.SetManagedFields(nil)
}

// randomField picks one part of the object to fill anew: the spec or a field of it.
func randomField(random *rand.Rand, obj object) any {
	v := reflect.ValueOf(obj).Elem()
	for depth := 0; ; depth++ {
		var fields []reflect.Value
		for i := range v.NumField() {
			if v.Field(i).CanSet() && v.Type().Field(i).Name != "TypeMeta" {
				fields = append(fields, v.Field(i))
			}
		}
		f := fields[random.Intn(len(fields))]
		if f.Kind() != reflect.Struct || depth == 3 || random.Intn(4) == 0 || f.NumField() == 0 || !f.Field(0).CanSet() {
			return f.Addr().Interface()
		}
		v = f
	}
}

func compareCreate(t *testing.T, kind *Kind, in object) {
	t.Helper()
	oracle := oracles[kind.Kind]
	a, b := in.DeepCopyObject().(object), in.DeepCopyObject().(object)
	ctx, warned := oracleContext(b, kind)
	var ours, theirs result
	ours.panicked = catch(func() {
		ours.warnings = append(ours.warnings, kind.Strategy.WarningsBeforeCreate(a)...)
		kind.Strategy.PrepareForCreate(a)
		if ours.errs = kind.Strategy.Validate(a); len(ours.errs) > 0 {
			ours.warnings = nil // the API server sends none with a refusal
			return
		}
		ours.warnings = append(ours.warnings, kind.Strategy.WarningsOnCreate(a)...)
		kind.Strategy.Canonicalize(a)
	})
	theirs.panicked = catch(func() {
		oracle.PrepareForCreate(ctx, b)
		if theirs.errs = oracle.Validate(ctx, b); len(theirs.errs) > 0 {
			return
		}
		theirs.warnings = append(warned.warnings, oracle.WarningsOnCreate(ctx, b)...)
		oracle.Canonicalize(b)
	})
	compare(t, kind, "create", ours, theirs, a, b)
}

func compareUpdate(t *testing.T, kind *Kind, in, old object) {
	t.Helper()
	oracle := oracles[kind.Kind]
	a, b := in.DeepCopyObject().(object), in.DeepCopyObject().(object)
	oldA, oldB := old.DeepCopyObject().(object), old.DeepCopyObject().(object)
	a.SetGeneration(old.GetGeneration())
	b.SetGeneration(old.GetGeneration())
	ctx, _ := oracleContext(b, kind)
	var ours, theirs result
	ours.panicked = catch(func() {
		kind.Strategy.PrepareForUpdate(a, oldA)
		if ours.errs = kind.Strategy.ValidateUpdate(a, oldA); len(ours.errs) > 0 {
			return
		}
		ours.warnings = kind.Strategy.WarningsOnUpdate(a, oldA)
		kind.Strategy.Canonicalize(a)
	})
	theirs.panicked = catch(func() {
		oracle.PrepareForUpdate(ctx, b, oldB)
		if theirs.errs = oracle.ValidateUpdate(ctx, b, oldB); len(theirs.errs) > 0 {
			return
		}
		theirs.warnings = oracle.WarningsOnUpdate(ctx, b, oldB)
		oracle.Canonicalize(b)
	})
	compare(t, kind, "update", ours, theirs, a, b)
}

type result struct {
	errs     field.ErrorList
	warnings []string
	panicked bool
}

// catch says whether f panicked: objects that no decoder would make may do so,
// and then in both.
func catch(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return false
}

func compare(t *testing.T, kind *Kind, operation string, ours, theirs result, a, b runtime.Object) {
	t.Helper()
	if ours.panicked != theirs.panicked {
		t.Errorf("%s of a %s: panicked %v, the strategy %v", operation, kind.Kind, ours.panicked, theirs.panicked)
	}
	if ours.panicked || theirs.panicked {
		return
	}
	if o, s := errorTexts(ours.errs), errorTexts(theirs.errs); !slices.Equal(o, s) {
		t.Errorf("%s of a %s: errors\n%q\nthe strategy's are\n%q", operation, kind.Kind, o, s)
	}
	slices.Sort(ours.warnings)
	slices.Sort(theirs.warnings)
	if !slices.Equal(ours.warnings, theirs.warnings) {
		t.Errorf("%s of a %s: warnings\n%q\nthe strategy's are\n%q", operation, kind.Kind, ours.warnings, theirs.warnings)
	}
	ignoreVolatile(a)
	ignoreVolatile(b)
	if !apiequality.Semantic.DeepEqual(a, b) {
		t.Errorf("%s of a %s: prepared as\n%#v\nthe strategy as\n%#v", operation, kind.Kind, a, b)
	}
}

// ignoreVolatile drops the time of day and the random name that a strategy sets.
func ignoreVolatile(obj runtime.Object) {
	switch o := obj.(type) {
	case *core.LimitRange:
		if len(o.Name) == len(liveUID) {
			o.Name = ""
		}
	case *core.PersistentVolume:
		o.Status.LastPhaseTransitionTime = nil
	case *apiregistration.APIService:
		for i := range o.Status.Conditions {
			o.Status.Conditions[i].LastTransitionTime = created
		}
	case *core.Pod:
		for i := range o.Status.Conditions {
			o.Status.Conditions[i].LastTransitionTime = created
		}
	}
}

func errorTexts(errs field.ErrorList) []string {
	texts := make([]string, len(errs))
	for i, e := range errs {
		texts[i] = fmt.Sprintf("%s %s %s", e.Field, e.Type, e.Detail)
	}
	slices.Sort(texts)
	return texts
}
