package lever_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fulcrum/local/inproc"
	"fulcrum/local/twin"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/oauth"
	"fulcrum/shared/lever"
)

// world is an account at Lever as a test sees it. Words such as {opportunity}
// stand for the ids of what is in it. The twin is nil where answers are canned.
type world struct {
	t      *testing.T
	client *lever.Client
	ids    map[string]string
	wire   *wire
	twin   *twin.Twin
	home   desk.Summary
}

func (w *world) id(word string) string {
	w.t.Helper()
	id, ok := w.ids[word]
	if !ok {
		w.t.Fatalf("there is no {%s} here", word)
	}
	return id
}

// ms is the time that a word stands for.
func (w *world) ms(word string) lever.Time {
	w.t.Helper()
	n, err := strconv.ParseInt(w.id(word), 10, 64)
	w.check(err)
	return lever.Time(n)
}

func words() *regexp.Regexp { return regexp.MustCompile(`\{([a-zA-Z]+)\}`) }

// fill puts ids in the place of words.
func (w *world) fill(text string) string {
	return words().ReplaceAllStringFunc(text, func(word string) string { return w.id(strings.Trim(word, "{}")) })
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// wire passes requests on and keeps what was asked.
type wire struct {
	next http.RoundTripper
	mu   sync.Mutex
	asks []ask
}

// ask is a request: method, path after the version and query, and its body.
type ask struct {
	line, body string
	header     http.Header
}

func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	a := ask{line: req.Method + " " + strings.TrimPrefix(req.URL.RequestURI(), "/v1"), header: req.Header.Clone()}
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return nil, err
		}
		a.body = string(text)
	}
	w.mu.Lock()
	w.asks = append(w.asks, a)
	w.mu.Unlock()
	return w.next.RoundTrip(req)
}

// through makes the world's client.
func (w *world) through(auth lever.Auth) *lever.Client {
	w.t.Helper()
	c, err := lever.New(lever.Options{BaseURL: "http://lever.test/v1", Auth: auth, Transport: w.wire})
	w.check(err)
	return c
}

// read is a body of testdata, "" for the empty name.
func read(t testing.TB, name string) string {
	t.Helper()
	if name == "" {
		return ""
	}
	text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// cannedWorld answers every request with a status and a body of testdata, such as
// "201 note_created".
func cannedWorld(t *testing.T, answers ...string) *world {
	t.Helper()
	next := &canned{}
	for _, a := range answers {
		status, name, _ := strings.Cut(a, " ")
		code, err := strconv.Atoi(status)
		if err != nil {
			t.Fatal(err)
		}
		next.list = append(next.list, answer{status: code, body: read(t, name)})
	}
	w := &world{t: t, wire: &wire{next: next}, ids: map[string]string{"from": "1793000000000", "until": "1793100000000", "nowhere": "nowhere"}}
	for i, word := range strings.Fields(`opportunity contact application user manager posting stage reason hired offer interview panel
		template rating comments feedback formTemplate formField form note resume file webhook other interviewer draft`) {
		w.ids[word] = fmt.Sprintf("b1a6d1f0-52c7-4d0e-9c1b-7a51c0de%04x", i+1)
	}
	w.client = w.through(lever.APIKey("key"))
	return w
}

// twinWorld is a new account at the twin, in the state that testdata shows. It
// belongs to the bubble that it is made in, if any.
func twinWorld(t *testing.T) *world {
	t.Helper()
	hosts := inproc.Hosts{}
	lv, err := twin.New(twin.Options{Client: &http.Client{Transport: hosts}, BaseURL: "http://lever.test", Rate: 1e6, Burst: 1e6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lv.Close)
	hosts["lever.test"] = lv
	home, err := lv.CreateAccount(desk.NewAccount{Name: "Acme"})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, wire: &wire{next: hosts}, twin: lv, home: home, ids: map[string]string{"from": "1", "until": "9999999999999"}}
	w.client = w.through(lever.APIKey(home.APIKey))
	w.furnish()
	w.settle()
	time.Sleep(time.Second) // what is made from here on is newer
	return w
}

// furnish names what a new account has.
func (w *world) furnish() {
	w.ids["user"], w.ids["manager"], w.ids["interviewer"] = w.home.Users[0].ID, w.home.Users[1].ID, w.home.Users[2].ID
	w.ids["posting"] = w.home.Postings[0].ID
	for _, s := range w.home.Stages {
		if s.Text == "Recruiter screen" {
			w.ids["stage"] = s.ID
		}
	}
	for _, r := range w.home.Reasons {
		if word, ok := map[string]string{"Withdrew": "reason", "Hired": "hired"}[r.Text]; ok {
			w.ids[word] = r.ID
		}
	}
}

// settle adds a candidate with one of everything.
func (w *world) settle() {
	added := w.candidate(desk.Candidate{
		Name: "Marit Solheim", Email: "marit.solheim@mail.example", Phone: "+47 900 11 222", Headline: "Tidewater Labs", Location: "Bergen",
		Posting: w.ids["posting"], Stage: "lead-reached-out", Tags: []string{"rowing"}, Sources: []string{"Spring fair"},
		Links: []string{"https://marit.example/work"},
	})
	w.ids["opportunity"], w.ids["contact"], w.ids["application"] = added.OpportunityID, added.ContactID, added.ApplicationID
	w.settleDesk(w.home.Account, added.OpportunityID)
	w.settleAPI(added.OpportunityID)
}

func (w *world) candidate(c desk.Candidate) desk.Added {
	w.t.Helper()
	added, err := w.twin.AddCandidate(w.home.Account, c)
	w.check(err)
	return added
}

// settleDesk adds what people add.
func (w *world) settleDesk(acme, opportunity string) {
	signed := "signed"
	offer, err := w.twin.AddOffer(acme, opportunity, account.OfferFields{Status: &signed, Fields: map[string]any{
		"salary_amount": 52000, "salary_interval": "per-year-salary", "anticipated_start_date": 1794787200000, "custom_boat": "Kayak",
	}})
	w.check(err)
	interview, err := w.twin.Schedule(acme, opportunity, desk.Interview{Subject: "Second talk", Note: "Bring charts", Interviewers: []string{"Ines Moreau"}, Duration: 45})
	w.check(err)
	note, err := w.twin.AddNote(acme, opportunity, account.NoteFields{Value: "Reads charts well"})
	w.check(err)
	resume, err := w.twin.AddResume(acme, opportunity, desk.Upload{Name: "marit.pdf", Text: "Ten seasons"})
	w.check(err)
	file, err := w.twin.AddFile(acme, opportunity, desk.Upload{Name: "letter.txt", Text: "Ahoy, you"})
	w.check(err)
	w.ids["offer"], w.ids["interview"], w.ids["panel"], w.ids["note"] = offer.ID, interview.ID, interview.Panel, note.ID
	w.ids["resume"], w.ids["file"] = resume.ID, file.ID
}

// settleAPI adds what only the API adds, or may change only where it added it.
func (w *world) settleAPI(opportunity string) {
	ctx := context.Background()
	own, err := lever.Collect(w.client.FeedbackTemplates(ctx))
	w.check(err)
	w.ids["template"], w.ids["rating"], w.ids["comments"] = own[0].ID, own[0].Fields[0].ID, own[0].Fields[1].ID
	feedback, err := w.client.CreateFeedback(ctx, w.ids["user"], opportunity, lever.NewFeedback{
		BaseTemplateID: own[0].ID, FieldValues: []lever.FieldValue{{ID: w.ids["rating"], Value: "3 - Hire"}},
	})
	w.check(err)
	boarding, err := w.client.CreateFormTemplate(ctx, lever.NewTemplate{Text: "Boarding", Fields: []lever.Field{{Type: "text", Text: "Berth", Required: true}}})
	w.check(err)
	form, err := w.client.CreateForm(ctx, w.ids["user"], opportunity, lever.NewForm{
		BaseTemplateID: boarding.ID, FieldValues: []lever.FieldValue{{ID: boarding.Fields[0].ID, Value: "B 12"}},
	})
	w.check(err)
	webhook, err := w.client.CreateWebhook(ctx, lever.CandidateHired, "https://hooks.example/1")
	w.check(err)
	w.ids["feedback"], w.ids["formTemplate"], w.ids["formField"], w.ids["form"] = feedback.ID, boarding.ID, boarding.Fields[0].ID, form.ID
	w.ids["webhook"] = webhook.ID
}

// bearer is an app's access token.
type bearer string

func (b bearer) Authorize(_ context.Context, req *http.Request) error {
	req.Header.Set("Authorization", "Bearer "+string(b))
	return nil
}

func (bearer) Refused(context.Context, *http.Request) error {
	return errors.New("the token is refused")
}

// scopes are what the client needs for all its methods.
const scopes = "opportunities:write:admin applications:read:admin contact:read:admin postings:read:admin offers:read:admin " +
	"users:read:admin stages:read:admin archive_reasons:read:admin interviews:read:admin panels:read:admin feedback:write:admin " +
	"feedback_templates:write:admin forms:write:admin form_templates:write:admin notes:write:admin resumes:read:admin " +
	"files:read:admin webhooks:write:admin"

// consent is the token of an app that the account has given the scopes.
func (w *world) consent(scope string) bearer {
	w.t.Helper()
	const callback = "https://partner.example/callback"
	app, err := w.twin.RegisterApp(oauth.App{Name: "Partner", Callbacks: []string{callback}})
	w.check(err)
	back, err := w.visit(http.MethodGet, "/authorize?"+url.Values{
		"client_id": {app.ClientID}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"s"},
		"audience": {"http://lever.test/v1/"}, "scope": {scope}, "account": {w.home.Account}, "decision": {"accept"},
	}.Encode(), "").Location()
	w.check(err)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	w.check(json.NewDecoder(w.visit(http.MethodPost, "/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {app.ClientID}, "client_secret": {app.ClientSecret},
		"code": {back.Query().Get("code")}, "redirect_uri": {callback},
	}.Encode()).Body).Decode(&token))
	return bearer(token.AccessToken)
}

func (w *world) visit(method, path, form string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, "http://lever.test"+path, strings.NewReader(form))
	w.check(err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := w.wire.next.RoundTrip(req)
	w.check(err)
	return res
}

// lacks says where got is not as want, a JSON text. Members that want does not
// name do not matter; a null may be missing.
func lacks(want string, got any) string {
	var w, g any
	text, err := json.Marshal(got)
	if err = errors.Join(err, json.Unmarshal(text, &g), json.Unmarshal([]byte(want), &w)); err != nil {
		return fmt.Sprintf("%v in %s or in %s", err, want, text)
	}
	if at := differs("", w, g); at != "" {
		return fmt.Sprintf("%s\nwant %s\n got %s", at, want, text)
	}
	return ""
}

func differs(path string, want, got any) string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return fmt.Sprintf("%s is %v, want an object", path, got)
		}
		for name, x := range w {
			if at := differs(path+"."+name, x, g[name]); at != "" {
				return at
			}
		}
		return ""
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return fmt.Sprintf("%s has %d items, want %d", path, len(g), len(w))
		}
		for i, x := range w {
			if at := differs(fmt.Sprint(path, ".", i), x, g[i]); at != "" {
				return at
			}
		}
		return ""
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("%s is %v, want %v", path, got, want)
	}
	return ""
}
