package seed_test

import "fulcrum/shared/lever"

// evidencedSamples are the samples of Evidenced's functions.
func evidencedSamples() map[string]any {
	const connection = "con_demo_evidenced"
	decision := `{"id":"dec-1","version":1,"candidacyId":"` + opportunity + `","interviewer":{"name":"Ana"},"decision":"yes"}`
	base := "/v1/evidenced/connections/{c}/"
	return map[string]any{
		"partners/evidenced/sync/applied.json":           webhookEvent(connection, 'h', lever.ApplicationCreated, candidacy),
		"partners/evidenced/sync/interview-deleted.json": webhookEvent(connection, 'i', lever.InterviewDeleted, `{"opportunity":"`+opportunity+`","interview":"5d3c1b7e-2f4a-4f0e-9b8d-7a6c5e4d3f03"}`),
		"partners/evidenced/sync/preview.json":           preview(connection),
		"partners/evidenced/sync/import.json":            batch(`{"connection":"` + connection + `","import":"jobs"}`),
		"partners/evidenced/api/candidates.json":         partnerCall("evidenced", "GET", base+"candidates", map[string]string{"c": connection}, ""),
		"partners/evidenced/api/managed.json":            partnerCall("evidenced", "PATCH", base+"{kind}/{id}", map[string]string{"c": connection, "kind": "jobs", "id": opportunity}, `{"title":"Another"}`),
		"partners/evidenced/api/unknown-candidacy.json":  partnerCall("evidenced", "POST", base+"decisions", map[string]string{"c": connection}, decision),
	}
}
