package lever_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/desk"
	"fulcrum/shared/lever"
)

// crowd is an account with three candidates more: ann is tagged and has an offer,
// bo is hired, cy is confidential. Marit was not touched since Lever has updatedAt.
func crowd(t *testing.T) *world {
	t.Helper()
	w := twinWorld(t)
	acme := w.home.Account
	w.ids["manages"], w.ids["interns"] = w.home.Postings[1].ID, w.home.Postings[2].ID
	for _, c := range []desk.Candidate{
		{Name: "ann", Email: "Ann@Mail.example", Posting: w.id("manages"), Tags: []string{"red"}, Stage: "Offer"},
		{Name: "bo", Posting: w.id("interns")},
		{Name: "cy"},
	} {
		time.Sleep(time.Minute)
		added := w.candidate(c)
		w.ids[c.Name], w.ids[c.Name+"Contact"], w.ids[c.Name+"At"] = added.OpportunityID, added.ContactID, fmt.Sprint(time.Now().UnixMilli())
	}
	time.Sleep(time.Minute)
	_, err := w.twin.Hire(acme, w.id("bo"), "")
	w.check(err)
	w.ids["hiredAt"] = fmt.Sprint(time.Now().UnixMilli())
	_, err = w.twin.ChangeOpportunity(acme, w.id("cy"), confidential())
	w.check(err)
	_, err = w.twin.ChangeOpportunity(acme, w.id("opportunity"), account.OpportunityFields{ForgetUpdate: true})
	w.check(err)
	return w
}

// filtered is a filter and who passes it.
type filtered[F any] struct {
	filter F
	want   string
}

// exercised fails unless some case sets each field of the filter, but for those
// that are tested elsewhere.
func exercised[F any](t *testing.T, tests map[string]filtered[F], elsewhere ...string) {
	t.Helper()
	for field := range reflect.TypeFor[F]().Fields() {
		set := slices.Contains(elsewhere, field.Name)
		for _, tt := range tests {
			set = set || !reflect.ValueOf(tt.filter).FieldByIndex(field.Index).IsZero()
		}
		if !set {
			t.Errorf("no case sets %s", field.Name)
		}
	}
}

// sameWords reports whether the names are those that want has.
func sameWords(names []string, want string) bool {
	slices.Sort(names)
	return slices.Equal(names, slices.Sorted(strings.FieldsSeq(want)))
}

func TestOpportunityFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := crowd(t)
		type f = lever.OpportunityFilter
		tests := map[string]filtered[f]{
			"nothing leaves out the confidential":       {f{}, "marit ann bo"},
			"archived":                                  {f{Archived: "true"}, "bo"},
			"not archived":                              {f{Archived: "false"}, "marit ann"},
			"a posting or another":                      {f{Postings: []string{w.id("manages"), w.id("interns")}}, "ann bo"},
			"a stage whose id is a word":                {f{Stages: []string{"offer"}}, "ann"},
			"a stage or another":                        {f{Stages: []string{"offer", "lead-reached-out"}}, "ann marit"},
			"a person":                                  {f{Contacts: []string{w.id("boContact")}}, "bo"},
			"an archive reason":                         {f{Reasons: []string{w.id("hired")}}, "bo"},
			"a tag or another":                          {f{Tags: []string{"red", "green"}}, "ann"},
			"an address in any case":                    {f{Email: "ann@mail.example"}, "ann"},
			"the confidential alone":                    {f{Confidentiality: lever.Confidential}, "cy"},
			"all":                                       {f{Confidentiality: "all"}, "marit ann bo cy"},
			"created since":                             {f{CreatedAfter: w.ms("boAt")}, "bo"},
			"created until":                             {f{CreatedUntil: w.ms("annAt")}, "marit ann"},
			"created between, both ends counted in":     {f{CreatedAfter: w.ms("annAt"), CreatedUntil: w.ms("boAt")}, "ann bo"},
			"created between, ends just missed":         {f{CreatedAfter: w.ms("annAt") + 1, CreatedUntil: w.ms("boAt") - 1}, ""},
			"updated since leaves out what has no time": {f{UpdatedAfter: 1}, "ann bo"},
			"updated at that very moment":               {f{UpdatedAfter: w.ms("hiredAt"), UpdatedUntil: w.ms("hiredAt")}, "bo"},
			"archived since and until":                  {f{ArchivedAfter: w.ms("hiredAt"), ArchivedUntil: w.ms("hiredAt")}, "bo"},
			"archived later":                            {f{ArchivedAfter: w.ms("hiredAt") + 1}, ""},
			"several at once all have to hold":          {f{Tags: []string{"red"}, Archived: "true"}, ""},
			"objects in the place of ids":               {f{Expand: []string{"stage", "contact"}}, "marit ann bo"},
		}
		exercised(t, tests, "Offset")
		for name, tt := range tests {
			found, err := lever.Collect(w.client.Opportunities(t.Context(), tt.filter))
			var names []string
			for _, o := range found {
				names = append(names, strings.ToLower(strings.Fields(o.Name)[0]))
				if expanded := o.Stage.Object != nil && o.Contact.Object != nil; expanded != (tt.filter.Expand != nil) {
					t.Errorf("%s: expanded %v", name, expanded)
				}
			}
			if err != nil || !sameWords(names, tt.want) {
				t.Errorf("%s: %v, want %s (%v)", name, names, tt.want, err)
			}
		}
	})
}

func TestAWalkGoesOnWhereAnotherLeftIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := twinWorld(t)
		for range 104 {
			w.candidate(desk.Candidate{Name: "one of many"})
		}
		var next string
		for page, err := range w.client.OpportunityPages(t.Context(), lever.OpportunityFilter{}) {
			w.check(err)
			if next = page.Next; len(page.Items) != 100 {
				t.Errorf("%d items on the first page", len(page.Items))
			}
			break
		}
		rest, err := lever.Collect(w.client.Opportunities(t.Context(), lever.OpportunityFilter{Offset: next}))
		if err != nil || len(rest) != 5 {
			t.Errorf("%d items behind the first page, %v", len(rest), err)
		}
		time.Sleep(2 * time.Hour)
		all, err := lever.Collect(w.client.Opportunities(t.Context(), lever.OpportunityFilter{Offset: next}))
		if err != nil || len(all) != 105 {
			t.Errorf("%d items when Lever has forgotten the offset, %v; want all anew", len(all), err)
		}
	})
}

func TestPostingFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := twinWorld(t)
		time.Sleep(time.Minute)
		now, draft, secret, open := fmt.Sprint(time.Now().UnixMilli()), "draft", "confidential", "published"
		w.ids["changedAt"] = now
		for _, p := range []account.PostingFields{{Text: &draft, State: &draft}, {Text: &secret, State: &open, Confidentiality: &secret}} {
			_, err := w.twin.AddPosting(w.home.Account, desk.Posting{PostingFields: p})
			w.check(err)
		}
		type f = lever.PostingFilter
		tests := map[string]filtered[f]{
			"nothing leaves out the confidential": {f{}, "backend account support draft"},
			"a state":                             {f{State: lever.PostingDraft}, "draft"},
			"the confidential alone":              {f{Confidentiality: lever.Confidential}, "confidential"},
			"updated since":                       {f{UpdatedAfter: w.ms("changedAt")}, "draft"},
			"updated until":                       {f{UpdatedUntil: w.ms("changedAt") - 1}, "backend account support"},
			"times with confidentiality":          {f{UpdatedAfter: w.ms("changedAt"), Confidentiality: "all"}, "draft confidential"},
			"objects in the place of ids":         {f{State: lever.PostingPublished, Expand: []string{"owner"}}, "backend account support"},
		}
		exercised(t, tests)
		for name, tt := range tests {
			found, err := lever.Collect(w.client.Postings(t.Context(), tt.filter))
			var names []string
			for _, p := range found {
				names = append(names, strings.ToLower(strings.Fields(p.Text)[0]))
				if expanded := p.Owner.Object != nil && p.Owner.Object.Email != ""; expanded != (tt.filter.Expand != nil) {
					t.Errorf("%s: expanded %v", name, expanded)
				}
			}
			if err != nil || !sameWords(names, tt.want) {
				t.Errorf("%s: %v, want %s (%v)", name, names, tt.want, err)
			}
		}
		if _, err := lever.Collect(w.client.Postings(t.Context(), f{State: "draft", UpdatedAfter: 1})); lever.StatusOf(err) != 400 || lever.Retryable(err) {
			t.Errorf("times with a state: %v", err)
		}
	})
}

func TestUserFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := twinWorld(t)
		gone := true
		_, err := w.twin.ChangeUser(w.home.Account, w.id("manager"), desk.Person{Deactivated: &gone})
		w.check(err)
		type f = lever.UserFilter
		tests := map[string]filtered[f]{
			"nothing leaves out who is gone": {f{}, "olive ines"},
			"who is gone too":                {f{Deactivated: true}, "olive ruben ines"},
			"an address":                     {f{Email: "ines@acme.example"}, "ines"},
			"an address of who is gone":      {f{Email: "ruben@acme.example"}, ""},
		}
		exercised(t, tests)
		for name, tt := range tests {
			found, err := lever.Collect(w.client.Users(t.Context(), tt.filter))
			var names []string
			for _, u := range found {
				names = append(names, u.Username)
			}
			if err != nil || !sameWords(names, tt.want) {
				t.Errorf("%s: %v, want %s (%v)", name, names, tt.want, err)
			}
		}
	})
}
