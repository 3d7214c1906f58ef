package seed_test

import "fulcrum/shared/lever"

// interviewingIoSamples are the samples of interviewing.io's functions.
func interviewingIoSamples() map[string]any {
	const connection = "con_demo_interviewing-io"
	base := "/v1/interviewing-io/connections/{c}/"
	export := func(result string) any {
		return partnerCall("interviewing-io", "POST", base+"interviews", map[string]string{"c": connection}, result)
	}
	return map[string]any{
		"partners/interviewing-io/sync/moved.json":   webhookEvent(connection, 'j', lever.CandidateStageChange, candidacy),
		"partners/interviewing-io/sync/preview.json": preview("con_demo_interviewing-io"),
		"partners/interviewing-io/api/stages.json":   partnerCall("interviewing-io", "GET", base+"stages", map[string]string{"c": connection}, ""),
		"partners/interviewing-io/api/waiting.json": export(
			`{"interviewId":"iv-1","version":1,"outcome":"no","candidateConsents":false,"pseudonym":"Quiet Falcon"}`),
		"partners/interviewing-io/api/score-too-high.json": export(
			`{"interviewId":"iv-2","version":1,"outcome":"no","candidateConsents":false,"pseudonym":"Quiet Falcon","feedback":{"technical":5,"communication":3,"problemSolving":1}}`),
	}
}
