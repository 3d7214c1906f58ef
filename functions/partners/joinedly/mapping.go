package joinedly

import (
	"cmp"
	"strings"

	"fulcrum/shared/document"
	"fulcrum/shared/lever"
)

// mapJoiner is the joiner that a hire makes. Values of a signed offer come before
// those of the posting: they are what was agreed.
func mapJoiner(account string, h hire) Joiner {
	o, offer, job := h.opportunity, h.offer, h.posting
	if offer == nil {
		offer = &lever.Offer{}
	}
	if job == nil {
		job = &lever.Posting{}
	}
	first, last, check := splitName(personName(o))
	return Joiner{
		ID:             "lever:" + account + ":" + o.ID,
		OpportunityID:  o.ID,
		ContactID:      o.Contact.ID,
		FirstName:      first,
		LastName:       last,
		CheckName:      check,
		PersonalEmail:  firstOf(emails(o)),
		Phone:          phone(o),
		JobTitle:       cmp.Or(offer.String("job_title"), job.Text),
		StartDate:      offer.Date("anticipated_start_date"),
		EmploymentType: job.Categories.Commitment,
		Manager:        manager(job),
		Lever: Place{
			Location:   cmp.Or(offer.String("location/office"), job.Categories.Location),
			Team:       cmp.Or(job.Categories.Team, offer.String("team")),
			Department: job.Categories.Department,
		},
		HiredAt: document.Time(o.Archived.ArchivedAt.Time()),
	}
}

func personName(o *lever.Opportunity) string {
	if c := o.Contact.Object; c != nil && c.Name != "" {
		return c.Name
	}
	return o.Name
}

func emails(o *lever.Opportunity) []string {
	if c := o.Contact.Object; c != nil && len(c.Emails) > 0 {
		return c.Emails
	}
	return o.Emails
}

// phone is the first mobile number, else the first number, as Lever's own HRIS
// export takes it.
func phone(o *lever.Opportunity) string {
	numbers := o.Phones
	if c := o.Contact.Object; c != nil && len(c.Phones) > 0 {
		numbers = c.Phones
	}
	for _, p := range numbers {
		if p.Type == "mobile" {
			return p.Value
		}
	}
	for _, p := range numbers {
		if p.Type != "skype" {
			return p.Value
		}
	}
	return ""
}

func manager(job *lever.Posting) Manager {
	if u := job.HiringManager.Object; u != nil {
		return Manager{Name: u.Name, Email: u.Email}
	}
	return Manager{}
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// splitName cuts Lever's one name: the first word, and the rest, so that nothing
// is lost. "Last, First" is swapped. check asks for a person to look, where the
// name has one word or more than two.
func splitName(name string) (first, last string, check bool) {
	if family, given, ok := strings.Cut(name, ","); ok && strings.TrimSpace(given) != "" {
		name = given + " " + family
	}
	words := strings.Fields(name)
	if len(words) == 0 {
		return "", "", true
	}
	return words[0], strings.Join(words[1:], " "), len(words) != 2
}
