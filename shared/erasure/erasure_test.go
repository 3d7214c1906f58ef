package erasure_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"fulcrum/local/partnertest"
	"fulcrum/local/sandbox"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/history"
	"fulcrum/shared/lever"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// receipts are the receipts as the API lists them.
func receipts(t *testing.T, s *partnertest.Stage) []history.Erasure {
	t.Helper()
	var list struct{ Items []history.Erasure }
	if status := s.Call(http.MethodGet, "/v1/connections/{c}/erasures", nil, &list); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	return list.Items
}

// hired is somebody who was hired and of whom Joinedly was told.
func hired(s *partnertest.Stage) partnertest.Person {
	p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
	s.Do(s.Twin.Hire(s.Account, p.OpportunityID, ""))
	time.Sleep(time.Minute)
	return p
}

// The partner's endpoint is away when somebody is deleted. What had not arrived is
// not sent any more, our stores are empty at once, and the receipt is complete when
// the partner has taken the document.
func TestAnErasureWaitsForThePartner(t *testing.T) {
	partnertest.On(t, "joinedly", func(t *testing.T, s *partnertest.Stage) {
		known := hired(s)
		s.Sandbox.Inject(sandbox.Fault{Status: http.StatusServiceUnavailable, Times: -1})
		unknown := hired(s)
		for _, p := range []partnertest.Person{known, unknown} {
			s.Do(s.Twin.Delete(s.Account, p.OpportunityID))
			s.Tell(lever.CandidateHired, map[string]string{"opportunityId": p.OpportunityID})
		}
		time.Sleep(30 * time.Minute)
		for _, r := range receipts(t, s) {
			if r.State != "telling" || r.ClearedAt == "" || r.KeptUntil != "" || len(r.Answers) != 1 || r.Answers[0].State != "pending" {
				t.Errorf("receipt %+v", r)
			}
		}
		for where, text := range s.Kept(t) {
			for _, p := range []partnertest.Person{known, unknown} {
				if strings.Contains(text, p.Email) {
					t.Errorf("%s holds who was erased", where)
				}
			}
		}
		time.Sleep(2 * time.Hour)
		if got := s.Reasons(); !strings.HasSuffix(got, "erasure_late erasure_late") {
			t.Errorf("after two hours %q is told", got)
		}
		s.HealPartner()
		time.Sleep(5 * time.Hour) // until the next attempts
		all := receipts(t, s)
		for _, r := range all {
			if r.State != "complete" || r.Stores["deliveries"] != 1 || r.Answers[0].Status/100 != 2 || r.KeptUntil == "" {
				t.Errorf("receipt %+v", r)
			}
		}
		text, err := json.Marshal(all)
		if err != nil || len(all) != 2 || strings.Contains(string(text), known.OpportunityID) || strings.Contains(string(text), known.Email) {
			t.Errorf("receipts %s, %v", text, err)
		}
		if got := s.Types(known.OpportunityID); got != "joiner.hired joiner.erased" {
			t.Errorf("told %q", got)
		}
		if got := s.Types(unknown.OpportunityID); got != "joiner.erased" {
			t.Errorf("told %q of somebody whose hire had not arrived", got)
		}
		if got := s.Reasons(); strings.Contains(got, "erasure_late") {
			t.Errorf("%q is told when it is over", got)
		}
		s.Ended("")
	})
}

// Of somebody whom the partner never had there is nothing to erase, and no receipt.
func TestWhoWasNeverKnownLeavesNoReceipt(t *testing.T) {
	partnertest.On(t, "joinedly", func(t *testing.T, s *partnertest.Stage) {
		p := s.Person(desk.Candidate{Posting: "Backend Engineer"})
		s.Do(s.Twin.Delete(s.Account, p.OpportunityID))
		time.Sleep(40 * time.Minute)
		if all := receipts(t, s); len(all) != 0 {
			t.Errorf("receipts %+v", all)
		}
		if erased, err := s.Table.IsErased(t.Context(), s.C.ID, p.OpportunityID); err != nil || !erased {
			t.Errorf("it may come back: %v", err)
		}
		calls := s.Twin.Calls(s.Account)
		s.Look(lever.CandidateHired, lever.IDs{Opportunity: p.OpportunityID})
		if n := s.Twin.Calls(s.Account) - calls; n != 0 {
			t.Errorf("a late event asks Lever %d times", n)
		}
	})
}
