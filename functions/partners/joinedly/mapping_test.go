package joinedly

import (
	"encoding/json"
	"reflect"
	"testing"

	"fulcrum/shared/lever"
)

func TestNamesAreCutAfterTheFirstWord(t *testing.T) {
	tests := map[string]struct {
		name, first, last string
		check             bool
	}{
		"two words":                       {"Ada Lovelace", "Ada", "Lovelace", false},
		"one word":                        {"Cher", "Cher", "", true},
		"more than two lose nothing":      {"Maria del Carmen Ruiz", "Maria", "del Carmen Ruiz", true},
		"family name first with a comma":  {"Lovelace, Ada", "Ada", "Lovelace", false},
		"two family names with a comma":   {"Ruiz Perez, Carmen", "Carmen", "Ruiz Perez", true},
		"a comma with nothing behind":     {"Lovelace,", "Lovelace,", "", true},
		"white space of all kinds":        {"  Ada \t Lovelace\n", "Ada", "Lovelace", false},
		"no name":                         {"", "", "", true},
		"letters that are not from Latin": {"李 小龙", "李", "小龙", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			first, last, check := splitName(tt.name)
			if first != tt.first || last != tt.last || check != tt.check {
				t.Errorf("%q, %q, %v; want %q, %q, %v", first, last, check, tt.first, tt.last, tt.check)
			}
		})
	}
}

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

const job = `{"id":"p-1","text":"Engineer","categories":{"commitment":"Full-time","department":"R&D","location":"Berlin","team":"Platform"},
	"hiringManager":{"id":"u-1","name":"Grace Hopper","email":"grace@example.com"}}`

const signed = `{"id":"f-1","status":"signed","fields":[{"identifier":"job_title","value":"Senior Engineer"},
	{"identifier":"location/office","value":"Hamburg"},{"identifier":"team","value":"Core"},{"identifier":"anticipated_start_date","value":1628467200000}]}`

func TestAJoinerIsMadeOfAHire(t *testing.T) {
	full := Joiner{
		ID: "lever:acc:o-1", OpportunityID: "o-1", ContactID: "c-1", FirstName: "Ada", LastName: "King Lovelace", CheckName: true,
		PersonalEmail: "ada@example.com", Phone: "2", JobTitle: "Senior Engineer", StartDate: "2021-08-09", EmploymentType: "Full-time",
		Manager: Manager{Name: "Grace Hopper", Email: "grace@example.com"},
		Lever:   Place{Location: "Hamburg", Team: "Platform", Department: "R&D"}, HiredAt: "2019-07-31T23:34:43.454Z",
	}
	noOffer := full
	noOffer.JobTitle, noOffer.StartDate, noOffer.Lever.Location = "Engineer", "", "Berlin"
	noJob := full
	noJob.EmploymentType, noJob.Manager, noJob.Lever = "", Manager{}, Place{Location: "Hamburg", Team: "Core"}
	bare := Joiner{
		ID: "lever:acc:o-1", OpportunityID: "o-1", ContactID: "c-2", FirstName: "Cher", CheckName: true, HiredAt: "2019-07-31T23:34:43.454Z",
	}
	tests := map[string]struct {
		hire hire
		want Joiner
	}{
		"the signed offer comes before the posting": {
			hire{opportunity: decode[lever.Opportunity](t, opportunity), posting: decode[lever.Posting](t, job), offer: decode[lever.Offer](t, signed)}, full,
		},
		"without an offer the posting tells": {
			hire{opportunity: decode[lever.Opportunity](t, opportunity), posting: decode[lever.Posting](t, job)}, noOffer,
		},
		"without a job the offer tells": {
			hire{opportunity: decode[lever.Opportunity](t, opportunity), offer: decode[lever.Offer](t, signed)}, noJob,
		},
		"with next to nothing": {
			hire{opportunity: decode[lever.Opportunity](t, `{"id":"o-1","contact":"c-2","name":"Cher","archived":{"archivedAt":1564616083454}}`)}, bare,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mapJoiner("acc", tt.hire); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("\n%+v\nwant\n%+v", got, tt.want)
			}
		})
	}
}

func TestThePhoneIsTheMobileOrElseTheFirst(t *testing.T) {
	for phones, want := range map[string]string{
		`[{"type":"home","value":"1"},{"type":"mobile","value":"2"}]`: "2",
		`[{"type":"home","value":"1"},{"type":"work","value":"3"}]`:   "1",
		`[{"value":"4"}]`:                  "4",
		`[{"type":"skype","value":"ada"}]`: "",
		`[]`:                               "",
	} {
		if got := phone(decode[lever.Opportunity](t, `{"phones":`+phones+`}`)); got != want {
			t.Errorf("phone of %s is %q, want %q", phones, got, want)
		}
	}
}

func TestTheFirstDocumentIsAHire(t *testing.T) {
	j := Joiner{HiredAt: "2019-07-31T23:34:43.454Z"}
	if d := tell(0, j); d.Type != "joiner.hired" || d.OccurredAt.UnixMilli() != 1564616083454 {
		t.Errorf("%+v", d)
	}
	if d := tell(1, j); d.Type != "joiner.changed" {
		t.Errorf("%+v", d)
	}
}
