package ordeal_test

import (
	"encoding/base64"
	"fmt"
	"net/http"

	"fulcrum/functions/partners/brainner"
	"fulcrum/local/ordeal"
	"fulcrum/local/partnertest"
	"fulcrum/local/rig"
	"fulcrum/local/twin/desk"
)

// screenings are the results of Brainner's screening, and what Lever shows of them. A
// form cannot be taken away again, so what lands too late is there twice.
func screenings() []ordeal.Scene {
	const both = `"autoGenerateJobs":true,"autoImportCandidates":true`
	form, note := settings("{"+both+"}"), settings(`{`+both+`,"postResults":"note"}`)
	sync, first := []string{"PartnerBrainnerSync"}, func(p *ordeal.Play) { apply(p); p.Settle(); screened(p, 1, 40) }
	return []ordeal.Scene{
		kept(ordeal.Scene{
			Name: "Brainner tells of a result", Partner: "brainner", Functions: []string{"PartnerBrainnerApi", "HubAuthorize"},
			Prepare: form, Person: withResume, Begin: apply, Seen: results,
			Happen: func(p *ordeal.Play) { screened(p, 1, 82.5) },
		}),
		{
			Name: "Brainner's result is written", Partner: "brainner", Functions: sync, Lands: soon,
			Prepare: form, Person: withResume, Begin: apply, Seen: results,
			Happen: func(p *ordeal.Play) { screened(p, 1, 82.5) },
		},
		{
			Name: "Brainner's form is made in Lever", Partner: "brainner", Functions: sync, Lands: soon,
			Prepare: form, Person: withResume, Begin: func(p *ordeal.Play) { apply(p); withoutTemplates(p) }, Seen: results,
			Happen: func(p *ordeal.Play) { screened(p, 1, 82.5) },
		},
		{
			Name: "Brainner's result takes the place of a note", Partner: "brainner", Functions: sync,
			Prepare: note, Person: withResume, Begin: first, Seen: results,
			Happen: func(p *ordeal.Play) { screened(p, 2, 82.5) },
		},
	}
}

// withResume is somebody without an application, but with a résumé.
func withResume(p *ordeal.Play) partnertest.Person {
	ada := p.Person(desk.Candidate{Origin: "sourced"})
	p.Do(p.Twin.AddResume(p.Account, ada.OpportunityID, desk.Upload{Name: "cv.pdf", Text: "%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"}))
	return ada
}

// screened has Brainner tell what a screening came to.
func screened(p *ordeal.Play, number int, score float64) {
	p.Expect(p.Ask("POST", "/v1/brainner/connections/{c}/results", brainner.Result{
		ID: fmt.Sprintf("%s-%d", p.Word(), number), OpportunityID: p.Ada.OpportunityID, Evaluation: 1, Score: &score,
		Criteria: []brainner.Criterion{{Name: "Go", Outcome: "met", Reason: "four years of it"}}, CriteriaVersion: "7", Model: "screen-2",
	}, nil), 202)
}

// results are what Lever shows of screenings: filled forms, notes, and the forms'
// templates.
func results(p *ordeal.Play) []string {
	all := append(filled(p, "forms"), filled(p, "notes")...)
	return append(all, fmt.Sprintf("%d templates", len(templates(p))))
}

// templates are the ids of the forms' templates that Brainner has in Lever.
func templates(p *ordeal.Play) (ids []string) {
	var all struct{ Data []struct{ ID, Text string } }
	p.Lever("/form_templates", &all)
	for _, t := range all.Data {
		if t.Text == "Brainner screening" {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// withoutTemplates has somebody remove them.
func withoutTemplates(p *ordeal.Play) {
	for _, id := range templates(p) {
		req, err := http.NewRequest(http.MethodDelete, rig.Lever+"/v1/form_templates/"+id, nil)
		p.Do(req, err)
		req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(p.C.LeverAPIKey+":")))
		res, err := p.RoundTrip(req)
		p.Do(res, err)
		p.Do(nil, res.Body.Close())
		if res.StatusCode/100 != 2 {
			p.Errorf("a template is removed with status %d", res.StatusCode)
		}
	}
}
