package lever_test

import (
	"context"
	"fmt"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// reads are those of what stands by itself.
func reads() map[string]use {
	return map[string]use{
		"an opportunity": {
			of: "Opportunity", asks: "GET /opportunities/{opportunity}", answer: "200 opportunity",
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.Opportunity(ctx, w.id("opportunity"))
			},
			want: `{"id":"{opportunity}","contact":"{contact}","name":"Marit Solheim","headline":"Tidewater Labs","location":"Bergen",
				"stage":"lead-reached-out","confidentiality":"non-confidential","phones":[{"type":"mobile","value":"+47 900 11 222"}],
				"emails":["marit.solheim@mail.example"],"links":["https://marit.example/work"],"sources":["Spring fair"],"origin":"sourced",
				"owner":"{user}","archived":null,"applications":["{application}"],"isAnonymized":false,"opportunityLocation":"Lisbon"}`,
		},
		"an opportunity with what it refers to": {
			of: "Opportunity", asks: "GET /opportunities/{opportunity}?expand=applications&expand=stage&expand=owner&expand=contact",
			answer: "200 opportunity_expanded",
			do: func(ctx context.Context, w *world) (any, error) {
				o, err := w.client.Opportunity(ctx, w.id("opportunity"), "applications", "stage", "owner", "contact")
				if err != nil {
					return nil, err
				}
				return []any{o, o.Contact.Object, o.Stage.Object, o.Owner.Object, o.Applications[0].Object}, nil
			},
			want: `[{"contact":"{contact}","stage":"lead-reached-out","owner":"{user}","applications":["{application}"]},
				{"name":"Marit Solheim","emails":["marit.solheim@mail.example"]},{"text":"Reached out"},{"email":"olive@acme.example"},
				{"posting":"{posting}","postingOwner":"{user}","postingHiringManager":"{manager}","type":"user"}]`,
		},
		"opportunities": {
			of: "Opportunities", asks: "GET /opportunities?limit=100", answer: "200 opportunities",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Opportunities(ctx, lever.OpportunityFilter{}))
			},
			want: `[{"id":"{opportunity}","name":"Marit Solheim"}]`,
		},
		"a page of opportunities": {
			of: "OpportunityPages", asks: "GET /opportunities?expand=stage&limit=100", answer: "200 opportunities",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.OpportunityPages(ctx, lever.OpportunityFilter{Expand: []string{"stage"}}))
			},
			want: `[{"Items":[{"id":"{opportunity}"}],"Next":""}]`,
		},
		"applications": {
			of: "Applications", asks: "GET /opportunities/{opportunity}/applications?limit=100", answer: "200 application",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Applications(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{application}","type":"user","posting":"{posting}","postingOwner":"{user}","postingHiringManager":"{manager}","archived":null}]`,
		},
		"a contact": {
			of: "Contact", asks: "GET /contacts/{contact}", answer: "200 contact",
			do: func(ctx context.Context, w *world) (any, error) { return w.client.Contact(ctx, w.id("contact")) },
			want: `{"id":"{contact}","name":"Marit Solheim","headline":"Tidewater Labs","emails":["marit.solheim@mail.example"],
				"phones":[{"type":"mobile","value":"+47 900 11 222"}],"isAnonymized":false}`,
		},
		"a posting": {
			of: "Posting", asks: "GET /postings/{posting}", answer: "200 posting",
			do: func(ctx context.Context, w *world) (any, error) { return w.client.Posting(ctx, w.id("posting")) },
			want: `{"id":"{posting}","text":"Backend Engineer","state":"published","distributionChannels":["internal","public"],"owner":"{user}",
				"hiringManager":"{manager}","confidentiality":"non-confidential","workplaceType":"hybrid",
				"categories":{"commitment":"Full-time","department":"Product","level":"","location":"Lisbon","allLocations":["Lisbon"],"team":"Engineering"},
				"content":{"description":"Backend Engineer","descriptionHtml":"<div>Backend Engineer</div>"}}`,
		},
		"whether it may read opportunities": {
			of: "MayReadOpportunities", asks: "GET /opportunities?archived_at_end=1&archived_at_start=1&limit=100", answer: "200 nothing",
			do: func(ctx context.Context, w *world) (any, error) {
				err := w.client.MayReadOpportunities(ctx)
				return err == nil, err
			},
			want: `true`,
		},
		"whether it may read postings": {
			of: "MayReadPostings", asks: "GET /postings?limit=100&updated_at_end=1&updated_at_start=1", answer: "200 nothing",
			do: func(ctx context.Context, w *world) (any, error) {
				err := w.client.MayReadPostings(ctx)
				return err == nil, err
			},
			want: `true`,
		},
		"postings": {
			of: "Postings", asks: "GET /postings?limit=100&state=draft", answer: "200 posting_drafts",
			before: func(w *world) {
				draft := "draft"
				made, err := w.twin.AddPosting(w.home.Account, desk.Posting{PostingFields: account.PostingFields{Text: &draft, State: &draft}})
				w.check(err)
				w.ids["draft"] = made.ID
			},
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Postings(ctx, lever.PostingFilter{State: lever.PostingDraft}))
			},
			want: `[{"id":"{draft}","state":"draft"}]`,
		},
		"a user": {
			of: "User", asks: "GET /users/{user}", answer: "200 user",
			do:   func(ctx context.Context, w *world) (any, error) { return w.client.User(ctx, w.id("user")) },
			want: `{"id":"{user}","name":"Olive Ashby","username":"olive","email":"olive@acme.example","accessRole":"super admin","deactivatedAt":0}`,
		},
		"users": {
			of: "Users", asks: "GET /users?email=ines%40acme.example&limit=100", answer: "200 users_one",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Users(ctx, lever.UserFilter{Email: "ines@acme.example"}))
			},
			want: `[{"id":"{interviewer}","name":"Ines Moreau","accessRole":"interviewer"}]`,
		},
		"stages": {
			of: "Stages", asks: "GET /stages?limit=100", answer: "200 stages",
			do: func(ctx context.Context, w *world) (any, error) { return lever.Collect(w.client.Stages(ctx)) },
			want: `[{"id":"lead-new","text":"New lead"},{"id":"lead-reached-out"},{"id":"lead-responded"},{"id":"applicant-new"},
				{"id":"{stage}","text":"Recruiter screen"},{},{"id":"offer"},{}]`,
		},
		"archive reasons that hire": {
			of: "ArchiveReasons", asks: "GET /archive_reasons?limit=100&type=hired", answer: "200 archive_reasons_hired",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.ArchiveReasons(ctx, lever.Hired))
			},
			want: `[{"id":"{hired}","text":"Hired","status":"active","type":"hired"}]`,
		},
		"an archive reason": {
			of: "ArchiveReason", asks: "GET /archive_reasons/{hired}", answer: "200 archive_reason",
			do:   func(ctx context.Context, w *world) (any, error) { return w.client.ArchiveReason(ctx, w.id("hired")) },
			want: `{"id":"{hired}","text":"Hired","status":"active","type":"hired"}`,
		},
		"deleted opportunities": {
			of: "DeletedOpportunities", asks: "GET /opportunities/deleted?deleted_at_end={until}&deleted_at_start={from}&limit=100",
			answer: "200 deleted_opportunities", before: deleteThem,
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.DeletedOpportunities(ctx, w.ms("from"), w.ms("until")))
			},
			want: `[{"id":"{opportunity}"}]`,
		},
		"deleted applications": {
			of: "DeletedApplications", asks: "GET /applications/deleted?deleted_at_end={until}&deleted_at_start={from}&limit=100",
			answer: "200 deleted_applications", before: deleteThem,
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.DeletedApplications(ctx, w.ms("from"), w.ms("until")))
			},
			want: `[{"id":"{application}","opportunityId":"{opportunity}","postingId":"{posting}"}]`,
		},
		"deleted postings": {
			of: "DeletedPostings", asks: "GET /postings/deleted?deleted_at_end={until}&deleted_at_start={from}&limit=100",
			answer: "200 deleted_postings", before: deleteThem,
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.DeletedPostings(ctx, w.ms("from"), w.ms("until")))
			},
			want: `[{"id":"{posting}"}]`,
		},
		"webhooks": {
			of: "Webhooks", asks: "GET /webhooks?limit=100", answer: "200 webhooks_one",
			do: func(ctx context.Context, w *world) (any, error) { return lever.Collect(w.client.Webhooks(ctx)) },
			want: `[{"id":"{webhook}","event":"candidateHired","url":"https://hooks.example/1","configuration":{"conditions":{
				"origins":["applied","sourced","referred","university","internal","agency"]},"signatureToken":null}}]`,
		},
	}
}

// deleteThem deletes the candidate and the posting, within 30 days of the range.
func deleteThem(w *world) {
	_, err := w.twin.Delete(w.home.Account, w.id("opportunity"))
	w.check(err)
	w.check(w.twin.DeletePosting(w.home.Account, w.id("posting")))
	w.ids["from"], w.ids["until"] = fmt.Sprint(time.Now().Add(-time.Hour).UnixMilli()), fmt.Sprint(time.Now().UnixMilli())
}

// records are the reads of what hangs on an opportunity, and their templates.
func records() map[string]use {
	return map[string]use{
		"offers": {
			of: "Offers", asks: "GET /opportunities/{opportunity}/offers?limit=100", answer: "200 offer",
			do: func(ctx context.Context, w *world) (any, error) {
				offers, err := w.client.Offers(ctx, w.id("opportunity"))
				if err != nil {
					return nil, err
				}
				o := lever.Signed(offers)
				return []any{o, o.String("salary_amount"), o.String("salary_interval"), o.String("custom_boat"), o.Date("anticipated_start_date")}, nil
			},
			want: `[{"id":"{offer}","posting":"{posting}","status":"signed"},"52000","per-year-salary","Kayak","2026-11-16"]`,
		},
		"interviews": {
			of: "Interviews", asks: "GET /opportunities/{opportunity}/interviews?limit=100", answer: "200 interviews_one",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Interviews(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{interview}","panel":"{panel}","subject":"Second talk","note":"Bring charts","duration":45}]`,
		},
		"an interview": {
			of: "Interview", asks: "GET /opportunities/{opportunity}/interviews/{interview}", answer: "200 interview",
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.Interview(ctx, w.id("opportunity"), w.id("interview"))
			},
			want: `{"id":"{interview}","panel":"{panel}","interviewers":[{"id":"{interviewer}","name":"Ines Moreau","email":"ines@acme.example"}],
				"user":"{user}","stage":"lead-reached-out","canceledAt":0,"postings":["{posting}"],"opportunityId":"{opportunity}"}`,
		},
		"panels": {
			of: "Panels", asks: "GET /opportunities/{opportunity}/panels?limit=100", answer: "200 panels",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Panels(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{panel}","applications":["{application}"],"stage":"lead-reached-out","externallyManaged":false,
				"interviews":[{"id":"{interview}","subject":"Second talk","interviewers":[{"id":"{interviewer}","responseStatus":"needsAction"}]}]}]`,
		},
		"feedback templates": {
			of: "FeedbackTemplates", asks: "GET /feedback_templates?limit=100", answer: "200 feedback_templates_own",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.FeedbackTemplates(ctx))
			},
			want: `[{"id":"{template}","text":"Interview feedback","fields":[{"id":"{rating}","type":"score-system","required":true,
				"options":[{"text":"4 - Strong Hire"},{"text":"3 - Hire"},{"text":"2 - No Hire"},{"text":"1 - Strong No Hire"}]},
				{"id":"{comments}","type":"textarea","text":"Comments"}]}]`,
		},
		"feedback": {
			of: "Feedback", asks: "GET /opportunities/{opportunity}/feedback/{feedback}", answer: "200 feedback",
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.Feedback(ctx, w.id("opportunity"), w.id("feedback"))
			},
			want: `{"id":"{feedback}","type":"interview","baseTemplateId":"{template}","user":"{user}","interview":"","updatedAt":0,"deletedAt":0,
				"fields":[{"id":"{rating}","value":"3 - Hire"},{"id":"{comments}","value":null}]}`,
		},
		"all feedback": {
			of: "Feedbacks", asks: "GET /opportunities/{opportunity}/feedback?limit=100", answer: "200 feedbacks",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Feedbacks(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{feedback}","text":"Interview feedback"}]`,
		},
		"form templates": {
			of: "FormTemplates", asks: "GET /form_templates?limit=100", answer: "200 form_templates",
			do:   func(ctx context.Context, w *world) (any, error) { return lever.Collect(w.client.FormTemplates(ctx)) },
			want: `[{"id":"{formTemplate}","text":"Boarding","fields":[{"id":"{formField}","type":"text","text":"Berth","required":true}]}]`,
		},
		"forms": {
			of: "Forms", asks: "GET /opportunities/{opportunity}/forms?limit=100", answer: "200 forms_one",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Forms(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{form}","text":"Boarding","baseTemplateId":"{formTemplate}","user":"{user}","fields":[{"id":"{formField}","value":"B 12"}],"deletedAt":0}]`,
		},
		"notes": {
			of: "Notes", asks: "GET /opportunities/{opportunity}/notes?limit=100", answer: "200 notes_one",
			do: func(ctx context.Context, w *world) (any, error) {
				notes, err := lever.Collect(w.client.Notes(ctx, w.id("opportunity")))
				if err != nil {
					return nil, err
				}
				return []any{notes, notes[0].Value()}, nil
			},
			want: `[[{"id":"{note}","user":"{user}","secret":false,"deletedAt":0}],"Reads charts well"]`,
		},
		"résumés": {
			of: "Resumes", asks: "GET /opportunities/{opportunity}/resumes?limit=100", answer: "200 resumes",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Resumes(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{resume}","file":{"name":"marit.pdf","ext":"pdf","status":"processed","size":11}}]`,
		},
		"files": {
			of: "Files", asks: "GET /opportunities/{opportunity}/files?limit=100", answer: "200 files",
			do: func(ctx context.Context, w *world) (any, error) {
				return lever.Collect(w.client.Files(ctx, w.id("opportunity")))
			},
			want: `[{"id":"{file}","name":"letter.txt","ext":".txt","status":"processed","size":9}]`,
		},
	}
}
