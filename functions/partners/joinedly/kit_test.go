package joinedly_test

import (
	"testing"

	"fulcrum/local/partnertest"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestThePartnersKit(t *testing.T) {
	partnertest.Run(t, partnertest.Partner{
		Name:      "joinedly",
		Event:     lever.CandidateHired,
		Candidate: desk.Candidate{Posting: "Backend Engineer"},
		Happen:    func(s *partnertest.Stage, p partnertest.Person) { s.Do(s.Twin.Hire(s.Account, p.OpportunityID, "")) },
		Tells:     func(d partnertest.Document) bool { return d.Type == "joiner.hired" },
		Undo:      func(s *partnertest.Stage, p partnertest.Person) { s.Do(s.Twin.Unarchive(s.Account, p.OpportunityID)) },
		Untells:   func(d partnertest.Document) bool { return d.Type == "joiner.withdrawn" },
		Kinds:     []string{"joiner"},
		Erased:    "joiner.erased",
		Routes: []partnertest.Route{
			{Method: "GET", Path: "/v1/joinedly/connections/{c}/directory"},
			{Method: "PUT", Path: "/v1/joinedly/connections/{c}/directory", Body: map[string]any{"offices": []any{}, "teams": []any{}}},
			{Method: "GET", Path: "/v1/joinedly/connections/{c}/match"},
			{Method: "GET", Path: "/v1/joinedly/connections/{c}/joiners"},
		},
	})
}
