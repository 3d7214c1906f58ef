package account

import (
	"slices"
)

// Range is a span of time, inclusive at both ends. Nil ends are open; a range
// with an end lets nothing through that has no time.
type Range struct {
	From, To *int64
}

func (r Range) open() bool { return r.From == nil && r.To == nil }

func (r Range) allows(at *int64) bool {
	if r.open() {
		return true
	}
	return at != nil && (r.From == nil || *at >= *r.From) && (r.To == nil || *at <= *r.To)
}

// Allows reports whether the range lets a time through.
func (r Range) Allows(at int64) bool { return r.allows(&at) }

// Filter selects opportunities. Values of one member are alternatives, members
// all have to hold; empty members let everything through.
type Filter struct {
	Tags, Emails, Origins, Sources, Stages []string
	// Postings are the postings applied to, whether archived or not;
	// ArchivedPostings only those whose application is archived.
	Postings, ArchivedPostings           []string
	Reasons, Contacts, Locations         []string
	Archived, Snoozed                    *bool
	Created, Updated, Advanced, Archival Range
	// Confidential and NonConfidential say which of the two are seen.
	Confidential, NonConfidential bool
}

// compile is the filter as one test.
func (f Filter) compile(now int64) func(*Opportunity) bool {
	tests := f.tests(now)
	return func(o *Opportunity) bool {
		for _, ok := range tests {
			if !ok(o) {
				return false
			}
		}
		return true
	}
}

// tests are the members that restrict anything, so that a long list without
// filters costs nothing.
func (f Filter) tests(now int64) []func(*Opportunity) bool {
	tests := []func(*Opportunity) bool{func(o *Opportunity) bool {
		return o.Confidential && f.Confidential || !o.Confidential && f.NonConfidential
	}}
	values := func(allowed []string, of func(*Opportunity) []string) {
		if len(allowed) > 0 {
			tests = append(tests, func(o *Opportunity) bool { return overlap(allowed, of(o)) })
		}
	}
	values(f.Tags, func(o *Opportunity) []string { return o.Tags })
	values(canonicals(f.Emails), func(o *Opportunity) []string { return canonicals(o.Contact.Emails) })
	values(f.Origins, func(o *Opportunity) []string { return []string{o.Origin} })
	values(f.Sources, func(o *Opportunity) []string { return o.Sources })
	values(f.Stages, func(o *Opportunity) []string { return []string{o.stage.ID} })
	values(f.Contacts, func(o *Opportunity) []string { return []string{o.Contact.ID} })
	values(f.Reasons, func(o *Opportunity) []string { return o.reason() })
	values(f.Postings, func(o *Opportunity) []string { return o.posting(false) })
	values(f.ArchivedPostings, func(o *Opportunity) []string { return o.posting(true) })
	values(f.Locations, func(o *Opportunity) []string { return o.location() })
	return append(append(tests, f.flags(now)...), f.ranges()...)
}

func (f Filter) flags(now int64) (tests []func(*Opportunity) bool) {
	flag := func(want *bool, is func(*Opportunity) bool) {
		if want != nil {
			tests = append(tests, func(o *Opportunity) bool { return is(o) == *want })
		}
	}
	flag(f.Archived, func(o *Opportunity) bool { return o.Archived != nil })
	flag(f.Snoozed, func(o *Opportunity) bool { return o.SnoozedUntil != nil && *o.SnoozedUntil > now })
	return tests
}

func (f Filter) ranges() (tests []func(*Opportunity) bool) {
	within := func(r Range, of func(*Opportunity) *int64) {
		if !r.open() {
			tests = append(tests, func(o *Opportunity) bool { return r.allows(of(o)) })
		}
	}
	within(f.Created, func(o *Opportunity) *int64 { return &o.CreatedAt })
	within(f.Updated, func(o *Opportunity) *int64 { return o.UpdatedAt })
	within(f.Advanced, func(o *Opportunity) *int64 { return &o.LastAdvancedAt })
	within(f.Archival, func(o *Opportunity) *int64 {
		if o.Archived == nil {
			return nil
		}
		return &o.Archived.ArchivedAt
	})
	return tests
}

func (o *Opportunity) reason() []string {
	if o.Archived == nil {
		return nil
	}
	return []string{o.Archived.Reason}
}

func (o *Opportunity) posting(archivedOnly bool) []string {
	if o.Application == nil || archivedOnly && o.Application.Archived == nil {
		return nil
	}
	return []string{o.Application.Posting}
}

func (o *Opportunity) location() []string {
	if o.Application == nil {
		return nil
	}
	return []string{o.Application.location}
}

func overlap(allowed, have []string) bool {
	return slices.ContainsFunc(have, func(s string) bool { return slices.Contains(allowed, s) })
}

func canonicals(emails []string) []string {
	list := make([]string, len(emails))
	for i, e := range emails {
		list[i] = canonical(e)
	}
	return list
}
