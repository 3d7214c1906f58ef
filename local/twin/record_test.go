package twin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

// hiree is a candidate on the first posting, and the path to it.
func (r *rig) hiree() (desk.Added, string) {
	r.t.Helper()
	c := r.candidate(desk.Candidate{Name: "Nina Okafor", Email: "nina@example.com", Posting: "Backend Engineer"})
	return c, "/opportunities/" + c.OpportunityID
}

// field is the value of an offer's field.
func (p reply) field(path, identifier string) any {
	p.t.Helper()
	fields, ok := p.at(path).([]any)
	if !ok {
		p.t.Fatalf("no fields in %s", p.raw)
	}
	for _, f := range fields {
		if f.(obj)["identifier"] == identifier {
			return f.(obj)["value"]
		}
	}
	return "no such field"
}

func TestAnOfferGoesThroughItsStates(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		c, o := r.hiree()
		made := r.ctl(
			"POST", o+"/offers",
			obj{"fields": obj{"salary_amount": 80000, "custom_laptop": "yes", "anticipated_start_date": nil}},
		).must(201)
		id := made.text("id")
		got := r.api("GET", o+"/offers", nil).must(200)
		want := []string{
			"approved", "approvedAt", "createdAt", "creator", "fields", "id", "posting", "sentAt", "sentDocument",
			"signatures", "signedDocument", "status",
		}
		if members := got.members("data.0"); !slices.Equal(members, want) {
			t.Errorf("members %v", members)
		}
		got.want(obj{
			"data.0.status": "draft", "data.0.posting": r.home.Postings[0].ID, "data.0.creator": r.boss(),
			"data.0.approved": nil, "data.0.sentAt": nil,
			"data.0.signatures": obj{"candidate": obj{"role": "candidate", "name": nil, "email": nil}},
		})
		for identifier, want := range map[string]any{
			"job_posting": c.ApplicationID, "job_title": "Backend Engineer", "candidate_name": "Nina Okafor",
			"location/office": "Lisbon",
			"salary_amount":   80000.0, "custom_laptop": "yes", "anticipated_start_date": nil, "hiring_manager": r.home.Users[1].ID,
			"today_date": float64(time.Now().UTC().Truncate(24 * time.Hour).UnixMilli()),
		} {
			if value := got.field("data.0.fields", identifier); value != want {
				t.Errorf("%s = %v, want %v", identifier, value, want)
			}
		}
		r.ctl("PUT", o+"/offers/"+id, obj{"status": "sent"}).must(200)
		r.api("GET", o+"/offers", nil).want(
			obj{
				"data.0.approved": true, "data.0.sentDocument.fileName": "offer-letter.pdf",
				"data.0.signedDocument": nil, "data.0.sentAt": time.Now().UnixMilli(),
			},
		)
		r.ctl("PUT", o+"/offers/"+id, obj{"status": "signed", "fields": obj{"salary_amount": 85000}}).must(200)
		got = r.api("GET", o+"/offers", nil)
		got.want(
			obj{
				"data.0.status": "signed", "data.0.signatures.candidate.signed": true,
				"data.0.signatures.candidate.email": "nina@example.com",
			},
		)
		if got.field("data.0.fields", "salary_amount") != 85000.0 {
			t.Errorf("amount %v", got.field("data.0.fields", "salary_amount"))
		}
		for query, name := range map[string]string{
			"": "offer-letter_signed.pdf", "?status=sent": "offer-letter.pdf",
			"?status=signed": "offer-letter_signed.pdf",
		} {
			doc := r.api("GET", o+"/offers/"+id+"/download"+query, nil).must(200)
			if !strings.Contains(doc.header.Get("Content-Disposition"), name) || !strings.Contains(string(doc.raw), "85000") {
				t.Errorf("%s: %s %s", query, doc.header, doc.raw)
			}
		}
		r.api("POST", o+"/offers", obj{}).must(404)
	})
}

func TestAnOfferOutsideLeverHasNoDocument(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		id := r.ctl("POST", o+"/offers", obj{"status": "signed", "outside": true}).must(201).text("id")
		r.api("GET", o+"/offers", nil).want(
			obj{"data.0.sentDocument": nil, "data.0.signedDocument": nil, "data.0.status": "signed"},
		)
		r.api("GET", o+"/offers/"+id+"/download", nil).must(404)
		r.api("GET", o+"/offers/"+id+"/download?status=lost", nil).must(400)
		r.ctl("PUT", o+"/offers/"+id, obj{"status": "accepted"}).must(400)
		r.ctl("PUT", o+"/offers/nothing", obj{}).must(404)
	})
}

func TestNotes(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		made := r.api("POST", o+"/notes?perform_as="+r.boss(), obj{"value": "Strong", "secret": true, "score": 4}).must(201)
		id, now := made.text("data.id"), time.Now().UnixMilli()
		made.want(obj{
			"data.noteId": id, "data.text": "Note", "data.user": r.boss(), "data.secret": true, "data.deletedAt": nil,
			"data.completedAt": now,
			"data.fields": []obj{
				{
					"createdAt": now, "score": 4, "stage": "lead-new", "text": "Comment", "type": "note",
					"user": r.boss(), "value": "Strong",
				},
			},
		})
		got := r.api("GET", o+"/notes/"+id, nil).must(200)
		if got.has("data", "noteId") {
			t.Error("noteId outside of the creation")
		}
		r.api("POST", o+"/notes?note_id="+id, obj{"value": "Agreed"}).must(201).want(
			obj{"data.id": id, "data.fields.1.value": "Agreed", "data.fields.1.user": nil},
		)
		r.api("PUT", o+"/notes/"+id, obj{"values": []obj{{"value": "Very strong", "createdAt": 1000}}}).must(200).want(
			obj{"data.fields.#": 1, "data.fields.0.value": "Very strong", "data.fields.0.createdAt": 1000},
		)
		r.api("GET", o+"/notes", nil).must(200).want(obj{"data.#": 1, "hasNext": false})

		mine := r.ctl("POST", o+"/notes", obj{"value": "By hand"}).must(201).text("id")
		r.api("PUT", o+"/notes/"+mine, obj{"values": []obj{{"value": "x"}}}).must(403)
		r.api("DELETE", o+"/notes/"+mine, nil).must(403)
		r.api("DELETE", o+"/notes/"+id, nil).must(204)
		r.api("GET", o+"/notes/"+id, nil).must(404)

		for name, bad := range map[string]obj{
			"no value": {}, "a score of five": {"value": "x", "score": 5}, "a time to come": {
				"value": "x", "createdAt": time.Now().Add(time.Minute).UnixMilli(),
			},
		} {
			if got := r.api("POST", o+"/notes", bad); got.status != 400 {
				t.Errorf("%s: %d", name, got.status)
			}
		}
		r.api("POST", o+"/notes?note_id=nothing", obj{"value": "x"}).must(404)
	})
}

func TestFeedback(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		as := "?perform_as=" + r.home.Users[2].ID
		template := r.api("POST", "/feedback_templates", obj{"text": "Decision", "fields": []obj{
			{"type": "score-system", "text": "Rating", "required": true}, {"type": "textarea", "text": "Reason"},
			{
				"type": "multiple-select", "text": "Languages", "options": []obj{{"text": "Go"}, {"text": "Elm"}},
			}, {"type": "yes-no", "text": "Advance"},
		}}).must(201)
		tid := template.text("data.id")
		template.want(
			obj{
				"data.group": nil, "data.stage": nil, "data.instructions": "",
				"data.fields.0.options.0.text": "4 - Strong Hire", "data.fields.0.prompt": "Select one",
			},
		)
		field := func(i int) string { return template.text(fmt.Sprintf("data.fields.%d.id", i)) }
		made := r.api("POST", o+"/feedback"+as, obj{"baseTemplateId": tid, "fieldValues": []obj{
			{"id": field(0), "value": "3 - Hire"}, {"id": field(2), "value": []string{"Go"}}, {"id": field(3), "value": "yes"},
		}}).must(201)
		id := made.text("data.id")
		made.want(obj{
			"data.type": "interview", "data.text": "Decision", "data.user": r.home.Users[2].ID, "data.interview": nil,
			"data.panel": nil, "data.updatedAt": nil,
			"data.deletedAt": nil, "data.fields.0.value": "3 - Hire", "data.fields.1.value": nil,
			"data.baseTemplateId": tid, "data.completedAt": time.Now().UnixMilli(),
		})
		put := r.api("PUT", o+"/feedback/"+id+as, obj{"fieldValues": []obj{{"id": field(1), "value": "Kind"}}}).must(200)
		put.want(
			obj{
				"data.accountId": r.home.Account, "data.userId": r.home.Users[2].ID, "data.fields.0.type": "score",
				"data.fields.0.value": "3 - Hire", "data.fields.1.value": "Kind",
			},
		)
		if put.has("data", "user") {
			t.Error("PUT answers like GET")
		}
		r.api("GET", o+"/feedback/"+id, nil).must(200).want(
			obj{"data.fields.0.type": "score-system", "data.fields.1.value": "Kind", "data.updatedAt": time.Now().UnixMilli()},
		)
		r.api("DELETE", o+"/feedback/"+id+as, nil).must(204)
		r.api("GET", o+"/feedback/"+id, nil).must(200).want(obj{"data.deletedAt": time.Now().UnixMilli()})
		r.api("GET", o+"/feedback", nil).must(200).want(obj{"data.#": 0})
		r.api("PUT", o+"/feedback/"+id+as, obj{"fieldValues": []obj{}}).must(404)

		for name, bad := range map[string]obj{
			"no template":                  {},
			"a panel without interview":    {"baseTemplateId": tid, "panel": "x"},
			"a field of another template":  {"baseTemplateId": tid, "fieldValues": []obj{{"id": "x", "value": 1}}},
			"a rating that is not offered": {"baseTemplateId": tid, "fieldValues": []obj{{"id": field(0), "value": "5"}}},
			"a choice that is not offered": {
				"baseTemplateId": tid, "fieldValues": []obj{{"id": field(2), "value": []string{"Perl"}}},
			},
			"a choice that is no list":     {"baseTemplateId": tid, "fieldValues": []obj{{"id": field(2), "value": "Go"}}},
			"neither yes nor no":           {"baseTemplateId": tid, "fieldValues": []obj{{"id": field(3), "value": "perhaps"}}},
			"a completion that is to come": {"baseTemplateId": tid, "completedAt": time.Now().Add(time.Hour).UnixMilli()},
		} {
			if got := r.api("POST", o+"/feedback"+as, bad); got.status != 400 {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		r.api("POST", o+"/feedback"+as, obj{"baseTemplateId": "nothing"}).must(404)
	})
}

func TestFeedbackHangsOnItsInterview(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		template := r.api("GET", "/feedback_templates", nil).must(200).text("data.0.id")
		i := r.ctl("POST", o+"/interviews", obj{"interviewers": []string{"Ines Moreau"}, "feedbackTemplate": template}).must(201)
		other := r.ctl("POST", o+"/interviews", nil).must(201)
		body := obj{"baseTemplateId": template, "panel": i.text("panel"), "interview": i.text("id")}
		f := r.api("POST", o+"/feedback?perform_as="+r.boss(), body).must(201)
		f.want(obj{"data.panel": i.text("panel"), "data.interview": i.text("id")})
		r.api("GET", o+"/interviews/"+i.text("id"), nil).must(200).want(
			obj{"data.feedbackForms": []string{f.text("data.id")}, "data.interviewers.0.feedbackTemplate": template},
		)
		body["interview"] = other.text("id")
		r.api("POST", o+"/feedback?perform_as="+r.boss(), body).must(400)
		body["panel"] = "nothing"
		r.api("POST", o+"/feedback?perform_as="+r.boss(), body).must(404)

		mine := r.ctl("POST", o+"/feedback", obj{"user": r.home.Users[2].ID}).must(201)
		r.ctl(
			"PUT", o+"/feedback/"+mine.text("id"),
			obj{"fieldValues": []obj{{"id": mine.text("fields.1.id"), "value": "By hand"}}},
		).must(200)
		r.api("GET", o+"/feedback/"+mine.text("id"), nil).want(
			obj{"data.user": r.home.Users[2].ID, "data.fields.1.value": "By hand"},
		)
	})
}

func TestFeedbackTemplates(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		rating := obj{"type": "score-system", "text": "Rating"}
		for name, bad := range map[string]obj{
			"no fields":                 {"text": "x"},
			"no text":                   {"fields": []obj{rating}},
			"no rating":                 {"text": "x", "fields": []obj{}},
			"two ratings":               {"text": "x", "fields": []obj{rating, rating}},
			"a type that Lever has not": {"text": "x", "fields": []obj{rating, {"type": "colour", "text": "y"}}},
			"a field without text":      {"text": "x", "fields": []obj{rating, {"type": "text"}}},
		} {
			if got := r.api("POST", "/feedback_templates", bad); got.status != 400 {
				t.Errorf("%s: %d %s", name, got.status, got.raw)
			}
		}
		id := r.api("POST", "/feedback_templates", obj{"text": "Ours", "fields": []obj{rating}}).must(201).text("data.id")
		r.api("PUT", "/feedback_templates/"+id, obj{"text": "Renamed"}).must(200).want(
			obj{"data.text": "Renamed", "data.fields.#": 1},
		)
		r.api("PUT", "/feedback_templates/"+id, obj{"fields": []obj{}}).must(400)
		r.api("GET", "/feedback_templates/"+id, nil).must(200).want(obj{"data.text": "Renamed"})
		theirs := r.ctl("POST", "/feedback-templates", obj{"text": "By hand", "fields": []obj{rating}}).must(201).text("id")
		r.api("DELETE", "/feedback_templates/"+theirs, nil).must(403)
		r.api("DELETE", "/feedback_templates/"+id, nil).must(204)
		r.api("GET", "/feedback_templates/"+id, nil).must(404)
		r.api("GET", "/feedback_templates", nil).must(200).want(obj{"data.#": 2})
	})
}

func TestProfileFormsNeedEveryField(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		template := r.api(
			"POST", "/form_templates",
			obj{
				"text": "Screening", "secretByDefault": true,
				"fields": []obj{{"type": "text", "text": "Score", "required": true}, {"type": "text", "text": "Link"}},
			},
		).must(201)
		tid, a, b := template.text("data.id"), template.text("data.fields.0.id"), template.text("data.fields.1.id")
		made := r.api(
			"POST", o+"/forms?perform_as="+r.boss(),
			obj{"baseTemplateId": tid, "fieldValues": []obj{{"id": a, "value": "81"}, {"id": b, "value": nil}}},
		).must(201)
		made.want(
			obj{
				"data.type": "form", "data.text": "Screening", "data.secret": true, "data.user": r.boss(),
				"data.stage": "lead-new", "data.fields.0.value": "81", "data.fields.1.value": nil,
			},
		)
		r.api("POST", o+"/forms", obj{"baseTemplateId": tid, "secret": false, "fieldValues": []obj{{"id": a, "value": "1"}, {"id": b, "value": "x"}}}).must(201).want(obj{"data.secret": false, "data.user": nil})
		r.api("GET", o+"/forms/"+made.text("data.id"), nil).must(200).want(obj{"data.fields.0.value": "81"})
		r.api("GET", o+"/forms", nil).must(200).want(obj{"data.#": 2})
		for name, values := range map[string][]obj{
			"an optional field left out": {{"id": a, "value": "81"}}, "a required field without answer": {
				{"id": a, "value": nil}, {"id": b, "value": nil},
			},
			"a field too many": {{"id": a, "value": "1"}, {"id": b, "value": nil}, {"id": "x", "value": 1}},
		} {
			if got := r.api("POST", o+"/forms", obj{"baseTemplateId": tid, "fieldValues": values}); got.status != 400 {
				t.Errorf("%s: %d", name, got.status)
			}
		}
		r.api(
			"PUT", "/form_templates/"+tid, obj{"text": "Renamed", "secretByDefault": false},
		).must(200).want(obj{"data.text": "Renamed"})
		r.api("GET", "/form_templates", nil).must(200).want(obj{"data.#": 1})
		r.api("GET", "/form_templates/"+tid, nil).must(200).want(obj{"data.secretByDefault": false})
		r.api("DELETE", "/form_templates/"+tid, nil).must(204)
		r.api("POST", o+"/forms", obj{"baseTemplateId": tid}).must(404)
		r.api("POST", "/form_templates", obj{"text": "x"}).must(400)
	})
}

func TestFilesAndResumes(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		_, o := r.hiree()
		as := "?perform_as=" + r.boss()
		made := r.upload(o+"/files"+as, "file", "case study.pdf", "the content").must(201)
		id := made.text("data.id")
		made.want(
			obj{
				"data.name": "case study.pdf", "data.ext": ".pdf", "data.size": 11, "data.status": "processed",
				"data.uploadedAt": time.Now().UnixMilli(),
			},
		)
		if got := r.api("GET", o+"/files/"+id+"/download", nil).must(200); string(got.raw) != "the content" {
			t.Errorf("content %q", got.raw)
		}
		r.api("GET", o+"/files/"+id, nil).must(200).want(obj{"data.name": "case study.pdf"})
		r.api("GET", o+"/files?uploaded_at_start="+fmt.Sprint(time.Now().UnixMilli()+1), nil).must(200).want(obj{"data.#": 0})
		broken := r.ctl("POST", o+"/files", obj{"name": "x.heic", "text": "x", "status": "unsupported"}).must(201).text("id")
		r.api("GET", o+"/files/"+broken+"/download", nil).must(422)
		r.api("DELETE", o+"/files/"+id+as, nil).must(204)
		r.api("GET", o+"/files/"+id+"/download", nil).must(404)
		r.api("GET", o+"/file_actions", nil).must(200).want(obj{"data.#": 3, "data.0.user": r.boss()})
		r.api("GET", o+"/file_actions?occurred_at_end=5", nil).must(200).want(obj{"data.#": 0})
		r.api("POST", o+"/files"+as, obj{"file": "x"}).must(400)
		r.upload(o+"/files"+as, "document", "x.txt", "x").must(400)

		resume := r.ctl(
			"POST", o+"/resumes",
			obj{
				"name": "cv.pdf", "content": "aGVsbG8=",
				"parsedData": obj{
					"positions": []obj{{"org": "Kiln Ltd", "title": "Potter", "start": obj{"year": 2019, "month": 3}}},
				},
			},
		).must(201).text("id")
		r.api("GET", o+"/resumes/"+resume, nil).must(200).want(obj{
			"data.file.ext":                     "pdf",
			"data.file.status":                  "processed",
			"data.parsedData.positions.0.org":   "Kiln Ltd",
			"data.parsedData.positions.0.start": obj{"year": 2019, "month": 3},
			"data.parsedData.schools":           []any{},
		})
		if got := r.api("GET", o+"/resumes/"+resume+"/download", nil).must(200); string(got.raw) != "hello" {
			t.Errorf("content %q", got.raw)
		}
		r.api("GET", o+"/resumes", nil).must(200).want(obj{"data.#": 1})
		r.ctl("POST", o+"/resumes", obj{"text": "x"}).must(400)
		r.ctl("POST", o+"/files", obj{"name": "x", "status": "lost"}).must(400)
	})
}

// upload posts one file.
func (r *rig) upload(path, field, name, content string) reply {
	r.t.Helper()
	const boundary = "between"
	body := fmt.Sprintf(
		"--%s\r\nContent-Disposition: form-data; name=%q; filename=%q\r\n\r\n%s\r\n--%s--\r\n", boundary, field, name,
		content, boundary,
	)
	header := http.Header{"Content-Type": {"multipart/form-data; boundary=" + boundary}, "Authorization": {r.auth}}
	return r.send("POST", "http://lever.test/v1"+path, header, strings.NewReader(body))
}
