package main

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/rig"
	"fulcrum/local/stack"
)

func TestPorts(t *testing.T) {
	for text, want := range map[string]int{"": 3000, "8080": 8080, "0": 0, "70000": 0, "3000x": 0, "-1": 0} {
		if got, err := portFrom(text); got != want || (err == nil) != (want != 0) {
			t.Errorf("PORT=%s is %d, %v", text, got, err)
		}
	}
}

func TestAFunctionIsFoundByFolderOrID(t *testing.T) {
	for _, name := range []string{"webhooks/candidate-hired", "functions/webhooks/candidate-hired", "WebhookCandidateHired"} {
		if id, err := functionID(rig.Root(""), name); err != nil || id != "WebhookCandidateHired" {
			t.Errorf("%s is %q, %v", name, id, err)
		}
	}
	if _, err := functionID(rig.Root(""), "nobody"); err == nil || !strings.Contains(err.Error(), "there are: ") {
		t.Errorf("an unknown function: %v", err)
	}
}

func TestQuantiles(t *testing.T) {
	var list []time.Duration
	for i := range 100 {
		list = append(list, time.Duration(100-i)*time.Millisecond)
	}
	if m, p := median(list), quantile(list, 0.99); m != 51*time.Millisecond || p != 100*time.Millisecond {
		t.Errorf("median %v, p99 %v", m, p)
	}
	if median(nil) != 0 {
		t.Error("nothing has a median")
	}
}

func TestLongIDsAreShortened(t *testing.T) {
	for text, want := range map[string]string{
		"GET /v1/users": "GET /v1/users",
		"POST /webhooks/x/CCQKTDC1lHIz_KMVsQVGUgAAVOIdbNo → 200": "POST /webhooks/x/CCQKTDC1… → 200",
	} {
		if got := shortPath(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheTrailIsInTheOrderOfWhatWasDone(t *testing.T) {
	var tr trail
	start := time.Now().Truncate(time.Millisecond)
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	tr.add(stack.Hop{At: at(-50), Ended: at(-40), Where: "earlier"})
	tr.add(stack.Hop{At: at(1), Ended: at(9), Where: "outer"})
	tr.add(stack.Hop{At: at(2), Ended: at(3), Where: "inner"})
	tr.add(stack.Hop{At: at(2), Ended: at(3), Where: "runner", Call: true})
	var b strings.Builder
	tr.print(&b, start, []stack.Hop{{At: at(5), Ended: at(5), Where: "between"}})
	var order []string
	for line := range strings.Lines(b.String()) {
		order = append(order, strings.Fields(line)[2])
	}
	if got := strings.Join(order, " "); got != "inner between outer" {
		t.Errorf("the trail is %s", got)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"nonsense"}} {
		if err := run(context.Background(), args); err == nil || !strings.Contains(err.Error(), "conformance") {
			t.Errorf("run(%v): %v", args, err)
		}
	}
}

func TestTheSummaryNamesWhatFailed(t *testing.T) {
	out := "    --- PASS: TestA/embedded (0.00s)\n    --- FAIL: TestB/moto (0.00s)\n--- FAIL: TestB (0.00s)\n"
	if err := summarize(out); err == nil || !strings.Contains(err.Error(), "TestB/moto") {
		t.Errorf("%v", err)
	}
	if err := summarize("    --- PASS: TestA/embedded (0.00s)\n"); err != nil {
		t.Errorf("%v", err)
	}
}

func TestTheLongestTestsBeginFirst(t *testing.T) {
	got := longestFirst([]string{"-short", "./..."})
	if got[0] != "-short" || got[1] != longest[0] || got[len(got)-1] != "./..." || len(got) != 2+len(longest) {
		t.Errorf("go test %q", got)
	}
	if few := longestFirst([]string{"-count=1", "./local/rig"}); !slices.Equal(few, []string{"-count=1", "./local/rig"}) {
		t.Errorf("go test %q", few)
	}
	for _, folder := range longest {
		if tests, err := filepath.Glob(filepath.Join("..", folder, "*_test.go")); err != nil || len(tests) == 0 {
			t.Errorf("%s has no tests, %v", folder, err)
		}
	}
}
