package justworks

import (
	"maps"
	"slices"
	"strings"

	"fulcrum/shared/document"
	"fulcrum/shared/hire"
	"fulcrum/shared/match"
)

// source is what the fields of a pending hire come from.
type source struct {
	*hire.Hire
	settings Settings
	roster   Roster
}

// remote is the one office that a company need not have.
const remote = "Remote"

// readings are the twelve fields as Lever has them. Of an offer counts what was
// agreed: values of one that is not completed are not looked at.
func (s source) readings() map[Name]Reading {
	all := map[Name]Reading{
		MemberType:      s.memberType(),
		ExemptionStatus: s.exemptionStatus(),
		Title:           s.title(),
		Manager:         s.manager(),
		Department:      s.department(),
		Office:          s.office(),
		StartDate:       s.startDate(),
		HomeEmail:       s.homeEmail(),
	}
	all[FirstName], all[LastName] = s.names()
	all[CompensationAmount], all[TypeOfEarnings] = s.pay()
	return all
}

// value is a reading of what was found, or of nothing because of a reason.
func value(found, source string, empty Reason) Reading {
	if found == "" {
		return Reading{Reason: empty}
	}
	return Reading{Value: found, Source: source}
}

// from notes what stands in Lever where the value is not the same text.
func (r Reading) from(said string) Reading {
	if said != r.Value {
		r.Seen = said
	}
	return r
}

// unplaced is why nothing is known that a posting would tell.
func (s source) unplaced() Reason {
	if s.Posting == nil {
		return NoJob
	}
	return NotInLever
}

// agreed is where a value comes from that the offer tells, else the posting.
func (s source) agreed(identifier, member string) string {
	if s.Offer != nil && s.Offer.String(identifier) != "" {
		return "offer." + identifier
	}
	return "posting." + member
}

// names are those in the offer, which is signed with them, else the contact's.
func (s source) names() (first, last Reading) {
	n, from := s.Name(), "contact.name"
	if s.Offer != nil {
		if signed := s.Offer.String("candidate_name"); signed != "" {
			n, from = hire.SplitName(signed), "offer.candidate_name"
		}
	}
	first, last = value(n.First, from, NotInLever), value(n.Last, from, NotInLever)
	if n.Check {
		first.Warnings, last.Warnings = []Reason{CheckName}, []Reason{CheckName}
	}
	return first, last
}

func (s source) title() Reading {
	return value(s.JobTitle(), s.agreed("job_title", "text"), s.unplaced())
}

// homeEmail is the person's, not the candidacy's where they differ.
func (s source) homeEmail() Reading { return value(s.Email(), "contact.emails", NotInLever) }

func (s source) startDate() Reading {
	if s.Offer == nil {
		return Reading{Reason: OfferNotCompleted}
	}
	const identifier = "anticipated_start_date"
	r := value(s.StartDate(), "offer."+identifier, NotInLever)
	if seen := s.Offer.String(identifier); r.Value == "" && seen != "" {
		return Reading{Reason: UnreadableDate, Seen: seen}
	}
	if r.Value != "" && r.Value < document.Time(s.HiredAt())[:len(r.Value)] {
		r.Warnings = []Reason{StartInThePast}
	}
	return r
}

// memberType is what the customer's table makes of the offer's own field, or of
// the posting's work type.
func (s source) memberType() Reading {
	said, from := s.custom(s.settings.MemberTypeField)
	if said == "" {
		said, from = s.Commitment(), "posting.categories.commitment"
	}
	if said == "" {
		return Reading{Reason: s.unplaced()}
	}
	for _, lever := range slices.Sorted(maps.Keys(s.settings.MemberTypes)) {
		if means := s.settings.MemberTypes[lever]; same(lever, said) || same(means, said) {
			return value(means, from, NotInLever).from(said)
		}
	}
	return Reading{Reason: UnknownMemberType, Seen: said}
}

// custom is the value of a field of the customer's own in the completed offer, by
// its label, or by the identifier that Lever makes of one: custom_worker_type.
func (s source) custom(label string) (said, from string) {
	if s.Offer == nil || spelled(label) == "" {
		return "", ""
	}
	for _, f := range s.Offer.Fields {
		if same(f.Text, label) || spelled(strings.TrimPrefix(f.Identifier, "custom_")) == spelled(label) {
			return s.Offer.String(f.Identifier), "offer." + f.Identifier
		}
	}
	return "", ""
}

// same reports whether two labels are the same word for people.
func same(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSpace(a)), strings.ToLower(strings.TrimSpace(b))
	return match.Equal(a, b)
}

func (s source) department() Reading {
	said, from := s.Department(), "posting.categories.department"
	if said == "" {
		said, from = s.Team(), "posting.categories.team"
		if s.Posting == nil || s.Posting.Categories.Team == "" {
			from = "offer.team"
		}
	}
	return s.place(said, from, s.roster.Departments, DepartmentUnmatched)
}

func (s source) office() Reading {
	said, from := s.Location(), s.agreed("location/office", "categories.location")
	r := s.place(said, from, s.roster.Offices, OfficeUnmatched)
	if r.Value == "" && said == remote {
		return Reading{Value: remote, Source: from}
	}
	return r
}

// place finds a name of Lever's among Justworks' own.
func (s source) place(said, from string, among []Place, unmatched Reason) Reading {
	switch {
	case said == "":
		return Reading{Reason: s.unplaced()}
	case s.roster.empty():
		return Reading{Reason: RosterMissing, Seen: said}
	}
	m := match.Find(said, namesOf(among))
	switch m.Kind {
	case match.Exact:
		return Reading{Value: among[m.Index].Name, ID: among[m.Index].ID, Source: from}.from(said)
	case match.Several:
		return Reading{Reason: Ambiguous, Seen: said}
	}
	return Reading{Reason: unmatched, Seen: said, Suggestion: m.Suggestion}
}

// manager is whom the offer names, as a member of the company: by e-mail, else by
// name.
func (s source) manager() Reading {
	const from = "offer.direct_manager"
	p := s.DirectManager
	switch {
	case s.Offer == nil:
		return Reading{Reason: OfferNotCompleted}
	case p == (hire.Person{}):
		return Reading{Reason: NotInLever}
	case s.roster.empty():
		return Reading{Reason: RosterMissing, Seen: p.Name}
	}
	if m, found := s.roster.withEmail(p.Email); found {
		return Reading{Value: m.Name, ID: m.ID, Source: from}.from(p.Name)
	}
	active := s.roster.active()
	named := match.Find(p.Name, memberNames(active))
	switch named.Kind {
	case match.Exact:
		return Reading{Value: active[named.Index].Name, ID: active[named.Index].ID, Source: from}.from(p.Name)
	case match.Several:
		return Reading{Reason: Ambiguous, Seen: p.Name}
	}
	return Reading{Reason: ManagerUnmatched, Seen: p.Name, Suggestion: named.Suggestion}
}

// notes are what else a reviewer should know.
func (s source) notes() []Reason {
	notes := []Reason{}
	for _, o := range s.Offers {
		if s.Offer != nil && o.CreatedAt > s.Offer.CreatedAt && o.Status != "denied" {
			return append(notes, NewerOffer)
		}
	}
	return notes
}
