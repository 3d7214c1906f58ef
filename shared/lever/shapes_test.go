package lever_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"fulcrum/shared/lever"
)

// shape is an answer in a form that Lever gives or prints, and what is read in it.
type shape struct {
	answer string
	do     func(ctx context.Context, w *world) (any, error)
	want   string
}

func anOpportunity(ctx context.Context, w *world) (any, error) {
	return w.client.Opportunity(ctx, w.id("opportunity"))
}

// opportunityShapes are those of opportunities and what they refer to.
func opportunityShapes() map[string]shape {
	return map[string]shape{
		"members that nobody knows are passed over, times are read": {"200 opportunity", anOpportunity,
			`{"createdAt":1793000000000,"updatedAt":1793000000005,"tags":["Backend Engineer","Product","Engineering","Lisbon","Full-time","rowing"]}`},
		"missing members are empty": {"200 opportunity_expanded", anOpportunity,
			`{"confidentiality":"","updatedAt":0,"opportunityLocation":""}`},
		"an archived one has its reason": {"200 opportunity_archived", anOpportunity,
			`{"archived":{"reason":"{reason}","archivedAt":1793000000007},"stage":"{stage}","phones":[{"type":"","value":"900 11 222"},{"type":"skype"}]}`},
		"a hired one never touched since": {"200 opportunity_hired", anOpportunity,
			`{"archived":{"reason":"{hired}","archivedAt":1793000000008},"updatedAt":0,"stage":"offer","emails":[],"phones":[]}`},
		"one without name and application": {"200 opportunity_without_application", anOpportunity,
			`{"name":"","owner":"","applications":[],"opportunityLocation":"","stage":"lead-new"}`},
		"an archived one as the documentation prints it": {"200 opportunity_documented", anOpportunity,
			`{"archived":{"reason":"{reason}","archivedAt":1793000000009},"name":"Marit Solheim"}`},
		"a created one has no location": {"201 opportunity_created", func(ctx context.Context, w *world) (any, error) {
			o, deduped, err := w.client.CreateOpportunity(ctx, w.id("user"), lever.NewOpportunity{})
			return []any{o, deduped}, err
		}, `[{"id":"{opportunity}","opportunityLocation":"","name":"Marit Solheim"},false]`},
		"deduped stands beside the data": {"201 opportunity_deduped", func(ctx context.Context, w *world) (any, error) {
			o, deduped, err := w.client.CreateOpportunity(ctx, w.id("user"), lever.NewOpportunity{})
			return []any{o, deduped}, err
		}, `[{"id":"{other}","contact":"{contact}","applications":[]},true]`},
		"applications of all types": {"200 applications", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Applications(ctx, w.id("opportunity")))
		}, `[{"type":"posting","posting":"{posting}","archived":null},{"type":"user","postingHiringManager":"","postingOwner":"{user}"},
			{"type":"referral","archived":{"reason":"{reason}","archivedAt":1793000000007}}]`},
		"a draft posting": {"200 posting_draft", func(ctx context.Context, w *world) (any, error) {
			return w.client.Posting(ctx, w.id("draft"))
		}, `{"state":"draft","distributionChannels":null,"hiringManager":"","categories":{"level":"Lead","team":"","allLocations":[]}}`},
		"postings": {"200 postings", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Postings(ctx, lever.PostingFilter{}))
		}, `[{"id":"{posting}","content":{"lists":[{"text":"You bring","content":"<li>Patience</li>"}]}},{"id":"{draft}","distributionChannels":null}]`},
		"users, one of them gone": {"200 users", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Users(ctx, lever.UserFilter{Deactivated: true}))
		}, `[{"jobTitle":"","deactivatedAt":0},{"jobTitle":"Ferryman","deactivatedAt":1792999999999}]`},
	}
}

// listShapes are those of lists and of what the documentation prints otherwise than
// Lever was seen to answer.
func listShapes() map[string]shape {
	reasons := func(ctx context.Context, w *world) (any, error) {
		return lever.Collect(w.client.ArchiveReasons(ctx, ""))
	}
	files := func(ctx context.Context, w *world) (any, error) {
		return lever.Collect(w.client.Files(ctx, w.id("opportunity")))
	}
	note := func(ctx context.Context, w *world) (any, error) {
		return w.client.CreateNote(ctx, w.id("user"), w.id("opportunity"), "x")
	}
	hook := func(ctx context.Context, w *world) (any, error) {
		return w.client.CreateWebhook(ctx, lever.CandidateHired, "https://x")
	}
	return map[string]shape{
		"archive reasons":                     {"200 archive_reasons", reasons, `[{"type":"non-hired"},{"status":"inactive"},{"id":"{hired}","type":"hired"}]`},
		"an archive reason instead of a list": {"200 archive_reasons_object", reasons, `[{"id":"{hired}","type":"hired"}]`},
		"files with numbers in text":          {"200 files", files, `[{"uploadedAt":1793000000002,"size":9}]`},
		"a bare list of files, one unread":    {"200 files_bare", files, `[{"id":"{file}","size":9},{"status":"","size":0}]`},
		"no files":                            {"200 nothing", files, `null`},
		"a bare list of form templates": {"200 form_templates_bare", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.FormTemplates(ctx))
		}, `[{"id":"{formTemplate}","text":"Boarding"}]`},
		"a bare form template": {"201 form_template_bare", func(ctx context.Context, w *world) (any, error) {
			return w.client.CreateFormTemplate(ctx, lever.NewTemplate{})
		}, `{"id":"{formTemplate}","fields":[{"id":"{formField}"}]}`},
		"forms with times in text, and one with a list in a field": {"200 forms", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Forms(ctx, w.id("opportunity")))
		}, `[{"createdAt":1793000000004,"deletedAt":0},{"deletedAt":1793000000006,"completedAt":0,"fields":[{"value":[{"score":3,"comment":""}]}]}]`},
		"a created note": {"201 note_created", note, `"{note}"`},
		"a created note as the documentation has": {"201 note_created_documented", note, `"{note}"`},
		"notes, one of them without text": {"200 notes", func(ctx context.Context, w *world) (any, error) {
			notes, err := lever.Collect(w.client.Notes(ctx, w.id("opportunity")))
			if err != nil {
				return nil, err
			}
			return []any{notes, notes[1].Value()}, nil
		}, `[[{"createdAt":1793000000003},{"secret":true,"user":""}],""]`},
		"a created webhook":                     {"201 webhook_created", hook, `{"configuration":{"signatureToken":"5eaf00d5eaf00d5eaf00d5eaf00d5eaf00d5eaf00d5eaf00"}}`},
		"a created webhook with a doubled data": {"201 webhook_doubled", hook, `{"id":"{webhook}","configuration":{"signatureToken":"5eaf00d5eaf00d5eaf00d5eaf00d5eaf00d5eaf00d5eaf00"}}`},
		"webhooks without paging members": {"200 webhooks", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Webhooks(ctx))
		}, `[{"id":"{webhook}","createdAt":1793000000001},{"event":"interviewCreated","configuration":null}]`},
	}
}

// recordShapes are those of offers, interviews and feedback.
func recordShapes() map[string]shape {
	offers := func(ctx context.Context, w *world) (any, error) {
		all, err := w.client.Offers(ctx, w.id("opportunity"))
		if err != nil {
			return nil, err
		}
		o := lever.Signed(all)
		return []any{all, o.String("salary_amount"), o.Date("anticipated_start_date"), o.String("custom_shares"), o.String("offered_equity")}, nil
	}
	return map[string]shape{
		"offers: a draft, a sent and a signed one": {"200 offers", offers,
			`[[{"status":"draft","sentAt":0},{"status":"sent","sentAt":1793000000003},{"id":"{offer}","posting":"{posting}"}],"52000","2026-11-16","",""]`},
		"an offer as the documentation prints it": {"200 offers_documented", offers,
			`[[{"id":"{offer}","posting":"","sentAt":0}],"52000.50","2026-11-16","1200",""]`},
		"interviews, one cancelled and of an older form": {"200 interviews", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Interviews(ctx, w.id("opportunity")))
		}, `[{"date":1793086400000,"location":"","feedbackTemplate":"{template}","canceledAt":0},
			{"canceledAt":1793000000006,"location":"Quay 3","feedbackForms":["{feedback}"],"opportunityId":"","feedbackTemplate":"",
			"interviewers":[{"id":"{interviewer}","feedbackTemplate":""}]}]`},
		"a panel's times": {"200 panels", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Panels(ctx, w.id("opportunity")))
		}, `[{"start":1793086400000,"end":1793089100000,"note":"","canceledAt":0,"interviews":[{"duration":45,"location":"","feedbackTemplate":""}]}]`},
		"feedback that was deleted": {"200 feedback_deleted", func(ctx context.Context, w *world) (any, error) {
			return w.client.Feedback(ctx, w.id("opportunity"), w.id("feedback"))
		}, `{"deletedAt":1793000000006,"updatedAt":1793000000004}`},
		"feedback of all types": {"200 feedbacks_of_all_types", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.Feedbacks(ctx, w.id("opportunity")))
		}, `[{"type":"interview","interview":"{interview}","panel":"{panel}"},{"type":"assignment","completedAt":0},{"type":"share","user":""}]`},
		"feedback templates, the built-in one first": {"200 feedback_templates", func(ctx context.Context, w *world) (any, error) {
			return lever.Collect(w.client.FeedbackTemplates(ctx))
		}, `[{"id":"no-feedback","fields":[]},{"id":"{template}"}]`},
	}
}

func TestShapes(t *testing.T) {
	for _, shapes := range []map[string]shape{opportunityShapes(), listShapes(), recordShapes()} {
		for name, s := range shapes {
			t.Run(name, func(t *testing.T) {
				w := cannedWorld(t, s.answer)
				got, err := s.do(t.Context(), w)
				if err != nil {
					t.Fatal(err)
				}
				if at := lacks(w.fill(s.want), got); at != "" {
					t.Error(at)
				}
			})
		}
	}
}

func TestAListGoesOnWithTheOffsetOfItsFirstPage(t *testing.T) {
	w := cannedWorld(t, "200 opportunities_first", "200 opportunities_last")
	all, err := lever.Collect(w.client.Opportunities(t.Context(), lever.OpportunityFilter{Archived: "false"}))
	if at := lacks(w.fill(`[{"id":"{opportunity}"},{"id":"{other}","updatedAt":0},{"id":"{draft}","updatedAt":0}]`), all); err != nil || at != "" {
		t.Errorf("%v %s", err, at)
	}
	const offset = "%255B230.5%252C1793000000001%252C%2522b1a6d1f0-52c7-4d0e-9c1b-7a51c0de0018%2522%255D"
	if got := w.wire.asks[1].line; got != "GET /opportunities?archived=false&limit=100&offset="+offset {
		t.Errorf("asked %s", got)
	}
}

func TestErrorsAsLeverAnswersThem(t *testing.T) {
	tests := map[string]struct {
		answer string
		is     func(error) bool
		code   string
	}{
		"not found":          {"404 error_not_found", lever.NotFound, "ResourceNotFound"},
		"unauthorized":       {"401 error_unauthorized", lever.Unauthorized, "UnauthorizedError"},
		"forbidden":          {"403 error_forbidden", lever.Forbidden, "ForbiddenError"},
		"a slow upload":      {"408 error_slow", lever.Retryable, "RequestTimeout"},
		"an offset, expired": {"400 error_offset", lever.InvalidOffset, "BadRequest"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := cannedWorld(t, tt.answer)
			err := w.client.DeleteWebhook(t.Context(), "w-1")
			if !tt.is(err) || !strings.Contains(err.Error(), tt.code) {
				t.Errorf("%v", err)
			}
		})
	}
}

// What is read nowhere would rot.
func TestEveryBodyIsRead(t *testing.T) {
	var used strings.Builder
	for _, shapes := range []map[string]shape{opportunityShapes(), listShapes(), recordShapes()} {
		for _, s := range shapes {
			used.WriteString(s.answer + "\n")
		}
	}
	for _, u := range uses() {
		used.WriteString(u.answer + "\n")
	}
	used.WriteString("200 opportunities_first\n200 opportunities_last\n")
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(filepath.Base(f), ".json")
		if !strings.Contains(used.String(), " "+name+"\n") && !strings.HasPrefix(name, "error_") {
			t.Errorf("%s is read by no test", f)
		}
	}
}
