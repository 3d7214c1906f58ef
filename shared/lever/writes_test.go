package lever_test

import (
	"context"

	"fulcrum/local/twin/account"
	"fulcrum/shared/lever"
)

// opportunity is what the desk shows of the candidate.
func opportunity(w *world) (any, error) {
	return w.twin.Opportunity(w.home.Account, w.id("opportunity"))
}

// profile is the desk's page of the candidate.
func profile(w *world) (any, error) { return w.twin.Profile(w.home.Account, w.id("opportunity")) }

// writes are the changes of what is there.
func writes() map[string]use {
	return map[string]use{
		"a move to another stage": {
			of: "MoveToStage", asks: "PUT /opportunities/{opportunity}/stage?perform_as={user}", body: `{"stage":"{stage}"}`, answer: "200 opportunity_blanked",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.MoveToStage(ctx, w.id("user"), w.id("opportunity"), w.id("stage"))
			},
			after: opportunity, became: `{"stage":"{stage}","stageChanges":[{},{"toStageId":"{stage}","userId":"{user}"}],"name":"Marit Solheim"}`,
		},
		"a move in nobody's name": {
			of: "MoveToStage", asks: "PUT /opportunities/{opportunity}/stage", body: `{"stage":"offer"}`, answer: "200 opportunity_blanked",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.MoveToStage(ctx, "", w.id("opportunity"), "offer")
			},
			after: opportunity, became: `{"stage":"offer","stageChanges":[{},{"toStageId":"offer","userId":null}]}`,
		},
		"archiving": {
			of: "Archive", asks: "PUT /opportunities/{opportunity}/archived?perform_as={user}", body: `{"reason":"{reason}"}`, answer: "200 opportunity_blanked",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.Archive(ctx, w.id("user"), w.id("opportunity"), w.id("reason"))
			},
			after: opportunity, became: `{"archived":{"reason":"{reason}"},"stage":"lead-reached-out"}`,
		},
		"bringing back from the archive": {
			of: "Unarchive", asks: "PUT /opportunities/{opportunity}/archived?perform_as={user}", body: `{"reason":null}`, answer: "200 opportunity_blanked",
			before: func(w *world) {
				_, err := w.twin.Hire(w.home.Account, w.id("opportunity"), "")
				w.check(err)
			},
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.Unarchive(ctx, w.id("user"), w.id("opportunity"))
			},
			after: opportunity, became: `{"archived":null}`,
		},
		"adding tags": {
			of: "AddTags", asks: "POST /opportunities/{opportunity}/addTags?perform_as={user}", body: `{"tags":["knots","charts"]}`, answer: "200 opportunity_blanked",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.AddTags(ctx, w.id("user"), w.id("opportunity"), "knots", "charts")
			},
			after: tagsOf, became: `["rowing","Backend Engineer","Product","Engineering","Lisbon","Full-time","knots","charts"]`,
		},
		"removing a tag": {
			of: "RemoveTags", asks: "POST /opportunities/{opportunity}/removeTags", body: `{"tags":["rowing"]}`, answer: "200 opportunity_blanked",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.RemoveTags(ctx, "", w.id("opportunity"), "rowing")
			},
			after: tagsOf, became: `["Backend Engineer","Product","Engineering","Lisbon","Full-time"]`,
		},
		"adding a source": {
			of: "AddSources", asks: "POST /opportunities/{opportunity}/addSources", body: `{"sources":["Harbour"]}`, answer: "200 opportunity_blanked",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.AddSources(ctx, "", w.id("opportunity"), "Harbour")
			},
			after: opportunity, became: `{"sources":["Spring fair","Harbour"]}`,
		},
		"adding a link": {
			of: "AddLinks", asks: "POST /opportunities/{opportunity}/addLinks", body: `{"links":["https://partner.example/r/1"]}`, answer: "200 opportunity_created",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.AddLinks(ctx, "", w.id("opportunity"), "https://partner.example/r/1")
			},
			after: opportunity, became: `{"links":["https://marit.example/work","https://partner.example/r/1"]}`,
		},
		"a change of feedback": {
			of: "UpdateFeedback", asks: "PUT /opportunities/{opportunity}/feedback/{feedback}?perform_as={user}",
			body: `{"fieldValues":[{"id":"{rating}","value":"4 - Strong Hire"}]}`, answer: "200 feedback_document",
			do: func(ctx context.Context, w *world) (any, error) {
				values := []lever.FieldValue{{ID: w.id("rating"), Value: "4 - Strong Hire"}}
				return nil, w.client.UpdateFeedback(ctx, w.id("user"), w.id("opportunity"), w.id("feedback"), values)
			},
			after: feedbackOf, became: `{"fields":[{"value":"4 - Strong Hire"},{"value":null}],"deletedAt":0}`,
		},
		"deleting feedback": {
			of: "DeleteFeedback", asks: "DELETE /opportunities/{opportunity}/feedback/{feedback}?perform_as={user}", answer: "204",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.DeleteFeedback(ctx, w.id("user"), w.id("opportunity"), w.id("feedback"))
			},
			after: func(w *world) (any, error) {
				f, err := w.client.Feedback(context.Background(), w.id("opportunity"), w.id("feedback"))
				return err == nil && f.DeletedAt > 0, err
			},
			became: `true`,
		},
		"a change of a note": {
			of: "ReplaceNote", asks: "PUT /opportunities/{opportunity}/notes/{note}?perform_as={user}",
			body: `{"values":[{"value":"Passed"},{"value":"A reply","createdAt":7}]}`, answer: "200 note_created",
			before: ownNote,
			do: func(ctx context.Context, w *world) (any, error) {
				fields := []lever.NoteField{{Value: "Passed"}, {Value: "A reply", CreatedAt: 7}}
				return nil, w.client.ReplaceNote(ctx, w.id("user"), w.id("opportunity"), w.id("note"), fields)
			},
			after: profile, became: `{"Notes":[{},{"fields":[{"value":"Passed","user":"{user}"},{"value":"A reply","createdAt":7}]}]}`,
		},
		"deleting a note": {
			of: "DeleteNote", asks: "DELETE /opportunities/{opportunity}/notes/{note}", answer: "204",
			before: ownNote,
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.DeleteNote(ctx, w.id("opportunity"), w.id("note"))
			},
			after: profile, became: `{"Notes":[{"fields":[{"value":"Reads charts well"}]}]}`,
		},
		"a change of a webhook": {
			of: "UpdateWebhooks", asks: "PUT /webhooks", body: `{"data":[{"id":"{webhook}","url":"https://hooks.example/2"}]}`, answer: "200 webhooks_updated",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.UpdateWebhooks(ctx, lever.Webhook{ID: w.id("webhook"), URL: "https://hooks.example/2"})
			},
			after: webhooksOf, became: `[{"id":"{webhook}","event":"candidateHired","url":"https://hooks.example/2","madeByApi":true}]`,
		},
		"deleting a webhook": {
			of: "DeleteWebhook", asks: "DELETE /webhooks/{webhook}", answer: "204",
			do: func(ctx context.Context, w *world) (any, error) {
				return nil, w.client.DeleteWebhook(ctx, w.id("webhook"))
			},
			after: webhooksOf, became: `[]`,
		},
	}
}

// ownNote makes a note that the API may change.
func ownNote(w *world) {
	id, err := w.client.CreateNote(context.Background(), "", w.id("opportunity"), "A mistake")
	w.check(err)
	w.ids["note"] = id
}

func tagsOf(w *world) (any, error) {
	o, err := w.twin.Opportunity(w.home.Account, w.id("opportunity"))
	return o.Tags, err
}

// feedbackOf reads the feedback back: no page of the desk shows it.
func feedbackOf(w *world) (any, error) {
	return w.client.Feedback(context.Background(), w.id("opportunity"), w.id("feedback"))
}

func webhooksOf(w *world) (any, error) { return w.twin.Webhooks(w.home.Account) }

// creations are what makes something new.
func creations() map[string]use {
	return map[string]use{
		"a new opportunity": {
			of: "CreateOpportunity", asks: "POST /opportunities?perform_as={user}", answer: "201 opportunity_created",
			body: `{"name":"Marit Solheim","headline":"Tidewater Labs","stage":"lead-reached-out","location":"Bergen","origin":"sourced","owner":"{user}",
				"emails":["marit@another.example"],"phones":[{"type":"mobile","value":"1"}],"links":["https://a.example"],"tags":["new"],"sources":["Fair"],"postings":["{posting}"]}`,
			do: func(ctx context.Context, w *world) (any, error) {
				o, deduped, err := w.client.CreateOpportunity(ctx, w.id("user"), lever.NewOpportunity{
					Name: "Marit Solheim", Headline: "Tidewater Labs", Stage: "lead-reached-out", Location: "Bergen", Origin: "sourced", Owner: w.id("user"),
					Emails: []string{"marit@another.example"}, Phones: []lever.Phone{{Type: "mobile", Value: "1"}}, Links: []string{"https://a.example"},
					Tags: []string{"new"}, Sources: []string{"Fair"}, Postings: []string{w.id("posting")},
				})
				if err == nil {
					w.ids["opportunity"] = o.ID
				}
				return []any{o, deduped}, err
			},
			want:  `[{"name":"Marit Solheim","headline":"Tidewater Labs","stage":"lead-reached-out","owner":"{user}"},false]`,
			after: opportunity, became: `{"emails":["marit@another.example"],"links":["https://a.example"],"sources":["Fair"],"origin":"sourced","location":"Bergen"}`,
		},
		"a new opportunity of a known person": {
			of: "CreateOpportunity", asks: "POST /opportunities?perform_as={user}", body: `{"contact":"{contact}","name":"Somebody"}`, answer: "201 opportunity_deduped",
			do: func(ctx context.Context, w *world) (any, error) {
				o, deduped, err := w.client.CreateOpportunity(ctx, w.id("user"), lever.NewOpportunity{Contact: w.id("contact"), Name: "Somebody"})
				return []any{o, deduped}, err
			},
			want:  `[{"contact":"{contact}","name":"Marit Solheim"},true]`,
			after: opportunity, became: `{"contact":"{contact}","name":"Marit Solheim"}`,
		},
		"a new note": {
			of: "CreateNote", asks: "POST /opportunities/{opportunity}/notes?perform_as={user}", body: `{"value":"Passed the test"}`, answer: "201 note_created",
			do: func(ctx context.Context, w *world) (any, error) {
				id, err := w.client.CreateNote(ctx, w.id("user"), w.id("opportunity"), "Passed the test")
				return id != "", err
			},
			want:  `true`,
			after: profile, became: `{"Notes":[{},{"user":"{user}","fields":[{"value":"Passed the test"}]}]}`,
		},
		"a new feedback template": {
			of: "CreateFeedbackTemplate", asks: "POST /feedback_templates", answer: "201 feedback_template_created",
			body: `{"text":"Chart reading","instructions":"Look twice","fields":[{"type":"score-system","text":"Rating","required":true},{"type":"textarea","text":"Comments","description":"In your words","required":false}]}`,
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.CreateFeedbackTemplate(ctx, lever.NewTemplate{Text: "Chart reading", Instructions: "Look twice", Fields: []lever.Field{
					{Type: "score-system", Text: "Rating", Required: true}, {Type: "textarea", Text: "Comments", Description: "In your words"},
				}})
			},
			want:   `{"text":"Chart reading","fields":[{"type":"score-system","required":true,"options":[{},{},{},{}]},{"text":"Comments","description":"In your words"}]}`,
			after:  func(w *world) (any, error) { return lever.Collect(w.client.FeedbackTemplates(context.Background())) },
			became: `[{"id":"{template}"},{"text":"Chart reading"}]`,
		},
		"new feedback": {
			of: "CreateFeedback", asks: "POST /opportunities/{opportunity}/feedback?perform_as={user}", answer: "201 feedback",
			body: `{"baseTemplateId":"{template}","panel":"{panel}","interview":"{interview}","fieldValues":[{"id":"{rating}","value":"3 - Hire"}],"completedAt":7}`,
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.CreateFeedback(ctx, w.id("user"), w.id("opportunity"), lever.NewFeedback{
					BaseTemplateID: w.id("template"), Panel: w.id("panel"), Interview: w.id("interview"), CompletedAt: 7,
					FieldValues: []lever.FieldValue{{ID: w.id("rating"), Value: "3 - Hire"}},
				})
			},
			want: `{"baseTemplateId":"{template}","user":"{user}","fields":[{"value":"3 - Hire"},{}]}`,
			after: func(w *world) (any, error) {
				p, err := w.twin.Profile(w.home.Account, w.id("opportunity"))
				return len(p.Interviews[0].FeedbackForms), err
			},
			became: `1`,
		},
		"a new form template": {
			of: "CreateFormTemplate", asks: "POST /form_templates", body: `{"text":"Boarding","fields":[{"type":"text","text":"Berth","required":true}]}`,
			answer: "201 form_template_created",
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.CreateFormTemplate(ctx, lever.NewTemplate{Text: "Boarding", Fields: []lever.Field{{Type: "text", Text: "Berth", Required: true}}})
			},
			want:   `{"text":"Boarding","fields":[{"text":"Berth","required":true}]}`,
			after:  func(w *world) (any, error) { return lever.Collect(w.client.FormTemplates(context.Background())) },
			became: `[{"id":"{formTemplate}"},{"text":"Boarding"}]`,
		},
		"a new form": {
			of: "CreateForm", asks: "POST /opportunities/{opportunity}/forms?perform_as={user}", answer: "201 form_created",
			body: `{"baseTemplateId":"{formTemplate}","fieldValues":[{"id":"{formField}","value":"B 12"}]}`,
			do: func(ctx context.Context, w *world) (any, error) {
				return w.client.CreateForm(ctx, w.id("user"), w.id("opportunity"), lever.NewForm{
					BaseTemplateID: w.id("formTemplate"), FieldValues: []lever.FieldValue{{ID: w.id("formField"), Value: "B 12"}},
				})
			},
			want: `{"text":"Boarding","user":"{user}","baseTemplateId":"{formTemplate}","fields":[{"id":"{formField}","value":"B 12"}]}`,
			after: func(w *world) (any, error) {
				return lever.Collect(w.client.Forms(context.Background(), w.id("opportunity")))
			},
			became: `[{"id":"{form}"},{"user":"{user}"}]`,
		},
		"a new webhook": {
			of: "CreateWebhook", asks: "POST /webhooks", body: `{"event":"candidateHired","url":"https://hooks.example/1"}`, answer: "201 webhook_created",
			do: func(ctx context.Context, w *world) (any, error) {
				made, err := w.client.CreateWebhook(ctx, lever.CandidateHired, "https://hooks.example/1")
				return []any{made, err == nil && len(made.Configuration.SignatureToken) == 48}, err
			},
			want:  `[{"event":"candidateHired","url":"https://hooks.example/1"},true]`,
			after: webhooksOf, became: `[{"id":"{webhook}"},{"event":"candidateHired","madeByApi":true}]`,
		},
	}
}

// confidential hides an opportunity from whoever has no right to see it.
func confidential() account.OpportunityFields {
	yes := true
	return account.OpportunityFields{Confidential: &yes}
}
