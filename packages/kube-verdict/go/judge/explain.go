package judge

import (
	"regexp"
	"slices"
	"strings"

	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
)

// immutable is how Kubernetes says that a field may not change.
var immutable = regexp.MustCompile(`immutable|may not (?:be )?(?:change|updated)|forbidden|cannot (?:be changed|change|update)`)

// exempt are the fields that such a message says may change.
var exempt = regexp.MustCompile("['`]([A-Za-z][A-Za-z.*\\[\\]]*)['`]")

// explain says of fields that may not change which did, and what can be done.
func explain(errs []FieldError, attempted object, a *applied) {
	if attempted == nil || a.live == nil {
		return
	}
	var changes []FieldChange
	for i := range errs {
		e := &errs[i]
		if e.Type != "FieldValueInvalid" && e.Type != "FieldValueForbidden" || !immutable.MatchString(e.Message) {
			continue
		}
		if changes == nil {
			changes = diffOf(a.comparable(a.live), a.comparable(attempted), a.gvk)
		}
		may := mayChange(e)
		found := []FieldChange{}
		for _, change := range changes {
			inside := covers(e.Field, change.Field) || covers(change.Field, e.Field)
			changed := anyIndex.ReplaceAllString(change.Field, "[*]")
			if inside && !slices.ContainsFunc(may, func(path string) bool { return covers(path, changed) }) {
				found = append(found, change)
			}
		}
		if len(found) > 0 {
			e.Immutable = &Immutable{found, wayOut(attempted)}
		}
	}
}

var anyIndex = regexp.MustCompile(`\[\d+\]`)

// mayChange are the paths, from the root, that the message exempts.
func mayChange(e *FieldError) (paths []string) {
	_, others, found := strings.Cut(e.Message, " other than ")
	if !found {
		return nil
	}
	for _, match := range exempt.FindAllStringSubmatch(others, -1) {
		path := match[1]
		if path != e.Field && !strings.HasPrefix(path, e.Field+".") {
			path = e.Field + "." + path
		}
		paths = append(paths, path)
	}
	return paths
}

// wayOut is what can be done about a field that may not change.
func wayOut(obj object) string {
	const again = "kubectl replace --force deletes it and makes it anew"
	switch obj.(type) {
	case *batch.Job:
		return "a Job runs once: give the new one another name, or delete the old one first (" + again + ")"
	case *core.PersistentVolumeClaim:
		return "make a new claim beside it and move the data; what deletes a claim may delete its data"
	case *apps.StatefulSet:
		return "delete it without its Pods and apply again (kubectl delete --cascade=orphan), or give it another name"
	case *core.Pod:
		return again + ", and what runs in it ends meanwhile"
	case *apps.Deployment, *apps.ReplicaSet, *apps.DaemonSet, *core.ReplicationController:
		return "give it another name and delete the old one once the new one serves; " + again + ", and nothing serves meanwhile"
	}
	return "give it another name, or " + again
}
