package rig_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/sandbox"
	"fulcrum/shared/trace"
)

// lines are what functions have logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// all are the lines as they were written, decoded.
func (l *lines) all(t *testing.T) []map[string]any {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []map[string]any
	for line := range strings.Lines(l.text.String()) {
		var decoded map[string]any
		if err := json.Unmarshal([]byte(line), &decoded); err != nil {
			t.Fatal(err)
		}
		all = append(all, decoded)
	}
	return all
}

// An event has one id from Lever's webhook to the partner's endpoint, and each line
// that is logged on its way has it, whatever goes wrong.
func TestTheLinesOfAnEventHaveItsId(t *testing.T) {
	heard := &lines{}
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
		for _, line := range heard.all(t) {
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
