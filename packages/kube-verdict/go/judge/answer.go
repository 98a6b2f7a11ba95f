// Package judge answers what a Kubernetes 1.34.10 API server would say to a
// create or an apply of a manifest, with the API server's own code.
package judge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	_ "time/tzdata" // for CronJob.spec.timeZone: a WASI host has no zoneinfo

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/capabilities"
)

// Version is the version of Kubernetes whose code answers.
const Version = "1.34.10"

// Request is one question.
type Request struct {
	// Op is "create", "apply" or "about"; or "rollout", "select" or "budget",
	// whose requests are RolloutRequest, SelectionRequest and BudgetRequest.
	Op string `json:"op"`
	// New is the manifest to judge.
	New json.RawMessage `json:"new,omitempty"`
	// Old is the manifest that was applied before (apply only).
	Old json.RawMessage `json:"old,omitempty"`
	// Live is the object as the cluster holds it (apply only). Without it, it
	// is what the API server and the controllers make of Old.
	Live json.RawMessage `json:"live,omitempty"`
	// ServerSide asks for `kubectl apply --server-side --force-conflicts`
	// instead of `kubectl apply`.
	ServerSide bool `json:"serverSide,omitempty"`
	// PodSecurity is the Pod Security Standard to hold the object's Pods to:
	// "baseline", "restricted" or empty for none.
	PodSecurity string `json:"podSecurity,omitempty"`
	// Result asks for the object before and after, too.
	Result bool `json:"result,omitempty"`
}

// FieldError is one reason for a refusal.
type FieldError struct {
	// Field is the path in Kubernetes' notation, empty if the reason has none.
	Field string `json:"field"`
	// Type is a field.ErrorType such as FieldValueInvalid, FieldValueUnknown
	// for a field that the kind does not have, or the reason of an HTTP status
	// (BadRequest, Forbidden).
	Type    string `json:"type"`
	Message string `json:"message"`
}

// Change is what an accepted apply does.
type Change struct {
	// Kind is "none", "update", or "rollout" if running Pods are replaced.
	Kind string `json:"kind"`
	// Fields are the paths that differ, defaults filled in on both sides.
	Fields []string `json:"fields"`
}

// Answer is what the API server would say.
type Answer struct {
	// Accepted is nil if the object was not judged; a warning then says why.
	Accepted  *bool        `json:"accepted"`
	Errors    []FieldError `json:"errors"`
	Warnings  []string     `json:"warnings"`
	PodErrors []FieldError `json:"podErrors"`
	Change    *Change      `json:"change,omitempty"`
	Result    *Result      `json:"result,omitempty"`
}

func init() {
	// As kube-apiserver --allow-privileged=true, the default of every
	// distribution: without it privileged containers are refused.
	capabilities.Setup(true, 0)
	// Kubernetes' code logs what it finds odd in an object; the answer says it.
	klog.SetLogger(logr.Discard())
}

// JSON answers a request, or an array of them with an array of answers. It
// never panics and always returns valid JSON.
func JSON(in []byte) []byte {
	if trimmed := bytes.TrimLeft(in, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '[' {
		return encode(one(in))
	}
	requests, closed := splitArray(in)
	answers := make([]any, len(requests))
	for i, request := range requests {
		answers[i] = one(request)
	}
	if !closed {
		answers = append(answers, notJudged(errors.New("the requests are not a JSON array")))
	}
	return encode(answers)
}

// splitArray cuts a JSON array into its items, whatever is in them: one item
// that cannot be judged must not cost the others their answers. It says
// whether the array ends where it should.
func splitArray(in []byte) (items [][]byte, closed bool) {
	in = bytes.TrimSpace(in)
	depth, quoted, start := 0, false, 1
	for i := 1; i < len(in); i++ {
		switch c := in[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case depth == 0 && (c == ',' || c == ']'):
			item := bytes.TrimSpace(in[start:i])
			if len(item) > 0 || c == ',' || len(items) > 0 {
				items = append(items, item)
			}
			if start = i + 1; c == ']' {
				return items, start == len(in)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return items, false
}

func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(`{"accepted":null,"errors":[],"podErrors":[],"warnings":["not judged: the answer cannot be written as JSON"]}`)
	}
	return bytes.TrimRight(out.Bytes(), "\n")
}

func one(in []byte) any {
	if err := checkDepth(in); err != nil {
		return notJudged(err)
	}
	var r Request
	if err := json.Unmarshal(in, &r); err != nil {
		return notJudged(fmt.Errorf("the request is not JSON: %w", err))
	}
	switch r.Op {
	case "about":
		return about()
	case "rollout":
		return rolloutOf(in)
	case "select":
		return selection(in)
	case "budget":
		return budget(in)
	}
	return Judge(&r)
}

// Judge answers one create or apply.
func Judge(r *Request) (a Answer) {
	defer func() {
		if p := recover(); p != nil {
			a = notJudged(fmt.Errorf("panic in Kubernetes' code: %v", p))
		}
	}()
	switch r.PodSecurity {
	case "", "baseline", "restricted", "privileged":
	default:
		return notJudged(fmt.Errorf(`podSecurity is %q, must be "baseline" or "restricted"`, r.PodSecurity))
	}
	switch r.Op {
	case "create":
		return judgeCreate(r)
	case "apply":
		return judgeApply(r)
	}
	return notJudged(fmt.Errorf(`op is %q, must be "create", "apply" or "about"`, r.Op))
}

func judgeCreate(r *Request) Answer {
	c := &call{podSecurity: r.PodSecurity}
	obj, kind, err := c.create(r.New)
	if err != nil {
		return refused(err)
	}
	a := c.accepted(obj, kind)
	if gvk, _, err := identify(r.New); r.Result && err == nil {
		a.Result = &Result{After: comparableContent(obj, gvk)}
	}
	return a
}

func judgeApply(r *Request) Answer {
	c := &call{podSecurity: r.PodSecurity}
	apply := c.clientSide
	if r.ServerSide {
		apply = c.serverSide
	}
	result, err := apply(r)
	if err != nil {
		// Both merges walk Go maps and stop at the first mistake, so their text
		// changes from run to run; what a create says does not, and says more.
		if !errors.As(err, new(*invalid)) && !errors.As(err, new(*unjudged)) {
			if _, _, createErr := (&call{}).create(r.New); createErr != nil {
				err = createErr
			}
		}
		return refused(err)
	}
	a := c.accepted(result.obj, result.kind)
	a.Change = changeOf(result)
	if r.Result {
		a.Result = resultOf(result)
	}
	return a
}

// accepted is the answer for an object that would be stored.
func (c *call) accepted(obj object, kind *Kind) Answer {
	yes := true
	return Answer{
		Accepted: &yes, Errors: []FieldError{}, Warnings: unique(c.warnings),
		PodErrors: podErrors(obj, kind, c.podSecurity),
	}
}

// refused is the answer for err, which may also say that nothing was judged.
func refused(err error) Answer {
	var gaveUp *unjudged
	if errors.As(err, &gaveUp) {
		return notJudged(gaveUp)
	}
	no := false
	return Answer{Accepted: &no, Errors: fieldErrors(err), Warnings: []string{}, PodErrors: []FieldError{}}
}

func notJudged(err error) Answer {
	return Answer{Errors: []FieldError{}, Warnings: []string{"not judged: " + err.Error()}, PodErrors: []FieldError{}}
}

// unique drops repeated warnings, as the API server does, and keeps their order.
func unique(warnings []string) []string {
	seen := map[string]bool{}
	out := []string{}
	for _, w := range warnings {
		if !seen[w] {
			seen[w] = true
			out = append(out, w)
		}
	}
	return out
}
