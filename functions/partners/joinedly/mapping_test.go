package joinedly

import (
	"encoding/json"
	"reflect"
	"testing"

	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
)

func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	v := new(T)
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
	return v
}

const opportunity = `{"id":"o-1","name":"Ada Lovelace","emails":["old@example.com"],
	"contact":{"id":"c-1","name":"Ada King Lovelace","emails":["ada@example.com","second@example.com"],
		"phones":[{"type":"skype","value":"ada"},{"type":"home","value":"1"},{"type":"mobile","value":"2"}]},
	"archived":{"reason":"r-1","archivedAt":1564616083454}}`

const job = `{"id":"p-1","text":"Engineer","categories":{"commitment":"Full-time","department":"R&D","location":"Berlin","team":"Platform"}}`

const signed = `{"id":"f-1","status":"signed","fields":[{"identifier":"job_title","value":"Senior Engineer"},
	{"identifier":"location/office","value":"Hamburg"},{"identifier":"team","value":"Core"},{"identifier":"anticipated_start_date","value":1628467200000}]}`

// a hire of Ada, with what the JSON texts hold; empty ones are not there.
func hired(t *testing.T, opportunity, posting, offer string) *hire.Hire {
	t.Helper()
	h := &hire.Hire{Standing: hire.Hired, Opportunity: decode[lever.Opportunity](t, opportunity)}
	if posting != "" {
		h.Posting, h.HiringManager = decode[lever.Posting](t, posting), hire.Person{ID: "u-1", Name: "Grace Hopper", Email: "grace@example.com"}
	}
	if offer != "" {
		h.Offer = decode[lever.Offer](t, offer)
	}
	return h
}

var company = Directory{
	Offices: []Entry{{ID: "of-1", Name: "Berlin"}, {ID: "of-2", Name: "Hamburg"}},
	Teams:   []Entry{{ID: "te-1", Name: "Platform"}, {ID: "te-2", Name: "Core"}, {ID: "te-3", Name: "Core"}},
}

func TestAJoinerIsMadeOfAHire(t *testing.T) {
	full := Joiner{
		Reference: Reference{ID: "lever:acc:o-1", OpportunityID: "o-1", ContactID: "c-1"},
		FirstName: "Ada", LastName: "King Lovelace", CheckName: true,
		PersonalEmail: "ada@example.com", Phone: "2", JobTitle: "Senior Engineer", StartDate: "2021-08-09", EmploymentType: "Full-time",
		Office: &Entry{ID: "of-2", Name: "Hamburg"}, Team: &Entry{ID: "te-1", Name: "Platform"},
		Manager: Manager{Name: "Grace Hopper", Email: "grace@example.com"},
		Lever:   Place{Location: "Hamburg", Team: "Platform", Department: "R&D"}, HiredAt: "2019-07-31T23:34:43.454Z",
	}
	noOffer := full
	noOffer.JobTitle, noOffer.StartDate, noOffer.Lever.Location, noOffer.Office = "Engineer", "", "Berlin", &Entry{ID: "of-1", Name: "Berlin"}
	jobless := full
	jobless.EmploymentType, jobless.Manager, jobless.Lever, jobless.Team = "", Manager{}, Place{Location: "Hamburg", Team: "Core"}, nil
	bare := Joiner{
		Reference: Reference{ID: "lever:acc:o-1", OpportunityID: "o-1", ContactID: "c-2"}, FirstName: "Cher", CheckName: true, HiredAt: "2019-07-31T23:34:43.454Z",
	}
	tests := map[string]struct {
		hire     *hire.Hire
		want     Joiner
		problems []Problem
	}{
		"the signed offer comes before the posting": {hired(t, opportunity, job, signed), full, nil},
		"without an offer the posting tells":        {hired(t, opportunity, job, ""), noOffer, nil},
		"without a job the offer tells": {
			hired(t, opportunity, "", signed), jobless, []Problem{{Reason: noJob}, {Reason: teamAmbiguous, Name: "Core"}},
		},
		"with next to nothing": {
			hired(t, `{"id":"o-1","contact":"c-2","name":"Cher","archived":{"archivedAt":1564616083454}}`, "", ""), bare,
			[]Problem{{Reason: emailMissing, Holds: true}, {Reason: noJob}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, problems := mapJoiner("acc", tt.hire, Settings{}, company)
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n%+v\nwant\n%+v", got, tt.want)
			}
			if !reflect.DeepEqual(problems, tt.problems) {
				t.Errorf("problems %+v, want %+v", problems, tt.problems)
			}
		})
	}
}

func TestOfficeAndTeamAreEqualOrNone(t *testing.T) {
	tests := map[string]struct {
		location, team string
		settings       Settings
		directory      Directory
		office, inTeam string
		problems       []Problem
		status         Status
	}{
		"both equal": {location: "Berlin", team: "Platform", directory: company, office: "of-1", inTeam: "te-1", status: Started},
		"a near miss is not chosen": {
			location: "berlin", team: "Platform ", directory: company, status: NeedsAttention,
			problems: []Problem{{Reason: officeUnmatched, Name: "berlin", Suggestion: "Berlin"}, {Reason: teamUnmatched, Name: "Platform ", Suggestion: "Platform"}},
		},
		"a name that is nowhere": {
			location: "Oslo", team: "Platform", directory: company, inTeam: "te-1", status: NeedsAttention,
			problems: []Problem{{Reason: officeUnmatched, Name: "Oslo"}},
		},
		"two of the same name": {
			location: "Berlin", team: "Core", directory: company, office: "of-1", status: NeedsAttention,
			problems: []Problem{{Reason: teamAmbiguous, Name: "Core"}},
		},
		"an alias of the customer's": {
			location: "Zu\u0308rich", team: "Platform", directory: company, office: "of-1", inTeam: "te-1", status: Started,
			settings: Settings{OfficeAliases: map[string]string{"Z\u00fcrich": "Berlin"}},
		},
		"an alias for a name that is not there": {
			location: "Bern", team: "Platform", directory: company, inTeam: "te-1", status: NeedsAttention,
			settings: Settings{OfficeAliases: map[string]string{"Bern": "berlin"}},
			problems: []Problem{{Reason: officeUnmatched, Name: "Bern", Suggestion: "Berlin"}},
		},
		"what is to be held": {
			location: "Oslo", team: "Platform", directory: company, inTeam: "te-1", status: Held, settings: Settings{OnMismatch: Hold},
			problems: []Problem{{Reason: officeUnmatched, Name: "Oslo", Holds: true}},
		},
		"Lever has neither": {directory: company, status: Started},
		"no directory was given": {
			location: "Berlin", team: "Platform", status: NeedsAttention, problems: []Problem{{Reason: directoryMissing}},
		},
		"no directory, and nothing to look for": {status: Started},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			j := Joiner{Lever: Place{Location: tt.location, Team: tt.team}}
			problems := j.place(tt.settings, tt.directory)
			if !reflect.DeepEqual(problems, tt.problems) || statusOf(problems) != tt.status {
				t.Errorf("problems %+v, %s; want %+v, %s", problems, statusOf(problems), tt.problems, tt.status)
			}
			if idOf(j.Office) != tt.office || idOf(j.Team) != tt.inTeam {
				t.Errorf("office %+v, team %+v; want %q, %q", j.Office, j.Team, tt.office, tt.inTeam)
			}
		})
	}
}

func idOf(e *Entry) string {
	if e == nil {
		return ""
	}
	return e.ID
}

func TestTheDocumentSaysWhatIsNew(t *testing.T) {
	j := Joiner{HiredAt: "2019-07-31T23:34:43.454Z"}
	for name, tt := range map[string]struct {
		was  state
		want string
	}{
		"somebody new":                            {state{}, "joiner.hired"},
		"somebody who was held":                   {state{Status: Held, Hires: 1}, "joiner.hired"},
		"somebody who was told of":                {state{Status: Started, Told: true}, "joiner.changed"},
		"somebody who was withdrawn":              {state{Status: Withdrawn, Told: true}, "joiner.hired"},
		"somebody withdrawn without ever told of": {state{Status: Withdrawn}, "joiner.hired"},
	} {
		if d := told(tt.was, j); d.Type != tt.want || d.OccurredAt.UnixMilli() != 1564616083454 {
			t.Errorf("%s: %+v", name, d)
		}
	}
}

func TestAHireIsCountedOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		was  state
		want int
	}{
		"the first":                   {state{}, 1},
		"the same again":              {state{Status: Started, Hires: 1, HiredAt: "now"}, 1},
		"another":                     {state{Status: Started, Hires: 1, HiredAt: "before"}, 2},
		"again after being withdrawn": {state{Status: Withdrawn, Hires: 2, HiredAt: "before"}, 3},
		"one that was withdrawn at the same time": {state{Status: Withdrawn, Hires: 1, HiredAt: "now"}, 2},
	} {
		if got := tt.was.hires("now"); got != tt.want {
			t.Errorf("%s is hire %d, want %d", name, got, tt.want)
		}
	}
}
