package mishap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/mishap"
)

// counter is a server that counts what it is asked to do.
type counter struct {
	mu     sync.Mutex
	bodies []string
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.bodies = append(c.bodies, string(body))
	fmt.Fprint(w, "done")
}

// done is what was asked after the first request.
func (c *counter) done() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.bodies[1:])
}

func call(l http.RoundTripper) (int, error) {
	client := http.Client{Transport: l, Timeout: 10 * time.Second}
	res, err := client.Post("http://lever.test/v1/notes", "text/plain", strings.NewReader("a note"))
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.ReadAll(res.Body)
	return res.StatusCode, err
}

func TestEachModeIsWhatItSays(t *testing.T) {
	tests := map[mishap.Mode]struct {
		done, later int // how often it was applied when the caller knows, and in the end
		status      int // zero for an error
		ended       bool
		took        time.Duration
	}{
		"":            {done: 1, later: 1, status: 200},
		mishap.Before: {ended: true},
		mishap.After:  {done: 1, later: 1, ended: true},
		mishap.Error:  {status: 500},
		mishap.Lost:   {done: 1, later: 1},
		mishap.Late:   {later: 1, took: 10 * time.Second},
		mishap.Frozen: {done: 1, later: 1, status: 200, took: time.Hour},
	}
	for mode, tt := range tests {
		t.Run(string(mode), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &counter{}
				w := mishap.New(inproc.Hosts{"lever.test": c}, mishap.Schedule{{Call: 2, Mode: mode}}, time.Hour, nil)
				l := w.Life()
				if status, err := call(l); status != 200 || err != nil {
					t.Fatalf("the call before: %d, %v", status, err)
				}
				start := time.Now()
				status, err := call(l)
				if status != tt.status || (err == nil) != (tt.status != 0) || len(c.done()) != tt.done || time.Since(start) != tt.took {
					t.Errorf("status %d, %v, done %q, after %v", status, err, c.done(), time.Since(start))
				}
				w.Wait()
				if got := c.done(); len(got) != tt.later || mode == mishap.Late && (time.Since(start) != tt.took+time.Hour || got[0] != "a note") {
					t.Errorf("in the end done %q", got)
				}
				_, after := call(l)
				if errors.Is(after, mishap.ErrEnded) != tt.ended {
					t.Errorf("the same process: %v", after)
				}
				if status, err := call(w.Life()); status != 200 || err != nil {
					t.Errorf("the next process: %d, %v", status, err)
				}
			})
		})
	}
}

func TestCallsAreNumberedAndNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := mishap.New(inproc.Hosts{"lever.test": &counter{}, "aws.test": &counter{}}, nil, 0, func(c mishap.Call) bool { return c.Op != "PutItem" })
		get, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://lever.test/v1/users", nil)
		if err != nil {
			t.Fatal(err)
		}
		want := []mishap.Call{{Host: "lever.test", Op: "GET /v1/users", Reads: true}}
		if _, err := w.Life().RoundTrip(get); err != nil {
			t.Fatal(err)
		}
		for target, reads := range map[string]bool{"DynamoDB_20120810.GetItem": true, "AmazonSQS.SendMessage": false, "DynamoDB_20120810.PutItem": false, "DynamoDB_20120810.Query": true, "secretsmanager.GetSecretValue": true, "DynamoDB_20120810.TransactWriteItems": false} {
			post, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://aws.test/", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			post.Header.Set("X-Amz-Target", target)
			if _, err := w.Life().RoundTrip(post); err != nil {
				t.Fatal(err)
			}
			if _, op, _ := strings.Cut(target, "."); op != "PutItem" {
				want = append(want, mishap.Call{Host: "aws.test", Op: op, Reads: reads})
			}
		}
		got := w.Calls()
		for i := range got {
			got[i].Body = 0
		}
		if !slices.Equal(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
}

// A mishap makes one more call necessary, which goes wrong in its turn.
func TestWalkMakesEveryScheduleOnce(t *testing.T) {
	var seen []string
	modes := func(c mishap.Call) []mishap.Mode {
		if c.Reads {
			return nil
		}
		return []mishap.Mode{mishap.Lost}
	}
	n := mishap.Walk(2, modes, func(s mishap.Schedule) []mishap.Call {
		seen = append(seen, s.String())
		return make([]mishap.Call, 2+len(s))
	})
	want := []string{
		"nothing", "1 lost", "1 lost, 2 lost", "1 lost, 3 lost", "2 lost", "2 lost, 3 lost",
	}
	if n != len(want) || !slices.Equal(seen, want) {
		t.Errorf("%d: %q", n, seen)
	}
	if n := mishap.Walk(2, modes, func(mishap.Schedule) []mishap.Call { return []mishap.Call{{Reads: true}} }); n != 1 {
		t.Errorf("%d schedules of calls that are of no interest", n)
	}
	if n := mishap.Walk(1, mishap.Call.Modes, func(mishap.Schedule) []mishap.Call { return []mishap.Call{{Reads: true}, {}} }); n != 1+2+5 {
		t.Errorf("%d schedules of a read and a write", n)
	}
}
