package rig_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/sandbox"
	"fulcrum/local/seed"
	"fulcrum/local/tried"
	twinapi "fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/store"
)

// person is somebody in a storm, in the account of one partner's customer.
type person struct {
	c      seed.Connection
	id     string // of the opportunity
	canary string
	erased bool
}

// storm is a live stack whose webhooks are lost, doubled, held back and replayed,
// while people do things in Lever in no particular order. Everything in it follows
// from its seed.
type storm struct {
	*rig.Live
	t      *testing.T
	seed   uint64
	rand   *rand.Rand
	front  http.Handler
	people []*person

	mu   sync.Mutex
	sent []*http.Request // the bodies are beside them
	body [][]byte
	log  bytes.Buffer
	calm bool
}

// Write takes the log.
func (s *storm) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(line)
}

// ServeHTTP is the gateway in the storm. What becomes of a webhook follows from its
// body, so that Lever's retries fare as the first try did.
func (s *storm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.Path, "/webhooks/") {
		s.front.ServeHTTP(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	calm := s.keep(r, body)
	h := fnv.New64a()
	h.Write(body)
	fate := h.Sum64() ^ s.seed
	switch {
	case calm || fate%10 < 4:
		s.pass(w, r, body)
	case fate%10 < 6: // lost, however often it is tried
		w.WriteHeader(http.StatusServiceUnavailable)
	case fate%10 < 8: // overtaken by what comes within the hour
		go func() {
			time.Sleep(time.Duration(fate/10%60) * time.Minute)
			s.pass(httptest.NewRecorder(), r, body)
		}()
	default: // twice
		s.pass(httptest.NewRecorder(), r, body)
		s.pass(w, r, body)
	}
}

func (s *storm) keep(r *http.Request, body []byte) (calm bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent, s.body = append(s.sent, r), append(s.body, body)
	return s.calm
}

func (s *storm) pass(w http.ResponseWriter, r *http.Request, body []byte) {
	again := r.Clone(s.t.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	s.front.ServeHTTP(w, again)
}

// replay sends some webhook again that was sent before.
func (s *storm) replay() {
	s.mu.Lock()
	if len(s.sent) == 0 {
		s.mu.Unlock()
		return
	}
	i := s.rand.IntN(len(s.sent))
	r, body := s.sent[i], s.body[i]
	s.mu.Unlock()
	s.pass(httptest.NewRecorder(), r, body)
}

// must fails the test on an error of what cannot fail.
func (s *storm) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// step does one thing.
func (s *storm) step() {
	switch n := s.rand.IntN(20); {
	case n < 6 || len(s.people) < 4:
		s.add()
	case n < 16:
		s.act(s.people[s.rand.IntN(len(s.people))])
	case n == 16:
		s.must(s.Twin.Inject(twinapi.Fault{Match: "GET /v1/*", Status: 503, Times: 1 + s.rand.IntN(20)}))
	case n == 17:
		s.must(s.Twin.Inject(twinapi.Fault{Match: "GET /v1/*", DelayMS: 1 + s.rand.IntN(20_000), Times: 1 + s.rand.IntN(5)}))
	case n == 18:
		s.Sandbox.Inject(sandbox.Fault{Status: 503, DropAnswer: s.rand.IntN(2) == 0, Times: 1 + s.rand.IntN(10)})
	default:
		for range 5 {
			s.replay()
		}
	}
}

// partners are the partners in a storm, with their customers' settings.
func (s *storm) partners() map[string]map[string]any {
	return map[string]map[string]any{
		"joinedly": nil, "justworks": nil, "evidenced": nil,
		"brainner":        {"autoGenerateJobs": true, "autoImportCandidates": true},
		"interviewing-io": {"enabled": true, "performAs": "omar@acme.example", "defaultStage": newLead},
	}
}

// newLead is the stage where those begin who come by interviewing.io.
const newLead = "lead-new"

func (s *storm) prepare() {
	for partner, settings := range s.partners() {
		c := s.Connection(s.t, partner)
		if settings == nil {
			continue
		}
		text, err := json.Marshal(settings)
		s.must(err)
		_, err = s.Table.PutSettings(s.t.Context(), store.Settings{Connection: c.ID, Values: text})
		s.must(err)
		_, err = s.Twin.AddUser(c.Account, desk.Person{Name: "Omar Haddad", Email: "omar@acme.example"})
		s.must(err)
	}
}

func (s *storm) add() {
	partners := slices.Sorted(maps.Keys(s.partners()))
	p := &person{c: s.Connection(s.t, partners[s.rand.IntN(len(partners))]), canary: fmt.Sprintf("Canary%dq", len(s.people))}
	s.people = append(s.people, p)
	name, email := p.canary+" Vesterby", strings.ToLower(p.canary)+"@private.example"
	if p.c.Partner == "interviewing-io" {
		s.Reveal(s.t, p.c, fmt.Sprint("iv-", len(s.people)), name, email)
		return
	}
	added, err := s.Twin.AddCandidate(p.c.Account, desk.Candidate{Name: name, Email: email, Posting: "Backend Engineer"})
	s.must(err)
	p.id = added.OpportunityID
}

// meet finds who came to Lever by us. It reports whether Lever knows the person.
func (s *storm) meet(p *person) bool {
	s.t.Helper()
	if p.id != "" {
		return true
	}
	rows, _, err := s.Twin.Candidates(p.c.Account, 0, 1000)
	s.must(err)
	for _, row := range rows {
		switch {
		case !strings.HasPrefix(row.Name, p.canary+" "):
		case p.id != "":
			s.t.Errorf("seed %d: %s came to Lever twice", s.seed, p.canary)
		default:
			p.id = row.OpportunityID
		}
	}
	return p.id != ""
}

// act does something with somebody. What cannot be done is not done: who is archived
// cannot be archived again.
func (s *storm) act(p *person) {
	if p.erased || !s.meet(p) {
		return
	}
	acts := []func() (desk.Added, error){
		func() (desk.Added, error) { return s.Twin.Hire(p.c.Account, p.id, "") },
		func() (desk.Added, error) { return s.Twin.Hire(p.c.Account, p.id, "") },
		func() (desk.Added, error) { return s.Twin.Hire(p.c.Account, p.id, "") },
		func() (desk.Added, error) { return s.Twin.Unarchive(p.c.Account, p.id) },
		func() (desk.Added, error) { return s.Twin.Unarchive(p.c.Account, p.id) },
		func() (desk.Added, error) { return s.Twin.Move(p.c.Account, p.id, "Offer") },
		func() (desk.Added, error) { return s.Twin.Archive(p.c.Account, p.id, "Withdrew") },
		func() (desk.Added, error) { return s.Twin.Delete(p.c.Account, p.id) },
		func() (desk.Added, error) { return s.Twin.Anonymize(p.c.Account, p.id) },
	}
	n := s.rand.IntN(len(acts))
	if _, err := acts[n](); err == nil && n >= 7 {
		p.erased = true
	}
}

// blow has the storm blow for some hours, and everything come to rest.
func (s *storm) blow(steps int) {
	s.front = s.Hosts["gateway.test"]
	s.Hosts["gateway.test"] = s
	for range steps {
		s.step()
		time.Sleep(time.Duration(s.rand.IntN(int(12 * time.Minute))))
	}
	s.mu.Lock()
	s.calm = true
	s.mu.Unlock()
	s.Twin.Heal()
	s.Sandbox.ClearFaults()
	time.Sleep(90 * time.Minute)
	for range 30 {
		s.replay()
	}
	time.Sleep(90 * time.Minute)
}

// stands is how somebody stands in Lever: hired, active, archived, or erased.
func (s *storm) stands(p *person) string {
	s.t.Helper()
	if p.erased {
		return "erased"
	}
	o, err := s.Twin.Opportunity(p.c.Account, p.id)
	s.must(err)
	where := ""
	if p.c.Partner == "interviewing-io" {
		where = " in " + o.Stage
	}
	if o.Archived == nil {
		return "active" + where
	}
	summary, err := s.Twin.Summary(p.c.Account)
	s.must(err)
	for _, r := range summary.Reasons {
		if r.ID == o.Archived.Reason && r.Type == "hired" {
			return "hired" + where
		}
	}
	return "archived" + where
}

// told is how somebody stands as the partner was told, in the same words; empty for
// somebody of whom nothing was told.
func (s *storm) told(p *person) string {
	s.t.Helper()
	stands := ""
	for _, d := range s.Sandbox.Deliveries(p.c.Partner, p.c.ID) {
		if !bytes.Contains(d.Body, []byte(p.id)) {
			continue
		}
		_, what, _ := strings.Cut(d.Type, ".")
		switch {
		case what == "erased":
			stands = "erased"
		case stands == "erased":
			s.t.Errorf("%s %s comes after the erasure: %s", p.c.Partner, p.id, d.Type)
		case p.c.Partner == "evidenced":
			stands = standing(s.t, d.Body, stands)
		case p.c.Partner == "brainner":
			stands = screened(s.t, d.Body)
		case p.c.Partner == "interviewing-io":
			stands = progress(s.t, d, stands)
		case what == "withdrawn":
			stands = "active"
		default:
			stands = "hired"
		}
	}
	return stands
}

// standing reads how a candidacy stands from a document of Evidenced's.
func standing(t *testing.T, body []byte, before string) string {
	t.Helper()
	var d struct {
		Data struct {
			Candidate struct {
				Candidacies []struct{ Outcome string }
			}
		}
	}
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatal(err)
	}
	if len(d.Data.Candidate.Candidacies) == 0 {
		return before
	}
	return cmp.Or(d.Data.Candidate.Candidacies[0].Outcome, "active")
}

// screened reads how a candidate stands from a document of Brainner's.
func screened(t *testing.T, body []byte) string {
	t.Helper()
	var d struct{ Data struct{ Archived bool } }
	if err := json.Unmarshal(body, &d); err != nil {
		t.Fatal(err)
	}
	if d.Data.Archived {
		return "archived"
	}
	return "active"
}

// progress reads how a candidate stands, and where, from a document of
// interviewing.io's.
func progress(t *testing.T, d sandbox.Delivery, before string) string {
	t.Helper()
	if d.Type != "candidate.stage_changed" {
		return before
	}
	var told struct {
		Data struct {
			Stage   struct{ ID string }
			Outcome string
		}
	}
	if err := json.Unmarshal(d.Body, &told); err != nil {
		t.Fatal(err)
	}
	return cmp.Or(told.Data.Outcome, "active") + " in " + told.Data.Stage.ID
}

// expectEqual fails unless the partner was told what Lever says.
func (s *storm) expectEqual(p *person) {
	s.t.Helper()
	if !s.meet(p) {
		s.t.Errorf("seed %d: %s never came to Lever", s.seed, p.canary)
		return
	}
	stands, told := s.stands(p), s.told(p)
	if !knows(p, stands, told) {
		s.t.Errorf("seed %d: %s is %s in Lever, and %s was told %q", s.seed, p.id, stands, p.c.Partner, told)
	}
}

// knows reports whether a partner that was told so knows how somebody stands. Who was
// never what the partner wants to know of, or was erased before, is told nothing of.
func knows(p *person, stands, told string) bool {
	switch p.c.Partner {
	case "interviewing-io": // who came by it, it knows from the beginning
		return cmp.Or(told, "active in "+newLead) == stands
	case "brainner": // a hire is one who is no longer in question
		if stands == "hired" {
			stands = "archived"
		}
		return told == stands || told == "" && stands != "active"
	case "evidenced": // who was no longer in question when first heard of is not taken
		return told == stands || told == "" && stands != "active"
	}
	if stands == "archived" {
		stands = "active"
	}
	return told == stands || told == "" && stands != "hired"
}

// expectForgotten fails where anything of somebody who was erased is kept.
func (s *storm) expectForgotten() {
	s.t.Helper()
	kept := s.Kept(s.t)
	s.mu.Lock()
	kept["the log"] = s.log.String()
	s.mu.Unlock()
	for where, text := range kept {
		for _, p := range s.people {
			if (p.erased || where == "the log") && strings.Contains(strings.ToLower(text), strings.ToLower(p.canary)) {
				s.t.Errorf("seed %d: %s holds %s of %s", s.seed, where, p.canary, p.c.Partner)
			}
		}
	}
}

// expectBalance fails unless every event has ended.
func (s *storm) expectBalance(c seed.Connection) {
	s.t.Helper()
	for _, e := range s.Events(s.t, c.ID) {
		if !e.State.Ended() {
			s.t.Errorf("seed %d: event %s %s is %s", s.seed, e.ID, e.Event, e.State)
		}
		if e.State == store.Parked && slices.ContainsFunc(s.people, func(p *person) bool { return p.erased && p.id == e.IDs.Opportunity }) && e.Reason != "not_found_in_lever" {
			s.t.Errorf("seed %d: event %s of somebody erased is parked: %s", s.seed, e.ID, e.Reason)
		}
	}
}

// Whatever is lost, doubled, overtaken and replayed: when it is quiet the partners
// have been told what Lever says, every event has ended, and of who was erased
// nothing is kept. SEED repeats one history.
func TestAfterAnyHistoryThePartnersKnowWhatLeverSays(t *testing.T) {
	seeds := []uint64{1, 2}
	if testing.Short() {
		seeds = seeds[:1]
	}
	if os.Getenv("SOAK") != "" {
		for n := uint64(3); n <= 60; n++ {
			seeds = append(seeds, n)
		}
	}
	if one, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seeds = []uint64{one}
	}
	before := slog.Default()
	defer slog.SetDefault(before)
	for _, n := range seeds {
		t.Run(fmt.Sprintf("seed %d", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &storm{t: t, seed: n, rand: rand.New(rand.NewPCG(n, 0))}
				slog.SetDefault(slog.New(slog.NewJSONHandler(s, nil)))
				tried.Note(t, "random histories of losses, repeats and outages", 1)
				s.Live = rig.NewLive(t, aws.Options{})
				s.prepare()
				s.blow(50)
				for _, p := range s.people {
					s.expectEqual(p)
				}
				for partner := range s.partners() {
					s.expectBalance(s.Connection(t, partner))
				}
				s.expectForgotten()
			})
		})
	}
}
