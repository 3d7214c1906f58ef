package justworks

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/mail"
	"strings"

	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// rosterKind and rosterID are the place of the one roster of a connection among its
// objects.
const (
	rosterKind = "roster"
	rosterID   = "roster"
)

// Roster is what a customer has in Justworks, as Justworks gave it: who gets the
// mails, and whom and what names in Lever mean.
type Roster struct {
	Admins      []Admin  `json:"admins"`
	Offices     []Place  `json:"offices"`
	Departments []Place  `json:"departments"`
	Members     []Member `json:"members"`
}

// Admin is an admin of the company.
type Admin struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	// ManageEmployees is the permission to review and to invite.
	ManageEmployees bool `json:"manageEmployees"`
}

// Place is an office or a department.
type Place struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Member is somebody who works for the company, or did.
type Member struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Emails are those at work and at home.
	Emails []string `json:"emails"`
	Active bool     `json:"active"`
}

// has reports whether an e-mail is the member's.
func (m Member) has(email string) bool {
	for _, e := range m.Emails {
		if email != "" && strings.EqualFold(strings.TrimSpace(e), strings.TrimSpace(email)) {
			return true
		}
	}
	return false
}

// empty reports whether the roster says nothing, as one that was never given.
func (r Roster) empty() bool {
	return len(r.Admins)+len(r.Offices)+len(r.Departments)+len(r.Members) == 0
}

// reviewers are the admins who may review and invite: those who get the mails.
func (r Roster) reviewers() []Admin {
	var all []Admin
	for _, a := range r.Admins {
		if a.ManageEmployees {
			all = append(all, a)
		}
	}
	return all
}

func (r Roster) active() []Member {
	var all []Member
	for _, m := range r.Members {
		if m.Active {
			all = append(all, m)
		}
	}
	return all
}

// withEmail is the active member with that e-mail.
func (r Roster) withEmail(email string) (Member, bool) {
	for _, m := range r.active() {
		if m.has(email) {
			return m, true
		}
	}
	return Member{}, false
}

func namesOf(places []Place) []string {
	var all []string
	for _, p := range places {
		all = append(all, p.Name)
	}
	return all
}

func memberNames(members []Member) []string {
	var all []string
	for _, m := range members {
		all = append(all, m.Name)
	}
	return all
}

// Known is who of the company has a hire's e-mail, or was invited with the same
// contact in Lever.
type Known struct {
	// Reason is already_a_member, possible_rehire or invited_before.
	Reason Reason `json:"reason"`
	// MemberID is Justworks', PendingHireID that of the other hire.
	MemberID      string `json:"memberId,omitempty"`
	PendingHireID string `json:"pendingHireId,omitempty"`
}

// known is the member who has one of the e-mails: one who is active before one who
// has left, nil for nobody.
func (r Roster) known(emails ...string) *Known {
	var former *Known
	for _, m := range r.Members {
		for _, e := range emails {
			switch {
			case !m.has(e):
			case m.Active:
				return &Known{Reason: AlreadyMember, MemberID: m.ID}
			case former == nil:
				former = &Known{Reason: PossibleRehire, MemberID: m.ID}
			}
		}
	}
	return former
}

const (
	// maxText is the length of an id, a name or an e-mail, in bytes.
	maxText = 254
	// maxRoster is the length of a packed roster in bytes: it is one item of the
	// table, which takes 400 KB. Some five thousand members fit.
	maxRoster = 280 << 10
)

// check says what is wrong with a roster, by member; nothing for nothing. That two
// offices have one name is the customer's affair, that two have one id is not.
func (r Roster) check() map[string]string {
	wrong := flaws{}
	for i, a := range r.Admins {
		at := fmt.Sprintf("admins[%d]", i)
		wrong.need("admins", at, a.ID, a.Email)
		wrong.email(at+".email", a.Email)
	}
	for i, p := range r.Offices {
		wrong.need("offices", fmt.Sprintf("offices[%d]", i), p.ID, p.Name)
	}
	for i, p := range r.Departments {
		wrong.need("departments", fmt.Sprintf("departments[%d]", i), p.ID, p.Name)
	}
	for i, m := range r.Members {
		at := fmt.Sprintf("members[%d]", i)
		wrong.need("members", at, m.ID, m.Name)
		for j, e := range m.Emails {
			wrong.email(fmt.Sprintf("%s.emails[%d]", at, j), e)
		}
	}
	return wrong.found
}

// flaws are what is wrong with a roster, and the ids that were seen.
type flaws struct{ found, seen map[string]string }

func (f *flaws) need(list, at, id, name string) {
	if f.seen == nil {
		f.found, f.seen = map[string]string{}, map[string]string{}
	}
	key := list + " " + id
	switch {
	case id == "" || name == "":
		f.found[at] = "needs an id and a name, an admin an id and an e-mail"
	case len(id) > maxText || len(name) > maxText:
		f.found[at] = fmt.Sprintf("has an id or a name longer than %d bytes", maxText)
	case f.seen[key] != "":
		f.found[at] = "has the id of another"
	}
	f.seen[key] = at
}

func (f *flaws) email(at, address string) {
	if !isEmail(address) {
		f.found[at] = "has to be an e-mail address"
	}
}

// isEmail reports whether s is one bare e-mail address.
func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxText
}

// packed is a roster as the table has it: compressed, to fit into one item.
type packed struct {
	Gzip []byte `json:"gzip"`
}

// roster is the connection's roster, and its object.
func roster(ctx context.Context, w *partner.Work) (store.Object, Roster, error) {
	var p packed
	var r Roster
	o, err := w.Object(ctx, rosterKind, rosterID, &p)
	if err != nil || o.Revision == 0 {
		return o, r, err
	}
	unzip, err := gzip.NewReader(bytes.NewReader(p.Gzip))
	if err != nil {
		return o, r, fmt.Errorf("roster: %w", err)
	}
	text, err := io.ReadAll(unzip)
	if err != nil {
		return o, r, fmt.Errorf("roster: %w", err)
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return o, r, fmt.Errorf("roster: %w", err)
	}
	return o, r, nil
}

// pack compresses a roster. The same roster is the same bytes.
func (r Roster) pack() (packed, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return packed{}, fmt.Errorf("roster: %w", err)
	}
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return packed{}, fmt.Errorf("roster: %w", err)
	}
	if _, err := zip.Write(text); err != nil {
		return packed{}, fmt.Errorf("roster: %w", err)
	}
	if err := zip.Close(); err != nil {
		return packed{}, fmt.Errorf("roster: %w", err)
	}
	return packed{Gzip: out.Bytes()}, nil
}
