package twin_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/keep"
	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

// rig is a twin with one account, a caller, and a receiver of webhooks at
// http://hooks.test.
type rig struct {
	t       *testing.T
	twin    *twin.Twin
	options twin.Options
	client  *http.Client
	home    desk.Summary
	// auth is the Authorization header of api calls.
	auth     string
	receiver *receiver
	// strict compares the twin with its store after every call that may have
	// changed it, before another call looks at the same objects.
	strict bool
}

// inBubble runs a test in virtual time with a rig whose rate is not limited
// unless o says so. The test runs in memory, and again with a store: all that it
// did has to be there after a restart.
func inBubble(t *testing.T, o twin.Options, test func(*testing.T, *rig)) {
	t.Helper()
	t.Run("in memory", func(t *testing.T) { inMemory(t, o, test) })
	t.Run("with a store", func(t *testing.T) { withStore(t, o, test) })
}

// inMemory is inBubble without the store.
func inMemory(t *testing.T, o twin.Options, test func(*testing.T, *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, o)
		defer func() { r.twin.Close() }()
		test(t, r)
	})
}

// withStore is inBubble without the memory.
func withStore(t *testing.T, o twin.Options, test func(*testing.T, *rig)) {
	t.Helper()
	o.Store = openStore(t)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, o)
		r.strict = true
		defer func() { checkRestart(t, r.twin, r.options) }()
		test(t, r)
	})
}

func openStore(t testing.TB) *keep.Store {
	t.Helper()
	s, err := keep.Open(t.TempDir(), "twin.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newRig(t *testing.T, o twin.Options) *rig {
	t.Helper()
	r := &rig{t: t, receiver: &receiver{}}
	hosts := inproc.Hosts{
		"hooks.test": r.receiver,
		"lever.test": http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { r.twin.ServeHTTP(w, q) }),
	}
	r.client = &http.Client{
		Transport:     hosts,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	o.Client = &http.Client{Transport: hosts}
	o.BaseURL = "http://lever.test"
	if o.Rate == 0 {
		o.Rate, o.Burst = 1e6, 1e6
	}
	r.options = o
	r.twin = newTwin(t, o)
	r.home = r.account("Acme")
	r.auth = basic(r.home.APIKey)
	return r
}

// restart puts another twin over the same store in the place of the twin.
func (r *rig) restart() {
	r.t.Helper()
	r.twin.Close()
	r.twin = newTwin(r.t, r.options)
}

func (r *rig) account(name string) desk.Summary {
	r.t.Helper()
	s, err := r.twin.CreateAccount(desk.NewAccount{Name: name})
	if err != nil {
		r.t.Fatal(err)
	}
	return s
}

func basic(key string) string {
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth(key, "")
	return req.Header.Get("Authorization")
}

// reply is an answer, with its JSON if it has any.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	raw    []byte
	body   any
}

// send makes any request.
func (r *rig) send(method, url string, header http.Header, body io.Reader) reply {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, url, body)
	if err != nil {
		r.t.Fatal(err)
	}
	for name := range header {
		req.Header.Set(name, header.Get(name))
	}
	res, err := r.client.Do(req)
	if err != nil {
		return reply{t: r.t, status: -1, body: err.Error()}
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	rep := reply{t: r.t, status: res.StatusCode, header: res.Header, raw: raw}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, &rep.body); err != nil {
			r.t.Fatalf("%s %s: %v in %s", method, url, err, raw)
		}
	}
	return rep
}

// api calls the Data API; path begins after /v1. A string body is sent as it is.
func (r *rig) api(method, path string, body any) reply {
	r.t.Helper()
	return r.json(method, "http://lever.test/v1"+path, r.auth, body)
}

// ctl calls the control API of the rig's account.
func (r *rig) ctl(method, path string, body any) reply {
	r.t.Helper()
	return r.json(method, "http://lever.test/_twin/"+r.home.Account+path, "", body)
}

// root calls the control API itself.
func (r *rig) root(method, path string, body any) reply {
	r.t.Helper()
	return r.json(method, "http://lever.test/_twin"+path, "", body)
}

func (r *rig) json(method, url, auth string, body any) reply {
	r.t.Helper()
	var in io.Reader
	header := http.Header{}
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			r.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	if in != nil {
		header.Set("Content-Type", "application/json")
	}
	if auth != "" {
		header.Set("Authorization", auth)
	}
	got := r.send(method, url, header, in)
	if r.strict && method != http.MethodGet {
		r.checkStore(method, url)
	}
	return got
}

// checkStore compares the twin with its store after a call. Once there are
// webhooks it does not: while deliveries are under way, no twin stands still.
func (r *rig) checkStore(method, url string) {
	r.t.Helper()
	if strings.Contains(url, "/webhooks") || strings.Contains(url, "/switches") {
		r.strict = false
		return
	}
	if diff := firstDifference(state(r.twin), state(restarted(r.t, r.options))); diff != "" {
		r.t.Fatalf("%s %s is not in the store:\n%s", method, url, diff)
	}
}

// obj is a JSON object.
type obj = map[string]any

// at is the value at a dotted path such as data.0.archived.reason; nil when
// there is none. "#" at the end is the length of a list.
func (p reply) at(path string) any {
	value := p.body
	for part := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[part]
		case []any:
			if part == "#" {
				return float64(len(v))
			}
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(v) {
				return nil
			}
			value = v[i]
		default:
			return nil
		}
	}
	return value
}

// has reports whether the object at the path has the member.
func (p reply) has(path, member string) bool {
	o, ok := p.at(path).(map[string]any)
	if !ok {
		return false
	}
	_, ok = o[member]
	return ok
}

// text is the string at the path.
func (p reply) text(path string) string {
	p.t.Helper()
	s, ok := p.at(path).(string)
	if !ok {
		p.t.Fatalf("%s is no string in %s", path, p.raw)
	}
	return s
}

// ids are the ids of the objects in data.
func (p reply) ids() []string {
	p.t.Helper()
	list, ok := p.at("data").([]any)
	if !ok {
		p.t.Fatalf("no list in %s", p.raw)
	}
	ids := []string{}
	for i := range list {
		ids = append(ids, p.text("data."+strconv.Itoa(i)+".id"))
	}
	return ids
}

// must fails the test unless the status is the one that is wanted.
func (p reply) must(status int) reply {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("status %d, want %d: %s %v", p.status, status, p.raw, p.body)
	}
	return p
}

// want compares values at paths, and answers the reply.
func (p reply) want(values obj) reply {
	p.t.Helper()
	for path, want := range values {
		got, wanted := plainJSON(p.t, p.at(path)), plainJSON(p.t, want)
		if got != wanted {
			p.t.Errorf("%s = %s, want %s", path, got, wanted)
		}
	}
	return p
}

func plainJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// candidate adds a candidate and answers its ids.
func (r *rig) candidate(c desk.Candidate) desk.Added {
	r.t.Helper()
	added, err := r.twin.AddCandidate(r.home.Account, c)
	if err != nil {
		r.t.Fatal(err)
	}
	return added
}

func (r *rig) boss() string { return r.home.Users[0].ID }

// reason is the id of the archive reason with the text.
func (r *rig) reason(text string) string {
	r.t.Helper()
	for _, x := range r.home.Reasons {
		if x.Text == text {
			return x.ID
		}
	}
	r.t.Fatalf("no archive reason %s", text)
	return ""
}

// stage is the id of the stage with the text.
func (r *rig) stage(text string) string {
	r.t.Helper()
	for _, x := range r.home.Stages {
		if x.Text == text {
			return x.ID
		}
	}
	r.t.Fatalf("no stage %s", text)
	return ""
}

// hook makes a webhook through the API and switches its event on. It answers the
// id and the signing key.
func (r *rig) hook(event string) (id, key string) {
	r.t.Helper()
	made := r.api("POST", "/webhooks", obj{"event": event, "url": "http://hooks.test/" + event}).must(201)
	r.ctl("POST", "/switches", obj{event: true}).must(200)
	return made.text("data.id"), made.text("data.configuration.signatureToken")
}

// receiver takes deliveries. It answers 200 unless answer says otherwise.
type receiver struct {
	mu     sync.Mutex
	got    []delivered
	answer func(w http.ResponseWriter, r *http.Request, nth int)
}

// delivered is one request that arrived.
type delivered struct {
	at     time.Time
	path   string
	header http.Header
	raw    string
	body   obj
}

func (x *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	d := delivered{at: time.Now(), path: r.URL.Path, header: r.Header.Clone(), raw: string(raw)}
	if err := json.Unmarshal(raw, &d.body); err != nil {
		d.body = obj{"unreadable": err.Error()}
	}
	x.mu.Lock()
	x.got = append(x.got, d)
	nth, answer := len(x.got), x.answer
	x.mu.Unlock()
	if answer != nil {
		answer(w, r, nth)
	}
}

func (x *receiver) all() []delivered {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]delivered(nil), x.got...)
}

// events are the names of what arrived.
func (x *receiver) events() []string {
	names := []string{}
	for _, d := range x.all() {
		names = append(names, fmt.Sprint(d.body["event"]))
	}
	return names
}
