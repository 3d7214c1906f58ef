package seed_test

import "fulcrum/shared/lever"

// joinedlySamples are the samples of Joinedly's functions.
func joinedlySamples() map[string]any {
	const (
		base      = "/v1/joinedly/connections/{c}/"
		directory = `{"offices":[{"id":"office-1","name":"Lisbon"},{"id":"office-2","name":"Chicago"}],"teams":[{"id":"team-1","name":"Engineering"},{"id":"team-2","name":"Sales"}]}`
	)
	c := map[string]string{"c": "con_demo_joinedly"}
	return map[string]any{
		"partners/joinedly/sync/hired.json":    webhookEvent("con_demo_joinedly", 'g', lever.CandidateHired, candidacy),
		"partners/joinedly/sync/preview.json":  preview("con_demo_joinedly"),
		"partners/joinedly/api/directory.json": partnerCall("joinedly", "PUT", base+"directory", c, directory),
		"partners/joinedly/api/match.json":     partnerCall("joinedly", "GET", base+"match", c, ""),
		"partners/joinedly/api/joiners.json":   asking(partnerCall("joinedly", "GET", base+"joiners", c, ""), "status=needs_attention&limit=10"),
		"partners/joinedly/api/foreign.json":   partnerCall("joinedly", "GET", base+"joiners", map[string]string{"c": "con_demo_justworks"}, ""),
	}
}
