package evidenced_test

import (
	"testing"

	"fulcrum/local/partnertest"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

func TestThePartnersKit(t *testing.T) {
	const base = "/v1/evidenced/connections/{c}/"
	partnertest.Run(t, partnertest.Partner{
		Name:      "evidenced",
		Event:     lever.ApplicationCreated,
		Candidate: desk.Candidate{},
		Happen: func(s *partnertest.Stage, p partnertest.Person) {
			s.Do(s.Twin.Apply(s.Account, p.OpportunityID, "Backend Engineer"))
		},
		Tells:  func(d partnertest.Document) bool { return d.Type == "candidate.created" },
		Kinds:  []string{"candidate", "candidacy", "interview"},
		Erased: "candidate.erased",
		Routes: []partnertest.Route{
			{Method: "GET", Path: base + "jobs"},
			{Method: "GET", Path: base + "candidates"},
			{Method: "GET", Path: base + "users"},
			{Method: "GET", Path: base + "interviews"},
		},
	})
}
