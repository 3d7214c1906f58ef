package account

import (
	"encoding/json"
	"slices"
)

// Phone is a phone number; types seen at Lever are mobile, home, work, other
// and skype.
type Phone struct {
	Type  string `json:"type,omitempty"`
	Value string `json:"value"`
}

// Contact is a person; all candidacies of the person share it.
type Contact struct {
	ID         string
	Name       string   `json:",omitzero"`
	Headline   string   `json:",omitzero"`
	Location   string   `json:",omitzero"`
	Emails     []string `json:",omitzero"`
	Links      []string `json:",omitzero"`
	Phones     []Phone  `json:",omitzero"`
	Anonymized bool     `json:",omitzero"`
	// Consent is Lever's dataProtection member as the contact shows it; nil is
	// left out.
	Consent json.RawMessage `json:",omitzero"`

	opportunities []*Opportunity
}

// ContactView is a contact in Lever's shape.
type ContactView struct {
	ID             string          `json:"id"`
	Name           string          `json:"name"`
	Headline       string          `json:"headline"`
	IsAnonymized   bool            `json:"isAnonymized"`
	Location       Location        `json:"location"`
	Emails         []string        `json:"emails"`
	Phones         []Phone         `json:"phones"`
	DataProtection json.RawMessage `json:"dataProtection,omitempty"`
}

// Location is the object that contacts have where opportunities have a string.
type Location struct {
	Name string `json:"name"`
}

// ContactWritten is a contact as the answer to PUT shows it, with fewer members.
type ContactWritten struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Headline string   `json:"headline"`
	Location Location `json:"location"`
	Emails   []string `json:"emails"`
	Phones   []Phone  `json:"phones"`
}

// Written is the contact as the answer to PUT shows it.
func (c *Contact) Written() ContactWritten {
	v := c.View()
	return ContactWritten{
		ID: v.ID, Name: v.Name, Headline: v.Headline, Location: v.Location, Emails: v.Emails, Phones: v.Phones,
	}
}

// View is the contact in Lever's shape.
func (c *Contact) View() ContactView {
	return ContactView{
		ID: c.ID, Name: c.Name, Headline: c.Headline, IsAnonymized: c.Anonymized, Location: Location{c.Location},
		Emails: full(c.Emails), Phones: full(c.Phones), DataProtection: c.Consent,
	}
}

// full turns a nil slice into an empty one, which JSON prints as [].
func full[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Contact is the contact with the id.
func (a *Account) Contact(id string) (*Contact, error) {
	return found(a.contacts.Take(id), "contacts", id)
}

// Confidential reports whether every candidacy of the contact is confidential.
func (c *Contact) Confidential() bool {
	return len(c.opportunities) > 0 && !slices.ContainsFunc(c.opportunities, func(o *Opportunity) bool { return !o.Confidential })
}

// ContactFields are changes of a contact; nil members stay as they are.
type ContactFields struct {
	Name     *string   `json:"name"`
	Headline *string   `json:"headline"`
	Location *string   `json:"location"`
	Emails   *[]string `json:"emails"`
	Phones   *[]Phone  `json:"phones"`
}

// ChangeContact changes a person's data. Anonymised contacts refuse.
func (a *Account) ChangeContact(id string, f ContactFields) (*Contact, error) {
	c, err := a.Contact(id)
	if err != nil {
		return nil, err
	}
	if c.Anonymized {
		return nil, Invalid("contact %s is anonymized and cannot be changed", id)
	}
	set(&c.Name, f.Name)
	set(&c.Headline, f.Headline)
	set(&c.Location, f.Location)
	set(&c.Phones, f.Phones)
	if f.Emails != nil {
		a.setEmails(c, *f.Emails)
	}
	a.contactChanged(c)
	return c, nil
}

// set copies *from to *to unless from is nil.
func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// contactChanged marks the contact's candidacies as updated and tells webhooks.
func (a *Account) contactChanged(c *Contact) {
	for _, o := range c.opportunities {
		a.touch(o)
	}
	a.tellContact(ContactUpdated, c)
}

// setEmails replaces the addresses by which the contact is found again.
func (a *Account) setEmails(c *Contact, emails []string) {
	for _, e := range c.Emails {
		if a.byEmail[canonical(e)] == c {
			delete(a.byEmail, canonical(e))
		}
	}
	c.Emails = emails
	for _, e := range emails {
		if a.byEmail[canonical(e)] == nil {
			a.byEmail[canonical(e)] = c
		}
	}
}

// match is the contact that a new candidacy belongs to: the one with the id if
// there is one, else the first that has one of the addresses, else nil.
func (a *Account) match(id string, emails []string) (*Contact, error) {
	if id != "" {
		return a.Contact(id)
	}
	for _, e := range emails {
		if c := a.byEmail[canonical(e)]; c != nil {
			return a.Contact(c.ID)
		}
	}
	return nil, nil
}

// extend adds addresses, numbers and links that a known contact does not have.
func (a *Account) extend(c *Contact, d Draft) {
	before := len(c.Emails) + len(c.Phones) + len(c.Links)
	a.setEmails(c, union(c.Emails, d.Emails))
	for _, p := range d.Phones {
		if !slices.ContainsFunc(c.Phones, func(q Phone) bool { return q.Value == p.Value }) {
			c.Phones = append(c.Phones, p)
		}
	}
	c.Links = union(c.Links, d.Links)
	if len(c.Emails)+len(c.Phones)+len(c.Links) > before {
		a.contactChanged(c)
	}
}

// union is list with those of more that it lacks; list itself stays as it is.
func union(list, more []string) []string {
	all := slices.Clone(list)
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// minus is list without the elements of less; list itself stays as it is.
func minus(list, less []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(less, s) })
}
