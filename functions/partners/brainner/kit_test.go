package brainner_test

import (
	"testing"

	"fulcrum/local/partnertest"
	"fulcrum/shared/lever"
)

func TestThePartnersKit(t *testing.T) {
	partnertest.Run(t, partnertest.Partner{
		Name:    "brainner",
		Event:   lever.ApplicationCreated,
		Prepare: func(s *partnertest.Stage) { apply(t, s, both) },
		Happen:  func(s *partnertest.Stage, p partnertest.Person) { s.Do(s.Twin.Apply(s.Account, p.OpportunityID, job)) },
		Tells:   func(d partnertest.Document) bool { return d.Type == "candidate.received" },
		Kinds:   []string{"candidate", "application", "result"},
		Erased:  "candidate.erased",
		Routes: []partnertest.Route{
			{Method: "GET", Path: "/v1/brainner/connections/{c}/postings"},
			{Method: "GET", Path: "/v1/brainner/connections/{c}/jobs"},
			{Method: "GET", Path: "/v1/brainner/connections/{c}/candidates"},
			{Method: "GET", Path: "/v1/brainner/connections/{c}/stages"},
			{Method: "GET", Path: "/v1/brainner/connections/{c}/archive-reasons"},
		},
	})
}
