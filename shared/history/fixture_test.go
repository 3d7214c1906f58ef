package history_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	twinapi "fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/fault"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// partner is a live stack, and a partner who calls it with its key.
type partner struct {
	*rig.Live
	t *testing.T
	c seed.Connection
}

// on runs f in virtual time on a live stack.
func on(t *testing.T, f func(t *testing.T, p partner)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		f(t, partner{l, t, l.Connection(t, "joinedly")})
	})
}

// answer is what a call is answered.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// call asks the gateway with the partner's key. path is below the connection.
func (p partner) call(method, path, body string) answer {
	p.t.Helper()
	return p.with("Bearer "+p.c.PartnerAPIKey, nil, method, "/v1/connections/"+p.c.ID+path, body)
}

func (p partner) with(authorization string, header map[string]string, method, path, body string) answer {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, rig.Gateway+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		req.Header.Set(name, value)
	}
	res, err := (&http.Client{Transport: p}).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return answer{p.t, res.StatusCode, res.Header, string(text)}
}

// into reads an answer that has to have a status.
func (a answer) into(status int, v any) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(a.body), v); err != nil {
			a.t.Fatalf("%v: %s", err, a.body)
		}
	}
	return a
}

// list is a part of a list.
type list[T any] struct {
	Items      []T
	NextCursor string
}

// events are all events that a query finds, part by part.
func (p partner) events(query string) []history.Event {
	p.t.Helper()
	var all []history.Event
	for cursor := ""; ; {
		var part list[history.Event]
		path := "/events?" + query
		if cursor != "" {
			path += "&cursor=" + cursor
		}
		p.call("GET", path, "").into(200, &part)
		all = append(all, part.Items...)
		if cursor = part.NextCursor; cursor == "" {
			return all
		}
	}
}

// hire adds somebody and marks them as hired.
func (p partner) hire(name string) (opportunity string) {
	p.t.Helper()
	added, err := p.Twin.AddCandidate(p.c.Account, desk.Candidate{Name: name, Email: strings.ToLower(name) + "@example.com"})
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Twin.Hire(p.c.Account, added.OpportunityID, ""); err != nil {
		p.t.Fatal(err)
	}
	return added.OpportunityID
}

// forbid has Lever refuse the next reads of an opportunity, and what a partner asks
// then to learn whether the candidate is confidential or the right is gone; below
// zero it is for good.
func (p partner) forbid(reads int) {
	p.t.Helper()
	for _, match := range []string{"GET /v1/opportunities/*", "GET /v1/opportunities"} {
		if err := p.Twin.Inject(twinapi.Fault{Match: match, Status: 403, Times: reads}); err != nil {
			p.t.Fatal(err)
		}
	}
}

// arrived counts the documents of an opportunity.
func (p partner) arrived(opportunity string) int {
	n := 0
	for _, d := range p.Sandbox.Deliveries("joinedly", p.c.ID) {
		if strings.Contains(string(d.Body), opportunity) {
			n++
		}
	}
	return n
}

// note puts an event into the ledger, and ends it as parked where there is a
// reason.
func (p partner) note(id string, at time.Time, reason fault.Reason) {
	p.t.Helper()
	ctx := context.Background()
	e, err := p.Table.Receive(ctx, store.EventOf(p.c.Partner, queue.Event{
		ID: id, Connection: p.c.ID, Event: lever.CandidateHired, ReceivedAt: lever.At(at),
		IDs: lever.IDs{Opportunity: "00000000-0000-4000-8000-000000000000"},
	}))
	if err != nil {
		p.t.Fatal(err)
	}
	if reason == "" {
		return
	}
	if err := p.Table.Commit(ctx, store.Commit{Event: e, State: store.Parked, Reason: reason}); err != nil {
		p.t.Fatal(err)
	}
}

// stranger is the same stack for another partner, with a key and a connection of
// its own.
func (p partner) stranger() partner {
	p.t.Helper()
	p.c = seed.Connection{ID: "con_stranger", Partner: "stranger", PartnerAPIKey: p.newKey("stranger")}
	if err := p.Table.PutConnection(context.Background(), store.Connection{ID: p.c.ID, Partner: p.c.Partner}); err != nil {
		p.t.Fatal(err)
	}
	return p
}

// newKey makes an API key as an operator does.
func (p partner) newKey(of string) string {
	p.t.Helper()
	var made struct{ Key string }
	p.operate(`{"task":"make","partner":"`+of+`"}`, &made)
	return made.Key
}

// operate invokes the operator's function, and reports whether it worked.
func (p partner) operate(order string, v any) bool {
	p.t.Helper()
	said, err := p.Invoke(context.Background(), "HubApiKeys", []byte(order))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := json.Unmarshal(said.Payload, v); err != nil {
		p.t.Fatal(err)
	}
	return !said.Failed
}
