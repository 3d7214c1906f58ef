package justworks_test

import (
	"testing"

	"fulcrum/local/partnertest"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestThePartnersKit(t *testing.T) {
	partnertest.Run(t, partnertest.Partner{
		Name:      "justworks",
		Event:     lever.CandidateHired,
		Candidate: desk.Candidate{Posting: "Backend Engineer"},
		Happen:    func(s *partnertest.Stage, p partnertest.Person) { s.Do(s.Twin.Hire(s.Account, p.OpportunityID, "")) },
		Tells:     func(d partnertest.Document) bool { return d.Type == "pending_hire.created" },
		Undo:      func(s *partnertest.Stage, p partnertest.Person) { s.Do(s.Twin.Unarchive(s.Account, p.OpportunityID)) },
		Untells:   func(d partnertest.Document) bool { return d.Type == "pending_hire.withdrawn" },
		Kinds:     []string{"pending-hire"},
		Erased:    "pending_hire.erased",
		Routes: []partnertest.Route{
			{Method: "GET", Path: "/v1/justworks/connections/{c}/roster"},
			{Method: "PUT", Path: "/v1/justworks/connections/{c}/roster", Body: map[string]any{"admins": []any{}}},
			{Method: "GET", Path: "/v1/justworks/connections/{c}/pending-hires"},
		},
	})
}
