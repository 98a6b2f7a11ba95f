// Package judge answers what a Kubernetes 1.34.10 API server would say to a
// create or an apply of a manifest, with the API server's own code.
package judge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	_ "time/tzdata" // for CronJob.spec.timeZone: a WASI host has no zoneinfo

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/capabilities"

	"kube-verdict/go/reading"
)

// Version is the version of Kubernetes whose code answers.
const Version = "1.34.10"

// Request is one question.
type Request struct {
	// Op is "create", "apply", "applied" (whether New can ever have been applied),
	// "split", "read" or "about"; or "rollout", "select" or "budget", whose requests
	// are RolloutRequest, SelectionRequest and BudgetRequest.
	Op string `json:"op"`
	// Text is what to split, or the document to read, create or apply the objects of.
	// It may also follow the request, after a line break, as it is.
	Text string `json:"text,omitempty"`
	// TextIsJSON says that kubectl reads the document as JSON (reading.Part).
	TextIsJSON bool `json:"textIsJson,omitempty"`
	// Most says of how many objects a document may be whose objects are judged in
	// one answer, for which the host waits only so long. 0: however many.
	Most int `json:"most,omitempty"`
	// New is the manifest to judge.
	New json.RawMessage `json:"new,omitempty"`
	// Old is the manifest that was applied before (apply only).
	Old json.RawMessage `json:"old,omitempty"`
	// Again says that Old is the same as New, which need not be given twice.
	Again bool `json:"again,omitempty"`
	// Follow names the manifests, "new", "old" and "live", that follow the request
	// as they are, each after a tab: it takes long to find their ends in JSON.
	Follow []string `json:"follow,omitempty"`
	// Live is the object as the cluster holds it (apply only). Without it, it
	// is what the API server and the controllers make of Old.
	Live json.RawMessage `json:"live,omitempty"`
	// ServerSide asks for `kubectl apply --server-side --force-conflicts`
	// instead of `kubectl apply`.
	ServerSide bool `json:"serverSide,omitempty"`
	// Changes asks for the values of the fields that change, and for what an
	// apply loses.
	Changes bool `json:"changes,omitempty"`
	// Objects asks for the objects before and after an apply.
	Objects bool `json:"objects,omitempty"`
	// PodSecurity is the Pod Security Standard to hold the object's Pods to:
	// "baseline", "restricted" or empty for none.
	PodSecurity string `json:"podSecurity,omitempty"`
	// Namespace is where namespaced objects without a namespace are.
	Namespace string `json:"namespace,omitempty"`
	// IPFamilies are those of the cluster's Services, the primary one first.
	IPFamilies []string `json:"ipFamilies,omitempty"`
	// ServiceCIDR is the range of the cluster's Services, or one of each family.
	ServiceCIDR string `json:"serviceCidr,omitempty"`
}

// call is a call of the API, which was checked to be possible.
func (r *Request) call() *call {
	on, err := r.clusterOf()
	if err != nil {
		panic(err)
	}
	return &call{podSecurity: r.PodSecurity, cluster: on}
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
	// Immutable says of a field that may not change what was to change.
	Immutable *Immutable `json:"immutable,omitempty"`
}

// Immutable is what an apply would have changed in a field that may not.
type Immutable struct {
	Changes []FieldChange `json:"changes"`
	// Fix is what can be done about it.
	Fix string `json:"fix"`
}

// Answer is what the API server would say.
type Answer struct {
	// Accepted is nil if the object was not judged; a warning then says why.
	Accepted  *bool        `json:"accepted"`
	Errors    []FieldError `json:"errors"`
	Warnings  []string     `json:"warnings"`
	PodErrors []FieldError `json:"podErrors"`
	Change    *Change      `json:"change,omitempty"`
	// Old and New are the object before and after an apply, if asked for.
	Old map[string]any `json:"old,omitempty"`
	New map[string]any `json:"new,omitempty"`
	// kind is that of an accepted object.
	kind *Kind
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
	r, head, err := requestOf(in)
	if err != nil {
		return notJudged(err)
	}
	switch {
	case r.Op == "about":
		return about()
	case r.Op == "rollout":
		return rolloutOf(head)
	case r.Op == "select":
		return selection(head)
	case r.Op == "budget":
		return budget(head)
	case r.Op == "split":
		return splitText(&r)
	case r.Op == "read":
		return reading.Read(r.Text, r.TextIsJSON)
	case (r.Op == "create" || r.Op == "apply") && r.New == nil && r.Text != "":
		return judgeText(&r)
	}
	return Judge(&r)
}

// followed is a request that text or manifests follow.
type followed struct {
	head    string
	request Request
}

// lastFollowed is the last one: the next is mostly the same.
var lastFollowed atomic.Pointer[followed]

// requestOf reads a request and what follows it. head is the request alone.
func requestOf(in []byte) (r Request, head []byte, err error) {
	at := bytes.IndexAny(in, "\t\n")
	if at < 0 {
		r, err = parse(in)
		return r, in, err
	}
	head, rest := in[:at], in[at+1:]
	switch last := lastFollowed.Load(); {
	case last != nil && last.head == string(head):
		r = last.request
	case !json.Valid(head): // a space inside of it
		r, err = parse(in)
		return r, in, err
	default:
		if r, err = parse(head); err != nil {
			return r, head, err
		}
		lastFollowed.Store(&followed{string(head), r})
	}
	if in[at] == '\n' {
		if r.Text == "" {
			r.Text = string(rest)
		}
		return r, head, nil
	}
	return r, head, r.take(rest)
}

func parse(in []byte) (r Request, err error) {
	if err := checkDepth(in, 0); err != nil {
		return r, err
	}
	if err := json.Unmarshal(in, &r); err != nil {
		return r, fmt.Errorf("the request is not JSON: %w", err)
	}
	return r, nil
}

// take takes the manifests that follow a request.
func (r *Request) take(manifests []byte) error {
	for _, name := range r.Follow {
		manifest, rest, _ := bytes.Cut(manifests, []byte("\t"))
		manifests = rest
		if err := checkDepth(manifest, 1); err != nil {
			return err
		}
		switch name {
		case "new":
			r.New = manifest
		case "old":
			r.Old = manifest
		case "live":
			r.Live = manifest
		}
	}
	return nil
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
	if _, err := r.clusterOf(); err != nil {
		return notJudged(err)
	}
	switch r.Op {
	case "create":
		return judgeCreate(r)
	case "applied":
		return judgeApplied(r)
	case "apply":
		return judgeApply(r)
	}
	return notJudged(fmt.Errorf(`op is %q, must be "create", "apply", "applied", "split", "read" or "about"`, r.Op))
}

func judgeCreate(r *Request) Answer {
	c := r.call()
	obj, kind, err := c.create(r.New)
	if err != nil {
		return refused(err)
	}
	return c.accepted(obj, kind)
}

// accepted is the answer for an object that would be stored.
func (c *call) accepted(obj object, kind *Kind) Answer {
	yes := true
	return Answer{Accepted: &yes, Errors: []FieldError{}, Warnings: unique(c.warnings), PodErrors: podErrors(obj, kind, c.podSecurity), kind: kind}
}

// refused is the answer for err, which may also say that nothing was judged.
func refused(err error) Answer {
	var gaveUp *unjudged
	if errors.As(err, &gaveUp) {
		return notJudged(gaveUp)
	}
	no := false
	errs := []FieldError{}
	for _, e := range fieldErrors(err) {
		if e.Message = shortened(e.Message); !slices.Contains(errs, e) {
			errs = append(errs, e)
		}
	}
	return Answer{Accepted: &no, Errors: errs, Warnings: []string{}, PodErrors: []FieldError{}}
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
