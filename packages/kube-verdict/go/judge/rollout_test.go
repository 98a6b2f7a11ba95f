package judge

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const webDeployment = `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":10,
"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"web:1"}]}}}}`

func answerTo(t *testing.T, request string, into any) {
	t.Helper()
	if err := json.Unmarshal(JSON([]byte(request)), into); err != nil {
		t.Fatal(err)
	}
}

func TestARolloutIsToldWithDefaultsFilledIn(t *testing.T) {
	var a RolloutAnswer
	answerTo(t, fmt.Sprintf(`{"op":"rollout","old":%s,"new":%s}`, webDeployment, strings.Replace(webDeployment, "web:1", "web:2", 1)), &a)
	if a.Rollout == nil || *a.Rollout.FewestAvailable != 8 || *a.Rollout.MostExisting != 13 {
		t.Errorf("%+v", a)
	}
}

func TestWhatHasNoRolloutSaysSo(t *testing.T) {
	for _, c := range []struct{ old, neu, want string }{
		{webDeployment, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}`, "have no rollout"},
		{webDeployment, `{"apiVersion":"example.com/v1","kind":"Web"}`, "new: "},
		{`3`, webDeployment, "old: "},
		{webDeployment, strings.Replace(webDeployment, "10", `"ten"`, 1), "new: "},
	} {
		var a RolloutAnswer
		answerTo(t, fmt.Sprintf(`{"op":"rollout","old":%s,"new":%s}`, c.old, c.neu), &a)
		if a.Rollout != nil || !strings.Contains(a.Error, c.want) {
			t.Errorf("%+v, want %q", a, c.want)
		}
	}
}

func TestSelectorsMatchAsKubernetesMatches(t *testing.T) {
	var a SelectionAnswer
	answerTo(t, `{"op":"select","selectors":[null,{},{"matchLabels":{"app":"web"}},{"matchExpressions":[{"key":"app","operator":"NotIn","values":["db"]}]},{"matchExpressions":[{"key":"app","operator":"Near"}]}],
		"labels":[{"app":"web"},{"app":"db"},null],"pairs":[[0,0],[1,2],[2,0],[2,1],[3,0],[3,1],[3,2],[4,0],[9,0],[0,-1]]}`, &a)
	want := []bool{false, true, true, false, true, false, true, false, false, false}
	if fmt.Sprint(a.Matches) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", a.Matches, want)
	}
}

func TestABudgetAllowsWhatTheDisruptionControllerWrites(t *testing.T) {
	for _, c := range []struct {
		spec                    string
		pods, healthy, disrupts int
	}{
		{`{"minAvailable":2}`, 3, 2, 1},
		{`{"minAvailable":"100%"}`, 3, 3, 0},
		{`{"minAvailable":"50%"}`, 3, 2, 1},
		{`{"maxUnavailable":"50%"}`, 3, 1, 2},
		{`{"maxUnavailable":0}`, 3, 3, 0},
		{`{"maxUnavailable":5}`, 3, 0, 3},
		{`{"minAvailable":2}`, 0, 2, 0},
		{`{}`, 3, 0, 3},
	} {
		var a BudgetAnswer
		answerTo(t, fmt.Sprintf(`{"op":"budget","budget":{"spec":%s},"pods":%d}`, c.spec, c.pods), &a)
		if a.DesiredHealthy != c.healthy || a.DisruptionsAllowed != c.disrupts {
			t.Errorf("%s of %d: %+v, want %d healthy and %d disruptions", c.spec, c.pods, a, c.healthy, c.disrupts)
		}
	}
}
