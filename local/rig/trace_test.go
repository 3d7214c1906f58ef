package rig_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/shared/trace"
)

// decoded are the lines that functions have logged.
func decoded(t *testing.T, l *rig.Lines) []map[string]any {
	t.Helper()
	var all []map[string]any
	for line := range strings.Lines(l.String()) {
		var one map[string]any
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

// An event has one id from Lever's webhook to the partner's endpoint, and each line
// that is logged on its way has it, whatever goes wrong.
func TestTheLinesOfAnEventHaveItsId(t *testing.T) {
	heard := &rig.Lines{}
	before := slog.Default()
	slog.SetDefault(slog.New(trace.Handler(slog.NewJSONHandler(heard, nil))))
	defer slog.SetDefault(before)
	on(t, aws.Options{}, func(t *testing.T, w way) {
		w.AWS.Inject(aws.Fault{Service: "dynamodb", Caller: "PartnerJoinedlySync", Times: 8, Status: http.StatusInternalServerError})
		w.AWS.Inject(aws.Fault{Service: "dynamodb", Action: "TransactWriteItems", Caller: "PartnerJoinedlySync", Times: 8, Status: http.StatusInternalServerError})
		w.Sandbox.Inject(sandbox.Fault{Status: http.StatusServiceUnavailable, Times: 2})
		opportunity := w.hire("Ada Lovelace")
		time.Sleep(3 * time.Hour)
		w.expectOnce(opportunity)
		event := w.Events(t, w.c.ID)[0]
		seen := map[string]bool{}
		for _, line := range decoded(t, heard) {
			if line["connection"] != w.c.ID && line["messageId"] == nil {
				continue // the clock's, and other connections'
			}
			if line["id"] != event.ID {
				t.Errorf("%v has no id of the event", line)
			}
			seen[line["msg"].(string)] = true
		}
		for _, want := range []string{"accepted", "message not worked off", "event worked off", "delivery will be tried again", "delivered"} {
			if !seen[want] {
				t.Errorf("nothing was logged as %q: %v", want, seen)
			}
		}
	})
}
