package evidenced

import (
	"encoding/json"
	"reflect"
	"testing"

	"fulcrum/shared/lever"
)

// opportunity is one as Lever gives it, with everything expanded.
const opportunity = `{
	"id": "opp-1", "name": "Ada Old", "headline": "", "emails": ["old@example.com"], "phones": [],
	"contact": {"id": "con-1", "name": "Ada Lovelace", "headline": "Analyst", "emails": ["ada@example.com"], "phones": [{"type": "mobile", "value": "+44 1"}]},
	"stage": {"id": "lead-new", "text": "New lead"}, "confidentiality": "non-confidential", "archived": null,
	"applications": [{"id": "app-1", "posting": "post-1"}], "createdAt": 1795262400000, "updatedAt": null
}`

func read(t *testing.T, change func(o *lever.Opportunity)) *lever.Opportunity {
	t.Helper()
	var o lever.Opportunity
	if err := json.Unmarshal([]byte(opportunity), &o); err != nil {
		t.Fatal(err)
	}
	change(&o)
	return &o
}

func TestACandidacyIsMapped(t *testing.T) {
	plain := Candidacy{ID: "opp-1", JobID: "post-1", Stage: Stage{"lead-new", "New lead"}, Active: true, CreatedAt: "2026-11-21T12:00:00.000Z"}
	with := func(change func(c *Candidacy)) Candidacy { c := plain; change(&c); return c }
	tests := map[string]struct {
		change func(o *lever.Opportunity)
		hired  bool
		want   Candidacy
	}{
		"that is active": {func(*lever.Opportunity) {}, false, plain},
		"that is archived": {
			func(o *lever.Opportunity) { o.Archived = &lever.Archived{Reason: "r", ArchivedAt: 1795262401000} }, false,
			with(func(c *Candidacy) { c.Active, c.Outcome, c.ArchivedAt = false, "archived", "2026-11-21T12:00:01.000Z" }),
		},
		"that is hired": {
			func(o *lever.Opportunity) { o.Archived = &lever.Archived{Reason: "r", ArchivedAt: 1795262401000} }, true,
			with(func(c *Candidacy) { c.Active, c.Outcome, c.ArchivedAt = false, "hired", "2026-11-21T12:00:01.000Z" }),
		},
		"without a posting": {
			func(o *lever.Opportunity) { o.Applications = nil }, false, with(func(c *Candidacy) { c.JobID = "" }),
		},
		"whose stage was not expanded": {
			func(o *lever.Opportunity) { o.Stage.Object = nil }, false, with(func(c *Candidacy) { c.Stage.Text = "" }),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mapCandidacy(read(t, tt.change), tt.hired); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestAPersonIsWhoTheContactIs(t *testing.T) {
	var c Candidate
	c.describe(read(t, func(*lever.Opportunity) {}))
	want := Candidate{ID: "con-1", Name: "Ada Lovelace", Headline: "Analyst", Emails: []string{"ada@example.com"}, Phones: []Phone{{"mobile", "+44 1"}}}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("%+v", c)
	}
	c = Candidate{}
	c.describe(read(t, func(o *lever.Opportunity) { o.Contact.Object = nil }))
	if c.Name != "Ada Old" || !reflect.DeepEqual(c.Emails, []string{"old@example.com"}) || c.Phones == nil {
		t.Errorf("without the contact: %+v", c)
	}
}

func TestTheUserWithTheSameAddressIsTheSamePerson(t *testing.T) {
	users := []lever.User{{ID: "u-1", Email: "omar@acme.example"}, {ID: "u-2", Email: "Ana@Acme.example"}, {ID: "u-3"}}
	tests := map[string]struct {
		emails []string
		want   string
	}{
		"of another case":       {[]string{"x@example.com", " ana@acme.example"}, "u-2"},
		"of none":               {[]string{"ana@example.com"}, ""},
		"not one without any":   {[]string{""}, ""},
		"not one of no address": {nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := Candidate{Emails: tt.emails, UserID: "before"}
			if c.mark(users); c.UserID != tt.want {
				t.Errorf("%q", c.UserID)
			}
		})
	}
}

func TestCandidaciesKeepTheirOrder(t *testing.T) {
	var c Candidate
	for _, id := range []string{"b", "a", "c"} {
		c.with(Candidacy{ID: id})
	}
	before := c.Candidacies
	c.with(Candidacy{ID: "a", Active: true})
	c.without("b")
	if want := []Candidacy{{ID: "a", Active: true}, {ID: "c"}}; !reflect.DeepEqual(c.Candidacies, want) {
		t.Errorf("%+v", c.Candidacies)
	}
	if before[0].Active || before[1].ID != "b" {
		t.Errorf("what was known has changed: %+v", before)
	}
}

func TestAnInterviewIsMapped(t *testing.T) {
	in := lever.Interview{
		ID: "int-1", OpportunityID: "opp-1", Panel: "pan-1", Subject: "Pairing", Date: 1795262400000, Duration: 45, Timezone: "UTC",
		Stage: lever.Ref[lever.Stage]{ID: "lead-new"}, FeedbackTemplate: "no-feedback",
		Interviewers: []lever.Interviewer{{ID: "u-1", Name: "Ana", Email: "ana@acme.example", FeedbackTemplate: "tpl-1"}},
	}
	want := Interview{
		ID: "int-1", CandidacyID: "opp-1", CandidateID: "con-1", PanelID: "pan-1", State: "scheduled", Subject: "Pairing",
		StartsAt: "2026-11-21T12:00:00.000Z", Minutes: 45, Timezone: "UTC", StageID: "lead-new",
		Interviewers: []Interviewer{{"u-1", "Ana", "ana@acme.example", "tpl-1"}},
	}
	if got := mapInterview("con-1", in); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	in.CanceledAt = 1795262401000
	if got := mapInterview("con-1", in); got.State != "cancelled" || got.CancelledAt != "2026-11-21T12:00:01.000Z" {
		t.Errorf("cancelled: %+v", got)
	}
}

func TestTheStateOfAJob(t *testing.T) {
	for leverState, want := range map[string]string{
		"published": "open", "internal": "open", "closed": "closed", "draft": "draft", "pending": "draft", "rejected": "draft", "new to us": "draft",
	} {
		if got := mapJob(&lever.Posting{State: leverState}); got.State != want || got.LeverState != leverState {
			t.Errorf("%s is %s", leverState, got.State)
		}
	}
}

func TestWhichPostingsSync(t *testing.T) {
	secret, tagged, plain := lever.Posting{Confidentiality: "confidential"}, lever.Posting{Tags: []string{"a", "b"}}, lever.Posting{}
	tests := map[string]struct {
		settings Settings
		posting  lever.Posting
		because  string
	}{
		"all of them":                         {Settings{Postings: "all"}, plain, ""},
		"no confidential one":                 {Settings{Postings: "all"}, secret, "confidential"},
		"a confidential one that is included": {Settings{Postings: "all", IncludeConfidential: true}, secret, ""},
		"one with a tag":                      {Settings{Postings: "tagged", PostingTags: []string{"b", "c"}}, tagged, ""},
		"none without the tag":                {Settings{Postings: "tagged", PostingTags: []string{"c"}}, tagged, "not_synced"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if because, ok := tt.settings.takes(&tt.posting); because != tt.because || ok != (because == "") {
				t.Errorf("%q %v", because, ok)
			}
		})
	}
}
