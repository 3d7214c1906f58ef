package interviewingio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	interviewingio "fulcrum/functions/partners/interviewing-io"
	"fulcrum/local/partnertest"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/queue"
	"fulcrum/shared/store"
)

const newLead = "lead-new"

// ours has a candidate of the customer's be one that an export has made, in the
// stage where it begins: the kit's candidates are added in Lever.
func ours(s *partnertest.Stage, p partnertest.Person) {
	if s.Account != s.C.Account {
		return
	}
	ctx := context.Background()
	w := partner.NewWork(queue.Event{}, store.Connection{ID: s.C.ID, Partner: s.C.Partner}, nil, s.Table)
	o, err := w.Object(ctx, "candidacy", p.OpportunityID, &json.RawMessage{})
	if err == nil && o.Revision == 0 {
		err = w.Put(o, 0, map[string]any{"interviewId": "iv-" + p.OpportunityID, "progress": map[string]any{"stage": interviewingio.Stage{ID: newLead}}})
	}
	s.Do(nil, err)
	s.Do(nil, s.Table.Commit(ctx, w.Commit(store.Event{})))
}

// choose has the configuration enabled, as applying settings does.
func choose(s *partnertest.Stage) {
	s.Do(s.Table.PutSettings(context.Background(), store.Settings{Connection: s.C.ID, Values: json.RawMessage(`{"enabled":true}`)}))
}

// tells recognises the document that tells of the stage.
func tells(stage string) func(partnertest.Document) bool {
	return func(d partnertest.Document) bool {
		return d.Type == "candidate.stage_changed" && bytes.Contains(d.Data, []byte(`"stage":{"id":"`+stage+`"`))
	}
}

func TestThePartnersKit(t *testing.T) {
	const base = "/v1/interviewing-io/connections/{c}/"
	partnertest.Run(t, partnertest.Partner{
		Name:      "interviewing-io",
		Event:     lever.CandidateStageChange,
		Prepare:   choose,
		Candidate: desk.Candidate{},
		Happen: func(s *partnertest.Stage, p partnertest.Person) {
			ours(s, p)
			s.Do(s.Twin.Move(s.Account, p.OpportunityID, "Offer"))
		},
		Tells: tells("offer"),
		Undo: func(s *partnertest.Stage, p partnertest.Person) {
			s.Do(s.Twin.Move(s.Account, p.OpportunityID, newLead))
		},
		Untells: tells(newLead),
		Kinds:   []string{"candidacy", "interview"},
		Erased:  "candidate.erased",
		Routes: []partnertest.Route{
			{Method: "GET", Path: base + "stages"},
			{Method: "POST", Path: base + "interviews", Body: map[string]any{"interviewId": "iv-1", "version": 1, "outcome": "no", "candidateConsents": false, "pseudonym": "Quiet Falcon"}},
			{Method: "GET", Path: base + "interviews/iv-1"},
		},
	})
}
