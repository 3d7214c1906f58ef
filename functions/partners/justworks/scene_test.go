package justworks_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/functions/partners"
	"fulcrum/functions/partners/justworks"
	"fulcrum/local/aws/ses"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

const (
	connection = "/v1/justworks/connections/{c}"
	hireTitle  = "A candidate has been hired in Lever!"
)

// scene is a stage with a customer whose roster is that of Lever's twin: two admins
// who may manage employees, and one who may not.
type scene struct {
	*partnertest.Stage
	t       *testing.T
	manager account.User
}

func on(t *testing.T, f func(t *testing.T, s scene)) {
	t.Helper()
	partnertest.On(t, "justworks", func(t *testing.T, stage *partnertest.Stage) {
		s := scene{Stage: stage, t: t}
		var err error
		if s.manager, err = s.Twin.AddUser(s.Account, desk.Person{Name: "Grace Hopper", Email: "grace@customer.example", AccessRole: "admin"}); err != nil {
			t.Fatal(err)
		}
		s.roster(roster())
		f(t, s)
	})
}

func roster() justworks.Roster {
	return justworks.Roster{
		Admins: []justworks.Admin{
			{ID: "adm_1", Name: "Meg", Email: "meg@customer.example", ManageEmployees: true},
			{ID: "adm_2", Name: "Mo", Email: "mo@customer.example", ManageEmployees: true},
			{ID: "adm_3", Name: "Ned", Email: "ned@customer.example"},
		},
		Offices:     []justworks.Place{{ID: "off_1", Name: "Lisbon"}, {ID: "off_2", Name: "Chicago"}},
		Departments: []justworks.Place{{ID: "dep_1", Name: "Product"}, {ID: "dep_2", Name: "Revenue"}},
		Members: []justworks.Member{
			{ID: "mem_1", Name: "Dr. Hopper", Emails: []string{"Grace@customer.example"}, Active: true},
			{ID: "mem_2", Name: "Left Lately", Emails: []string{"left@home.example"}},
		},
	}
}

func (s scene) roster(r justworks.Roster) {
	s.t.Helper()
	if status := s.Call(http.MethodPut, connection+"/roster", r, nil); status != http.StatusOK {
		s.t.Fatalf("roster: status %d", status)
	}
}

// person adds a candidate for a posting.
func (s scene) person() person { return s.Person(desk.Candidate{Posting: "Backend Engineer"}) }

// start is the start date of offers here, two weeks after the stage begins.
const start = "2026-12-07"

// terms are those of a complete offer.
func (s scene) terms(change map[string]any) map[string]any {
	at, err := time.Parse(time.DateOnly, start)
	if err != nil {
		s.t.Fatal(err)
	}
	all := map[string]any{
		"salary_amount": 110000, "compensation_currency": "USD", "salary_interval": "per-year-salary",
		"direct_manager": s.manager.ID, "anticipated_start_date": at.UnixMilli(), "custom_exemption_status": "Exempt",
	}
	for name, value := range change {
		all[name] = value
	}
	return all
}

// offer adds an offer in a status, signed outside of Lever where it is signed.
func (s scene) offer(p person, status string, change map[string]any) account.Offer {
	s.t.Helper()
	o, err := s.Twin.AddOffer(s.Account, p.OpportunityID, account.OfferFields{Status: &status, Outside: true, Fields: s.terms(change)})
	if err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(time.Second)
	return o
}

// hire marks somebody as hired, and lets it be worked off.
func (s scene) hire(p person) {
	s.t.Helper()
	s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
	time.Sleep(time.Minute)
}

// unhire takes it back, and has it noticed.
func (s scene) unhire(p person) {
	s.t.Helper()
	s.Do(s.Twin.Unarchive(s.Account, p.OpportunityID))
	s.look(p)
}

// hired is somebody with a complete offer who is marked as hired.
func (s scene) hired(change map[string]any) person {
	s.t.Helper()
	p := s.person()
	s.offer(p, "signed", change)
	s.hire(p)
	return p
}

func at(p person) string { return connection + "/pending-hires/" + p.OpportunityID }

// pending is somebody's pending hire as the API shows it.
func (s scene) pending(p person) justworks.PendingHire {
	s.t.Helper()
	var h justworks.PendingHire
	if status := s.Call(http.MethodGet, at(p), nil, &h); status != http.StatusOK {
		s.t.Fatalf("pending hire: status %d; events ended %q", status, s.Ended(p.OpportunityID))
	}
	return h
}

// none fails if somebody has a pending hire.
func (s scene) none(p person) {
	s.t.Helper()
	if status := s.Call(http.MethodGet, at(p), nil, nil); status != http.StatusNotFound {
		s.t.Errorf("status %d for a hire that should not be", status)
	}
}

// edit has an admin choose values of fields.
func (s scene) edit(p person, fields map[string]any) {
	s.t.Helper()
	if fields == nil {
		fields = map[string]any{} // takes it into review, and no more
	}
	if status := s.Call(http.MethodPatch, at(p), map[string]any{"by": "adm_1", "fields": fields}, nil); status != http.StatusOK {
		s.t.Fatalf("edit: status %d", status)
	}
}

// invited is somebody whom an admin has invited.
func (s scene) invited() person {
	s.t.Helper()
	p := s.hired(nil)
	s.edit(p, map[string]any{"workEmail": "new@customer.example"})
	if status := s.Call(http.MethodPost, at(p)+"/invite", map[string]any{"by": "adm_1"}, nil); status != http.StatusOK {
		s.t.Fatalf("invite: status %d, missing %v", status, s.pending(p).Missing)
	}
	return p
}

// mails are those whose text says something, in the order of their sending.
func (s scene) mails(says string) []ses.Mail {
	var all []ses.Mail
	for _, m := range s.AWS.Mails() {
		if strings.Contains(m.Subject+"\n"+m.Text, says) {
			all = append(all, m)
		}
	}
	return all
}

// to are the recipients of the mails whose text says something, sorted.
func (s scene) to(says string) string {
	var all []string
	for _, m := range s.mails(says) {
		all = append(all, m.To...)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

const reviewers = "meg@customer.example mo@customer.example"

// expectMail fails unless the mails that say something went to these, each once.
func (s scene) expectMail(says, to string) {
	s.t.Helper()
	if got := s.to(says); got != to {
		s.t.Errorf("mail %.40q went to %q, want %q", says, got, to)
	}
}

// link is the address in the last mail to a person.
func (s scene) link(p person) string {
	s.t.Helper()
	all := s.mails(p.Name)
	if len(all) == 0 {
		s.t.Fatal("no mail")
	}
	return regexp.MustCompile(`https://gateway\.test\S+`).FindString(all[len(all)-1].Text)
}

// open opens a link in a browser that is logged in nowhere.
func (s scene) open(link string) (status int, page string) {
	s.t.Helper()
	res, err := (&http.Client{Transport: s}).Get(link)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// expect fails unless fields have these values.
func expect(t *testing.T, h justworks.PendingHire, values map[justworks.Name]string) {
	t.Helper()
	for n, want := range values {
		if got := h.Field(n); got.Value != want || want == "" && got.Reason == "" || want != "" && (got.Source == "" || got.Reason != "") {
			t.Errorf("%s is %+v, want %q", n, got.Reading, want)
		}
	}
}

// expectWhy fails unless fields are empty for these reasons.
func expectWhy(t *testing.T, h justworks.PendingHire, reasons map[justworks.Name]justworks.Reason) {
	t.Helper()
	for n, want := range reasons {
		if got := h.Field(n); got.Value != "" || got.Reason != want {
			t.Errorf("%s is %+v, want it empty for %s", n, got.Reading, want)
		}
	}
}

type person = partnertest.Person

// look has somebody's hire looked at again, as the clock does that compares what
// Lever has changed.
func (s scene) look(p person) {
	s.t.Helper()
	s.Look(lever.CandidateHired, lever.IDs{Opportunity: p.OpportunityID})
}

// settings applies settings over the defaults.
func (s scene) settings(change map[string]any) {
	s.t.Helper()
	var all map[string]any
	if err := partners.Defaults("justworks", &all); err != nil {
		s.t.Fatal(err)
	}
	maps.Copy(all, change)
	values, err := json.Marshal(all)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Table.PutSettings(s.t.Context(), store.Settings{Connection: s.C.ID, Values: values, ChangedBy: "test"}); err != nil {
		s.t.Fatal(err)
	}
}

// skip passes time in which nothing runs: what is due meanwhile is due afterwards.
func (s scene) skip(d time.Duration) {
	s.Stop()
	time.Sleep(d)
	s.Start(s.t)
}

// refused is a call whose answer is read whatever its status.
func (s scene) refused(method, path string, in, out any) int {
	s.t.Helper()
	body := ""
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			s.t.Fatal(err)
		}
		body = string(text)
	}
	res := s.header(method, rig.Gateway+path, "", body)
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode
}

// header is the answer to a call that may have If-Match.
func (s scene) header(method, url, ifMatch, body string) *http.Response {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.C.PartnerAPIKey)
	req.Header.Set("Content-Type", "application/json")
	if ifMatch != "" {
		req.Header.Set("If-Match", ifMatch)
	}
	res, err := (&http.Client{Transport: s}).Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	return res
}
