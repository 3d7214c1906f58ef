package justworks

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"
	"time"

	"fulcrum/shared/hire"
	"fulcrum/shared/lever"
)

// decode reads JSON as Lever writes it.
func decode[T any](t *testing.T, text string) *T {
	t.Helper()
	v := new(T)
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
	return v
}

const candidacy = `{"id":"opp-1","name":"Ada Lovelace","emails":["ada@work.example"],
	"contact":{"id":"con-1","name":"Ada King","emails":["ada@home.example","ada@two.example"]},
	"archived":{"reason":"r-1","archivedAt":1628600000000}}`

const job = `{"id":"pos-1","text":"Account Manager","categories":{"commitment":"Part-time","department":"Revenue","location":"Los Angeles, CA","team":"Sales"}}`

// The shapes of offers that Lever has been seen to give: the form of an account as it
// stands, with null for what nobody filled in; and the older one of the API's
// documentation, with fewer fields, no top-level posting, and one of the customer's
// own.
const (
	wholeForm = `{"id":"off-1","posting":"pos-1","createdAt":1628542585029,"status":"signed","creator":"usr-1","fields":[
		{"text":"Job posting","identifier":"job_posting","value":"app-1"},
		{"text":"Job title","identifier":"job_title","value":"Senior Account Manager"},
		{"text":"Candidate name","identifier":"candidate_name","value":"Ada King"},
		{"text":"Team","identifier":"team","value":"Sales"},
		{"text":"Office location","identifier":"location/office","value":"Los Angeles, CA"},
		{"text":"Offered compensation amount","identifier":"salary_amount","value":5000},
		{"text":"Compensation currency","identifier":"compensation_currency","value":"USD"},
		{"text":"Type of earnings","identifier":"salary_interval","value":"per-month-salary"},
		{"text":"Today's date","identifier":"today_date","value":1628467200000},
		{"text":"Direct manager","identifier":"direct_manager","value":null},
		{"text":"Offered equity","identifier":"offered_equity","value":null},
		{"text":"Offer expiration date","identifier":"offer_expiration_date","value":null},
		{"text":"Anticipated start date","identifier":"anticipated_start_date","value":null},
		{"text":"Company signature 1","identifier":"company_signature_1","value":null},
		{"text":"Hiring manager","identifier":"hiring_manager","value":"usr-1"},
		{"text":"Candidate signature","identifier":"candidate_signature","value":null}],
		"signatures":{"candidate":{"role":"candidate","name":null,"email":null}},
		"approved":null,"approvedAt":null,"sentAt":null,"sentDocument":null,"signedDocument":null}`
	olderForm = `{"id":"off-2","createdAt":1475540115263,"status":"signed","creator":"usr-1","fields":[
		{"text":"Job posting","identifier":"job_posting","value":"pos-1"},
		{"text":"Job title","identifier":"job_title","value":"Back End Engineer"},
		{"text":"Requisition","identifier":"requisition","value":"req-1"},
		{"text":"Candidate name","identifier":"candidate_name","value":"Ada King"},
		{"text":"Offered compensation amount","identifier":"salary_amount","value":1319000},
		{"text":"Compensation currency","identifier":"compensation_currency","value":"USD"},
		{"text":"Type of earnings","identifier":"salary_interval","value":"per-year-salary"},
		{"text":"Hiring manager","identifier":"hiring_manager","value":"usr-1"},
		{"text":"Direct manager","identifier":"direct_manager","value":"usr-2"},
		{"text":"Anticipated start date","identifier":"anticipated_start_date","value":1628726400185},
		{"text":"equity","identifier":"custom_equity","value":12345}],
		"sentDocument":{"fileName":"letter.pdf","uploadedAt":1582910091572,"downloadUrl":"https://api.lever.co/v1/x?status=sent"},
		"signedDocument":{"fileName":"letter_signed.pdf","uploadedAt":1582910097572,"downloadUrl":"https://api.lever.co/v1/x?status=signed"}}`
	customForm = `{"id":"off-3","createdAt":1628542585029,"status":"signed","fields":[
		{"text":"Exemption Status","identifier":"custom_abc","value":"Non-Exempt"},
		{"text":"Type of worker","identifier":"custom_worker_type","value":"Intern"},
		{"text":"Offered compensation amount","identifier":"salary_amount","value":"31.5"},
		{"text":"Type of earnings","identifier":"salary_interval","value":"hour (wage)"},
		{"text":"Anticipated start date","identifier":"anticipated_start_date","value":"2021-08-01T00:00:00Z"}]}`
)

func sourceOf(t *testing.T, offer, posting string) source {
	t.Helper()
	h := &hire.Hire{Standing: hire.Hired, Opportunity: decode[lever.Opportunity](t, candidacy)}
	if offer != "" {
		h.Offer = decode[lever.Offer](t, offer)
		h.Offers = []lever.Offer{*h.Offer}
	}
	if posting != "" {
		h.Posting = decode[lever.Posting](t, posting)
	}
	s := source{Hire: h, roster: Roster{
		Offices:     []Place{{"o1", "Los Angeles, CA"}, {"o2", "NYC"}, {"o3", "NYC"}},
		Departments: []Place{{"d1", "Revenue"}, {"d2", "Sales"}},
		Members: []Member{
			{"m1", "Grace Hopper", []string{"grace@work.example"}, true}, {"m2", "Alan Turing", nil, true}, {"m3", "Alan Turing", nil, true},
			{"m4", "Kurt Gone", []string{"kurt@work.example"}, false}, {"m5", "Emmy Noether", nil, true},
		},
	}}
	s.settings = Settings{ExemptionField: "Exemption Status", MemberTypeField: "Worker type", MemberTypes: map[string]string{
		"Full-time": "Employee - Full Time", "Part-time": "Employee - Part Time", "Intern": "Employee - Paid Intern",
	}}
	return s
}

func TestEveryShapeOfOffersIsRead(t *testing.T) {
	unsigned := Reading{Reason: OfferNotCompleted}
	office := Reading{Value: "Los Angeles, CA", ID: "o1", Source: "offer.location/office"}
	revenue := Reading{Value: "Revenue", ID: "d1", Source: "posting.categories.department"}
	partTime := Reading{Value: "Employee - Part Time", Source: "posting.categories.commitment", Seen: "Part-time"}
	email := Reading{Value: "ada@home.example", Source: "contact.emails"}
	tests := map[string]struct {
		offer, posting string
		want           map[Name]Reading
	}{
		"the whole form, by the month": {wholeForm, job, map[Name]Reading{
			MemberType:         partTime,
			CompensationAmount: {Reason: UnsupportedEarnings, Seen: "5000 per-month-salary", Accepted: acceptedEarnings()},
			TypeOfEarnings:     {Reason: UnsupportedEarnings, Seen: "per-month-salary", Accepted: acceptedEarnings()},
			ExemptionStatus:    {Reason: NotInLever},
			FirstName:          {Value: "Ada", Source: "offer.candidate_name"},
			LastName:           {Value: "King", Source: "offer.candidate_name"},
			Title:              {Value: "Senior Account Manager", Source: "offer.job_title"},
			Manager:            {Reason: NotInLever},
			Department:         revenue,
			Office:             office,
			StartDate:          {Reason: NotInLever},
			HomeEmail:          email,
		}},
		"the older form, by the year": {olderForm, "", map[Name]Reading{
			MemberType:         {Reason: NoJob},
			CompensationAmount: {Value: "1319000.00", Source: "offer.salary_amount", Seen: "1319000"},
			TypeOfEarnings:     {Value: Salary, Source: "offer.salary_interval", Seen: "per-year-salary"},
			ExemptionStatus:    {Reason: NotInLever},
			FirstName:          {Value: "Ada", Source: "offer.candidate_name"},
			LastName:           {Value: "King", Source: "offer.candidate_name"},
			Title:              {Value: "Back End Engineer", Source: "offer.job_title"},
			Manager:            {Reason: NotInLever},
			Department:         {Reason: NoJob},
			Office:             {Reason: NoJob},
			StartDate:          {Value: "2021-08-12", Source: "offer.anticipated_start_date"},
			HomeEmail:          email,
		}},
		"fields of the customer's own, as texts": {customForm, job, map[Name]Reading{
			MemberType:         {Value: "Employee - Paid Intern", Source: "offer.custom_worker_type", Seen: "Intern"},
			CompensationAmount: {Value: "31.50", Source: "offer.salary_amount", Seen: "31.5"},
			TypeOfEarnings:     {Value: Wage, Source: "offer.salary_interval", Seen: "hour (wage)"},
			ExemptionStatus:    {Value: NonExempt, Source: "offer.custom_abc", Seen: "Non-Exempt"},
			FirstName:          {Value: "Ada", Source: "contact.name"},
			LastName:           {Value: "King", Source: "contact.name"},
			Title:              {Value: "Account Manager", Source: "posting.text"},
			Manager:            {Reason: NotInLever},
			Department:         revenue,
			Office:             {Value: "Los Angeles, CA", ID: "o1", Source: "posting.categories.location"},
			StartDate:          {Value: "2021-08-01", Source: "offer.anticipated_start_date", Warnings: []Reason{StartInThePast}},
			HomeEmail:          email,
		}},
		"no offer": {"", job, map[Name]Reading{
			MemberType: partTime, CompensationAmount: unsigned, TypeOfEarnings: unsigned, ExemptionStatus: unsigned,
			FirstName: {Value: "Ada", Source: "contact.name"}, LastName: {Value: "King", Source: "contact.name"},
			Title: {Value: "Account Manager", Source: "posting.text"}, Manager: unsigned, Department: revenue,
			Office: {Value: "Los Angeles, CA", ID: "o1", Source: "posting.categories.location"}, StartDate: unsigned, HomeEmail: email,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := sourceOf(t, tt.offer, tt.posting).readings()
			for _, n := range synced() {
				if !reflect.DeepEqual(got[n], tt.want[n]) {
					t.Errorf("%s is\n%+v, want\n%+v", n, got[n], tt.want[n])
				}
			}
			if len(got) != 12 {
				t.Errorf("%d fields", len(got))
			}
		})
	}
}

func TestOnlyTwoTypesOfEarningsAreTaken(t *testing.T) {
	for word, want := range map[string]string{
		"per-year-salary": Salary, "year (salary)": Salary, "Year (Salary)": Salary, "per-hour-wage": Wage, "hour (wage)": Wage,
		"per-month-salary": "", "per-week-salary": "", "per-day-wage": "", "per-hour-salary": "", "per-year-wage": "", "one-time": "",
		"bi-week-salary": "", "semi-month-salary": "", "hourly": "", "": "",
	} {
		if got := earnings(word); got != want {
			t.Errorf("%q is %q, want %q", word, got, want)
		}
	}
}

func TestAmountsAreDecimalToTheCent(t *testing.T) {
	tests := map[string]struct {
		amount string
		why    Reason
	}{
		"42.5": {"42.50", ""}, "42.50": {"42.50", ""}, "42.500": {"42.50", ""}, "110000": {"110000.00", ""}, "0.07": {"0.07", ""},
		"007.10": {"7.10", ""}, "999999999999.99": {"999999999999.99", ""}, "0.1": {"0.10", ""},
		// Floats would make 1.00 or 1.01 of these, and lose the cent of the last.
		"1.005": {"", FinerThanCents}, "42.501": {"", FinerThanCents}, "90071992547.409921": {"", FinerThanCents},
		"0": {"", ZeroAmount}, "0.00": {"", ZeroAmount}, "000": {"", ZeroAmount},
		"-1": {"", UnreadableAmount}, "1e5": {"", UnreadableAmount}, "1,000": {"", UnreadableAmount}, "$5": {"", UnreadableAmount}, "five": {"", UnreadableAmount},
		"": {"", UnreadableAmount}, ".5": {"", UnreadableAmount}, "5.": {"", UnreadableAmount}, "1.2.3": {"", UnreadableAmount}, "1.-2": {"", UnreadableAmount},
		"1000000000000": {"", UnreadableAmount}, "١٢": {"", UnreadableAmount},
	}
	for text, want := range tests {
		if amount, why := decimal(text); amount != want.amount || why != want.why {
			t.Errorf("%q is %q, %q; want %q, %q", text, amount, why, want.amount, want.why)
		}
	}
}

// offerWith is a signed offer with one field.
func offerWith(identifier, value string) string {
	return `{"id":"off","createdAt":1,"status":"signed","fields":[{"text":"x","identifier":"salary_interval","value":"per-year-salary"},` +
		`{"text":"Label of it","identifier":"` + identifier + `","value":` + value + `}]}`
}

func TestWhatAFieldMakesOfAValue(t *testing.T) {
	tests := map[string]struct {
		identifier, value string
		field             Name
		want              Reading
	}{
		"an amount in Lever's digits":   {"salary_amount", "42.50", CompensationAmount, Reading{Value: "42.50", Source: "offer.salary_amount"}},
		"no amount":                     {"salary_amount", "null", CompensationAmount, Reading{Reason: NotInLever}},
		"an amount that is none":        {"salary_amount", `"tbd"`, CompensationAmount, Reading{Reason: UnreadableAmount, Seen: "tbd"}},
		"an office with a blank more":   {"location/office", `"Los Angeles, CA "`, Office, Reading{Reason: OfficeUnmatched, Seen: "Los Angeles, CA ", Suggestion: "Los Angeles, CA"}},
		"an office that is there twice": {"location/office", `"NYC"`, Office, Reading{Reason: Ambiguous, Seen: "NYC"}},
		"somebody who works remotely":   {"location/office", `"Remote"`, Office, Reading{Value: "Remote", Source: "offer.location/office"}},
		"an exemption status unheard of": {"exemption_status", `"Partly"`, ExemptionStatus,
			Reading{Reason: UnknownExemption, Seen: "Partly", Accepted: []string{"Exempt", "Non-exempt"}}},
		"a member type unheard of":          {"worker_type", `"Gig"`, MemberType, Reading{Reason: UnknownMemberType, Seen: "Gig"}},
		"a member type in Justworks' words": {"worker_type", `"employee - paid intern"`, MemberType, Reading{Value: "Employee - Paid Intern", Source: "offer.worker_type", Seen: "employee - paid intern"}},
		"a start that is no date":           {"anticipated_start_date", `"soon"`, StartDate, Reading{Reason: UnreadableDate, Seen: "soon"}},
		"a start at midnight in UTC":        {"anticipated_start_date", "1628726400000", StartDate, Reading{Value: "2021-08-12", Source: "offer.anticipated_start_date"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := sourceOf(t, offerWith(tt.identifier, tt.value), job).readings()[tt.field]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, want\n%+v", got, tt.want)
			}
		})
	}
}

func TestAnAmountOfAnotherCurrencyIsFlagged(t *testing.T) {
	s := sourceOf(t, olderForm, job)
	for currency, flagged := range map[string]bool{`"EUR"`: true, `"usd"`: false, `null`: false} {
		i := slices.IndexFunc(s.Offer.Fields, func(f lever.OfferField) bool { return f.Identifier == "compensation_currency" })
		s.Offer.Fields[i].Value = json.RawMessage(currency)
		got := s.readings()[CompensationAmount]
		if got.Value != "1319000.00" || slices.Contains(got.Warnings, NotUSD) != flagged || flagged && got.Seen != "1319000 EUR" {
			t.Errorf("%s: %+v", currency, got)
		}
	}
}

func TestAManagerIsFoundByEmailAndElseByName(t *testing.T) {
	tests := map[string]struct {
		manager hire.Person
		want    Reading
	}{
		"by e-mail":                   {hire.Person{ID: "u", Name: "G. Hopper", Email: "GRACE@work.example"}, Reading{Value: "Grace Hopper", ID: "m1", Source: "offer.direct_manager", Seen: "G. Hopper"}},
		"by name":                     {hire.Person{ID: "u", Name: "Emmy Noether", Email: "emmy@other.example"}, Reading{Value: "Emmy Noether", ID: "m5", Source: "offer.direct_manager"}},
		"by a name that stands there": {hire.Person{Name: "Emmy Noether"}, Reading{Value: "Emmy Noether", ID: "m5", Source: "offer.direct_manager"}},
		"a name that two have":        {hire.Person{Name: "Alan Turing"}, Reading{Reason: Ambiguous, Seen: "Alan Turing"}},
		"a name that is nearly one":   {hire.Person{Name: "Emmy Noeter"}, Reading{Reason: ManagerUnmatched, Seen: "Emmy Noeter", Suggestion: "Emmy Noether"}},
		"who has left":                {hire.Person{Name: "Kurt Gone", Email: "kurt@work.example"}, Reading{Reason: ManagerUnmatched, Seen: "Kurt Gone"}},
		"nobody":                      {hire.Person{}, Reading{Reason: NotInLever}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := sourceOf(t, olderForm, job)
			s.DirectManager = tt.manager
			if got := s.readings()[Manager]; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%+v, want\n%+v", got, tt.want)
			}
		})
	}
}

func TestWithoutARosterNothingIsMatched(t *testing.T) {
	s := sourceOf(t, olderForm, job)
	s.roster, s.DirectManager = Roster{}, hire.Person{Name: "Emmy Noether"}
	got := s.readings()
	for n, seen := range map[Name]string{Office: "Los Angeles, CA", Department: "Revenue", Manager: "Emmy Noether"} {
		if want := (Reading{Reason: RosterMissing, Seen: seen}); !reflect.DeepEqual(got[n], want) {
			t.Errorf("%s is %+v", n, got[n])
		}
	}
}

func TestTheTeamStandsForADepartmentThatIsNotThere(t *testing.T) {
	s := sourceOf(t, "", job)
	s.Posting.Categories.Department = ""
	if got := s.readings()[Department]; got.Value != "Sales" || got.Source != "posting.categories.team" {
		t.Errorf("%+v", got)
	}
}

func TestExemptionThatDoesNotGoWithItsNeighboursIsFlagged(t *testing.T) {
	for _, tt := range []struct {
		status, kind, memberType string
		want                     []Reason
	}{
		{Exempt, Wage, "Employee - Full Time", []Reason{HourlyAndExempt}},
		{Exempt, Wage, "Employee - Paid Intern", []Reason{HourlyAndExempt, InternAndExempt}},
		{Exempt, Salary, "Employee - Full Time", nil},
		{NonExempt, Wage, "Employee - Paid Intern", nil},
	} {
		if got := exemptionWarnings(tt.status, tt.kind, tt.memberType); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}

func TestRemindersComeThreeWorkingDaysBeforeTheStart(t *testing.T) {
	for start, want := range map[string]string{
		"2026-12-04": "2026-12-01T15:00:00Z", // a Friday: the Tuesday before
		"2026-12-07": "2026-12-02T15:00:00Z", // a Monday: the Wednesday before
		"2026-12-06": "2026-12-02T15:00:00Z", // a Sunday
	} {
		h := PendingHire{Fields: map[Name]Field{StartDate: {Reading: Reading{Value: start}}}}
		at, ok := h.startReminder(Settings{ReminderDaysBeforeStart: 3})
		if !ok || at.Format(time.RFC3339) != want {
			t.Errorf("start %s: %s, %t", start, at.Format(time.RFC3339), ok)
		}
	}
	if _, ok := (PendingHire{}).startReminder(Settings{ReminderDaysBeforeStart: 3}); ok {
		t.Error("a reminder without a start date")
	}
}
