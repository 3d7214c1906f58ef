package seed_test

import "fulcrum/shared/lever"

// brainnerSamples are the samples of Brainner's functions.
func brainnerSamples() map[string]any {
	const (
		connection = "con_demo_brainner"
		posting    = "7c1e9f40-2b3d-4a5e-9f60-1d2c3b4a5e07"
		base       = "/v1/brainner/connections/{c}/"
	)
	c := map[string]string{"c": connection}
	return map[string]any{
		"partners/brainner/sync/applied.json":   webhookEvent(connection, 'k', lever.ApplicationCreated, candidacy),
		"partners/brainner/sync/preview.json":   preview(connection),
		"partners/brainner/sync/import.json":    batch(`{"connection":"` + connection + `","import":"again-jobs"}`),
		"partners/brainner/sync/action.json":    batch(`{"connection":"` + connection + `","action":"act_0000000000000000000000000g"}`),
		"partners/brainner/api/postings.json":   partnerCall("brainner", "GET", base+"postings", c, ""),
		"partners/brainner/api/candidates.json": partnerCall("brainner", "GET", base+"candidates", c, ""),
		"partners/brainner/api/import.json":     partnerCall("brainner", "POST", base+"imports", c, `{"kind":"job","postingId":"`+posting+`"}`),
		"partners/brainner/api/result.json": partnerCall("brainner", "POST", base+"results", c,
			`{"id":"res-1","opportunityId":"`+opportunity+`","evaluation":1,"score":82.5,"criteria":[{"name":"Go","outcome":"met"}]}`),
		"partners/brainner/api/nobody.json": partnerCall("brainner", "POST", base+"actions", c,
			`{"id":"dec-1","type":"advance","toStageId":"offer","candidates":[{"opportunityId":"`+opportunity+`","stageId":"applicant-new"}]}`),
	}
}
