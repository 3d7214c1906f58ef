package evidenced_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/functions/partners"
	"fulcrum/functions/partners/evidenced"
	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/backfill"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// way is a live stack and its customer of Evidenced's.
type way struct {
	*rig.Live
	t       *testing.T
	c       seed.Connection
	starter *backfill.Starter
	header  []string // more of each request
}

// with makes calls with a header.
func (w way) with(name, value string) way {
	w.header = []string{name, value}
	return w
}

// on runs f in virtual time on a live stack.
func on(t *testing.T, f func(t *testing.T, w way)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		env := l.Env(t, "PartnerEvidencedSync")
		f(t, way{Live: l, t: t, c: l.Connection(t, "evidenced"), starter: backfill.StarterFromEnv(env, l.Table)})
	})
}

// must is a result whose error ends the test.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// begin begins the imports, and waits until the last of them has ended.
func (w way) begin(kinds ...string) store.Import {
	w.t.Helper()
	c := must(w.Table.Connection(context.Background(), w.c.ID))(w.t)
	since := lever.At(time.Now())
	if err := w.starter.Connect(context.Background(), c, backfill.Plan{First: kinds}); err != nil {
		w.t.Fatal(err)
	}
	return w.ended(kinds[len(kinds)-1], since)
}

func (w way) first() store.Import {
	w.t.Helper()
	return w.begin(plan(w.t).First...)
}

// ended waits until an import that was begun since has ended.
func (w way) ended(id string, since lever.Time) store.Import {
	w.t.Helper()
	for range 4000 {
		time.Sleep(time.Second)
		i, err := w.Table.Import(context.Background(), w.c.ID, id)
		if err == nil && i.State != store.Importing && i.StartedAt >= since {
			return i
		}
	}
	w.t.Fatalf("the import of %s does not end", id)
	return store.Import{}
}

// apply adds a candidate on a posting.
func (w way) apply(name, email, posting string) desk.Added {
	w.t.Helper()
	return must(w.Twin.AddCandidate(w.c.Account, desk.Candidate{Name: name, Email: email, Posting: posting}))(w.t)
}

// plan is what partner.json has imported.
func plan(t *testing.T) backfill.Plan {
	t.Helper()
	return backfill.Plan(must(partners.Named("evidenced"))(t).Imports)
}

// quiet waits until what was begun has ended.
func quiet() { time.Sleep(time.Minute) }

// told are the types of the documents that name something, in their order.
func (w way) told(naming string) []string {
	var types []string
	for _, d := range w.Sandbox.Deliveries("evidenced", w.c.ID) {
		if strings.Contains(string(d.Body), naming) {
			types = append(types, d.Type)
		}
	}
	return types
}

func (w way) expectTold(naming string, want ...string) {
	w.t.Helper()
	if got := w.told(naming); !slices.Equal(got, want) {
		w.t.Errorf("told %v, want %v", got, want)
	}
}

// count is how many documents of a type there are.
func (w way) count(documentType string) int {
	n := 0
	for _, d := range w.Sandbox.Deliveries("evidenced", w.c.ID) {
		if d.Type == documentType {
			n++
		}
	}
	return n
}

// call makes a call of the partner's API, below the connection.
func (w way) call(method, path string, body any) (int, []byte) {
	w.t.Helper()
	return w.Ask(w.t, w.c.PartnerAPIKey, method, "/v1/evidenced/connections/"+w.c.ID+"/"+path, body, w.header...)
}

// list is a list of the partner's API, all parts of it.
func list[T any](w way, path string) []T {
	w.t.Helper()
	var all []T
	for query := "?limit=30"; ; {
		status, body := w.call("GET", path+query, nil)
		var part struct {
			Items      []T
			NextCursor string
		}
		if err := json.Unmarshal(body, &part); err != nil || status != http.StatusOK {
			w.t.Fatalf("GET %s: %d %s", path, status, body)
		}
		all = append(all, part.Items...)
		if part.NextCursor == "" {
			return all
		}
		query = "?limit=30&cursor=" + part.NextCursor
	}
}

func (w way) candidate(contact string) (evidenced.Candidate, bool) {
	w.t.Helper()
	all := list[evidenced.Candidate](w, "candidates")
	i := slices.IndexFunc(all, func(c evidenced.Candidate) bool { return c.ID == contact })
	if i < 0 {
		return evidenced.Candidate{}, false
	}
	return all[i], true
}

func (w way) interview(id string) (evidenced.Interview, bool) {
	w.t.Helper()
	all := list[evidenced.Interview](w, "interviews")
	i := slices.IndexFunc(all, func(i evidenced.Interview) bool { return i.ID == id })
	if i < 0 {
		return evidenced.Interview{}, false
	}
	return all[i], true
}

func (w way) inject(f api.Fault) {
	w.t.Helper()
	if err := w.Twin.Inject(f); err != nil {
		w.t.Fatal(err)
	}
}

// post sends a signed delivery to the webhook of an event, as Lever does.
func (w way) post(event, data string) {
	w.t.Helper()
	i := slices.IndexFunc(w.c.Webhooks, func(h seed.Webhook) bool { return string(h.Event) == event })
	hook := w.c.Webhooks[i]
	at := time.Now().UnixMilli()
	token := fmt.Sprintf("%048d", at)
	body := fmt.Sprintf(`{"triggeredAt":%d,"event":%q,"data":%s,"signature":%q,"token":%q}`,
		at, event, data, seed.Signature(hook.SigningToken, token, at), token)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, hook.URL, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := (&http.Client{Transport: w}).Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("status %d", res.StatusCode)
	}
}

// choose sets the customer's choices.
func (w way) choose(values string) {
	w.t.Helper()
	before := must(w.Table.Settings(context.Background(), w.c.ID))(w.t)
	before.Connection, before.Values, before.ChangedBy = w.c.ID, json.RawMessage(values), "test"
	must(w.Table.PutSettings(context.Background(), before))(w.t)
}

// switchAll switches all events on or off in Lever.
func (w way) switchAll(on bool) {
	w.t.Helper()
	events := map[string]bool{}
	for _, e := range seed.Events() {
		events[string(e)] = on
	}
	must(w.Twin.Switch(w.c.Account, events))(w.t)
}

// blind gives the connection a credential that sees nothing confidential.
func (w way) blind() {
	w.t.Helper()
	k := must(w.Twin.CreateKey(w.c.Account, desk.NewKey{Name: "Blind"}))(w.t)
	c := must(w.Table.Credential(context.Background(), w.c.ID))(w.t)
	c.Secret.APIKey = k.Secret
	if err := w.Table.PutCredential(context.Background(), c, 0); err != nil {
		w.t.Fatal(err)
	}
}

// expectEnded fails unless every event has ended.
func (w way) expectEnded(t *testing.T) {
	t.Helper()
	for _, e := range w.Events(t, w.c.ID) {
		if !e.State.Ended() {
			t.Errorf("event %s is still %s", e.Event, e.State)
		}
	}
}
