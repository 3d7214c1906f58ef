package seed_test

import "fulcrum/shared/lever"

// justworksSamples are the sample events of Justworks' functions.
func justworksSamples() map[string]any {
	const (
		connection = "/v1/justworks/connections/{c}"
		roster     = `{"admins":[{"id":"adm_1","name":"Grace Hopper","email":"grace@example.com","manageEmployees":true}],"offices":[{"id":"off_1","name":"New York"}],` +
			`"departments":[{"id":"dep_1","name":"Engineering"}],"members":[{"id":"mem_1","name":"Grace Hopper","emails":["grace@example.com"],"active":true}]}`
	)
	ids := map[string]string{"c": "con_demo_justworks", "h": opportunity}
	return map[string]any{
		"partners/justworks/sync/hired.json":        webhookEvent("con_demo_justworks", 'g', lever.CandidateHired, candidacy),
		"partners/justworks/sync/preview.json":      preview("con_demo_justworks"),
		"partners/justworks/api/roster.json":        partnerCall("justworks", "PUT", connection+"/roster", ids, roster),
		"partners/justworks/api/pending-hires.json": asking(partnerCall("justworks", "GET", connection+"/pending-hires", ids, ""), "status=pending"),
		"partners/justworks/api/unknown-hire.json":  partnerCall("justworks", "PATCH", connection+"/pending-hires/{h}", ids, `{"fields":{"title":"Engineer"}}`),
		"partners/justworks/api/invite.json":        partnerCall("justworks", "POST", connection+"/pending-hires/{h}/invite", ids, ""),
		"partners/justworks/api/no-ticket.json":     call("GET", "/justworks/review/{ticket}", map[string]string{"ticket": "abc"}, "", nil),
	}
}
