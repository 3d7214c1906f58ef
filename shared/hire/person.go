package hire

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
)

// Person is somebody of the company. Where Lever has no user of them, ID and Email
// are empty.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

func personOf(u *lever.User) Person {
	if u == nil {
		return Person{}
	}
	return Person{ID: u.ID, Name: u.Name, Email: u.Email}
}

// readManagers finds whom offer and posting name. An offer's direct manager is a
// user's id, or in forms of the customer's own a name as text.
func (h *Hire) readManagers(ctx context.Context, account *catalog.Account) error {
	if h.Posting != nil {
		h.HiringManager = personOf(h.Posting.HiringManager.Object)
	}
	if h.Offer == nil {
		return nil
	}
	named := h.Offer.String("direct_manager")
	if named == "" || !lever.ValidID(named) {
		h.DirectManager = Person{Name: named}
		return nil
	}
	if u := h.met(named); u != nil {
		h.DirectManager = personOf(u)
		return nil
	}
	u, err := account.User(ctx, named)
	if err != nil && !lever.NotFound(err) {
		return fmt.Errorf("read manager: %w", err)
	}
	h.DirectManager = personOf(u)
	return nil
}

// met is a user that came with what was read already, nil if they are not among
// them: it saves a call.
func (h *Hire) met(id string) *lever.User {
	refs := []lever.Ref[lever.User]{h.Opportunity.Owner}
	if h.Posting != nil {
		refs = append(refs, h.Posting.HiringManager, h.Posting.Owner)
	}
	for _, r := range refs {
		if r.ID == id && r.Object != nil {
			return r.Object
		}
	}
	return nil
}

// Name is the name of who was hired. The contact's comes first: it is the person's
// in all their candidacies.
func (h *Hire) Name() Name {
	o := h.Opportunity
	if c := o.Contact.Object; c != nil {
		return SplitName(cmp.Or(strings.TrimSpace(c.Name), o.Name))
	}
	return SplitName(o.Name)
}

// Email is the first e-mail of who was hired, empty where Lever has none.
func (h *Hire) Email() string {
	emails := h.Opportunity.Emails
	if c := h.Opportunity.Contact.Object; c != nil && len(c.Emails) > 0 {
		emails = c.Emails
	}
	for _, e := range emails {
		if e = strings.TrimSpace(e); e != "" {
			return e
		}
	}
	return ""
}

// Phone is the first mobile number of who was hired, else the first number, as
// Lever's own export to HR systems takes it; empty where Lever has none.
func (h *Hire) Phone() string {
	numbers := h.Opportunity.Phones
	if c := h.Opportunity.Contact.Object; c != nil && len(c.Phones) > 0 {
		numbers = c.Phones
	}
	first := ""
	for _, p := range numbers {
		switch {
		case p.Type == "mobile":
			return p.Value
		case first == "" && p.Type != "skype":
			first = p.Value
		}
	}
	return first
}

// Name is a person's name in two parts.
type Name struct {
	First string
	Last  string
	// Check asks a person to look: Lever has one name, and where it is to be cut is
	// a guess when it has one word or more than two.
	Check bool
}

// SplitName cuts Lever's one name: the first word, and the rest, so that nothing is
// lost. "Last, First" is swapped.
func SplitName(name string) Name {
	if family, given, ok := strings.Cut(name, ","); ok && strings.TrimSpace(given) != "" {
		name = given + " " + family
	}
	words := strings.Fields(name)
	if len(words) == 0 {
		return Name{Check: true}
	}
	return Name{First: words[0], Last: strings.Join(words[1:], " "), Check: len(words) != 2}
}
