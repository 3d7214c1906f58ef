package account

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// told are the names of the events since the last call.
func (c *clock) told() []string {
	names := []string{}
	for _, e := range c.events {
		names = append(names, e.Name)
	}
	c.events = nil
	return names
}

func TestWhatACreationTells(t *testing.T) {
	a, c := newAccount(t)
	posting := a.postings.All()[0].ID
	tests := []struct {
		name  string
		draft Draft
		want  []string
	}{
		{"a new person", Draft{Name: "a", Emails: []string{"a@x.example"}}, []string{ContactCreated}},
		{"a known person", Draft{Emails: []string{"A@x.example "}}, []string{}},
		{"a known person on a posting", Draft{Emails: []string{"a@x.example"}, Posting: posting}, []string{ApplicationCreated}},
		{"a new person on a posting", Draft{Name: "b", Posting: posting}, []string{ContactCreated, ApplicationCreated}},
	}
	for _, tt := range tests {
		create(t, a, tt.draft)
		if got := c.told(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
	contact := a.byEmail["a@x.example"].ID
	create(t, a, Draft{Contact: contact, Emails: []string{"a@x.example"}})
	create(t, a, Draft{Contact: contact, Phones: []Phone{{Value: "1"}}})
	if got := c.told(); !slices.Equal(got, []string{ContactUpdated}) {
		t.Errorf("a contact with more data told %v", got)
	}
}

func TestWhatAnArchivingTells(t *testing.T) {
	a, c := newAccount(t)
	if _, err := a.AddReason("Hired abroad", Hired); err != nil {
		t.Fatal(err)
	}
	o := create(t, a, Draft{Name: "a"})
	c.told()
	steps := []struct {
		name string
		do   func() error
		want []string
	}{
		{
			"archived for another reason", func() error { return a.Archive(o, Removal{Reason: "Timing"}) },
			[]string{CandidateArchiveChange},
		},
		{
			"hired from the archive", func() error { return a.Archive(o, Removal{Reason: "Hired"}) },
			[]string{CandidateArchiveChange, CandidateHired},
		},
		{
			"hired for another hired reason", func() error { return a.Archive(o, Removal{Reason: "Hired abroad"}) },
			[]string{CandidateArchiveChange},
		},
		{"brought back", func() error { a.Unarchive(o); return nil }, []string{CandidateArchiveChange}},
		{"brought back again", func() error { a.Unarchive(o); return nil }, []string{}},
		{
			"hired once more", func() error { return a.Archive(o, Removal{Reason: "hired"}) },
			[]string{CandidateArchiveChange, CandidateHired},
		},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		if got := c.told(); !slices.Equal(got, step.want) {
			t.Errorf("%s: %v, want %v", step.name, got, step.want)
		}
	}
}

func TestARefusedCreationChangesNothing(t *testing.T) {
	a, c := newAccount(t)
	future := c.now.Add(time.Hour).UnixMilli()
	for name, d := range map[string]Draft{
		"a follower who is nobody":  {Name: "x", Followers: []string{"nobody"}},
		"a time to come":            {Name: "x", CreatedAt: future},
		"a stage that is not there": {Name: "x", Stage: "x"},
		"a source who is nobody":    {Name: "x", SourcedBy: "nobody"}, "an archive reason that is not there": {
			Name: "x", Archived: &Archived{Reason: "x"},
		},
	} {
		var refusal *Error
		if _, _, err := a.Create(d); !errors.As(err, &refusal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a.contacts.Len()+len(a.opportunities)+len(c.events) != 0 {
		t.Errorf("%d contacts, %d opportunities, %d events", a.contacts.Len(), len(a.opportunities), len(c.events))
	}
}

func TestAnIDIsKnownEvenWhenItsObjectIsGone(t *testing.T) {
	a, _ := newAccount(t)
	o := create(t, a, Draft{Name: "x", Posting: a.postings.All()[0].ID})
	ids := []string{o.ID, o.Contact.ID, o.Application.ID, a.users.All()[0].ID, a.postings.All()[0].ID, a.stages.All()[4].ID, a.reasons.All()[0].ID}
	a.Delete(o, "")
	for _, id := range ids {
		if !a.Knows(id) {
			t.Errorf("%s is not known", id)
		}
	}
	for _, id := range []string{"lead-new", "offer", "", "somebody"} {
		if a.Knows(id) {
			t.Errorf("%q is known", id)
		}
	}
}

func TestObjectsForExpand(t *testing.T) {
	a, _ := newAccount(t)
	o := create(t, a, Draft{Name: "x", Posting: a.postings.All()[0].ID})
	for name, id := range map[string]string{
		"a contact": o.Contact.ID, "an application": o.Application.ID, "a user": a.users.All()[0].ID, "a stage": "offer",
		"a posting": a.postings.All()[0].ID,
	} {
		if a.Object(id) == nil {
			t.Errorf("no object for %s", name)
		}
	}
	for _, id := range []string{"", "x", o.ID} {
		if object := a.Object(id); object != nil {
			t.Errorf("%q is %v", id, object)
		}
	}
}

func TestFieldsTakeWhatTheyOffer(t *testing.T) {
	choice := []Option{{"Go"}, {"Elm"}}
	tests := map[string]struct {
		field Field
		value any
		ok    bool
	}{
		"nothing":                      {Field{Type: "dropdown", Options: choice}, nil, true},
		"a choice":                     {Field{Type: "dropdown", Options: choice}, "Go", true},
		"another choice":               {Field{Type: "multiple-choice", Options: choice}, "Perl", false},
		"a number as choice":           {Field{Type: "dropdown", Options: choice}, 1, false},
		"several choices":              {Field{Type: "multiple-select", Options: choice}, []any{"Go", "Elm"}, true},
		"several, one of them unknown": {Field{Type: "multiple-select", Options: choice}, []any{"Go", "Perl"}, false},
		"yes":                          {Field{Type: "yes-no"}, "Yes", true},
		"true":                         {Field{Type: "yes-no"}, true, false},
		"any text":                     {Field{Type: "text"}, "x", true},
		"a score":                      {Field{Type: scoreSystem, Options: scores()}, "1 - Strong No Hire", true},
	}
	for name, tt := range tests {
		if got := tt.field.takes(tt.value); got != tt.ok {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestRangesAreInclusive(t *testing.T) {
	one, two := int64(1), int64(2)
	tests := map[string]struct {
		r    Range
		at   *int64
		want bool
	}{
		"open lets everything through":     {Range{}, &one, true},
		"open lets nothing at all through": {Range{}, nil, true},
		"closed stops what has no time":    {Range{From: &one}, nil, false},
		"the beginning belongs to it":      {Range{From: &one, To: &two}, &one, true},
		"the end belongs to it":            {Range{From: &one, To: &two}, &two, true},
		"before the beginning":             {Range{From: &two}, &one, false},
		"after the end":                    {Range{To: &one}, &two, false},
	}
	for name, tt := range tests {
		if got := tt.r.allows(tt.at); got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestRemovingLeavesTheOthers(t *testing.T) {
	list := []string{"a", "b", "c", "b"}
	if got := without(list, "b"); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("%v", got)
	}
	if list[2] != "" || list[3] != "" {
		t.Errorf("what is left over is not cleared: %v", list)
	}
}
