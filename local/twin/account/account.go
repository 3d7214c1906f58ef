// Package account is one Lever account: people, their candidacies and what
// hangs on them, with the rules that Lever applies when they change. It knows
// nothing of HTTP and credentials; whoever calls has checked who may.
//
// An Account is not safe for concurrent use; package tenant locks it. Values
// that carry JSON tags have the shapes that Lever's API answers with. All times
// are milliseconds since 1970, UTC.
package account

import (
	"time"
)

// Config is what an account stands on. Every member is needed.
type Config struct {
	ID, Name string
	Now      func() time.Time
	// NewID makes the ids of everything in the account.
	NewID func() string
	// Emit takes what Lever would tell a webhook. It is called while the change
	// is made and must not call back.
	Emit func(Event)
	// Pages is where Lever's own pages are, such as https://hire.lever.co; API
	// is where its API is, without the version.
	Pages, API string
}

// Account is the state of one Lever account.
type Account struct {
	cfg Config
	ids map[string]struct{}

	users        []*User
	stages       []*Stage
	reasons      []*Reason
	postings     []*Posting
	templates    []*FeedbackTemplate
	forms        []*FormTemplate
	requisitions []*Requisition
	uploads      map[string]*Upload

	contacts      map[string]*Contact
	byEmail       map[string]*Contact
	opportunities map[string]*Opportunity
	applications  map[string]*Application
	order         []*Opportunity

	deletedOpportunities []*DeletedOpportunity
	deletedApplications  []DeletedApplication
	deletedPostings      []DeletedPosting
}

// New makes an account as a company finds it after Lever has set it up: the
// usual pipeline, archive reasons and postings, and three users.
func New(cfg Config) *Account {
	a := &Account{
		cfg: cfg, ids: map[string]struct{}{}, uploads: map[string]*Upload{},
		contacts: map[string]*Contact{}, byEmail: map[string]*Contact{},
		opportunities: map[string]*Opportunity{}, applications: map[string]*Application{},
	}
	a.furnish()
	return a
}

// ID is the account's id, the one in the claims of its access tokens.
func (a *Account) ID() string { return a.cfg.ID }

// Name is the company's name.
func (a *Account) Name() string { return a.cfg.Name }

// Knows reports whether id was ever given to an object of this account. Ids
// that all accounts share, such as lead-new, are nobody's.
func (a *Account) Knows(id string) bool {
	_, ok := a.ids[id]
	return ok
}

// newID makes an id and remembers it as this account's.
func (a *Account) newID() string {
	id := a.cfg.NewID()
	a.ids[id] = struct{}{}
	return id
}

func (a *Account) now() int64 { return a.cfg.Now().UnixMilli() }

// Object is the object with the id in the form that Lever's expand puts in the
// place of the id; nil when there is none. Opportunities and what hangs below
// them are not found this way, but for applications and contacts.
func (a *Account) Object(id string) any {
	if c, ok := a.contacts[id]; ok {
		return c.View()
	}
	if p, ok := a.applications[id]; ok {
		return p
	}
	if u := pick(a.users, id); u != nil {
		return u
	}
	if s := pick(a.stages, id); s != nil {
		return s
	}
	if p := pick(a.postings, id); p != nil {
		return a.PostingView(p)
	}
	return nil
}

// keyed is anything that has an id.
type keyed interface {
	comparable
	key() string
}

// pick is the element with the id, or the zero value.
func pick[T keyed](list []T, id string) (found T) {
	for _, x := range list {
		if x.key() == id {
			return x
		}
	}
	return found
}

// find is pick with Lever's refusal when there is none. kind is the name of the
// collection in paths.
func find[T keyed](list []T, kind, id string) (T, error) {
	found := pick(list, id)
	var none T
	if found == none {
		return none, NotFound(kind, id)
	}
	return found, nil
}

// without is list without x; list's memory is reused.
func without[T comparable](list []T, x T) []T {
	kept := list[:0]
	for _, y := range list {
		if y != x {
			kept = append(kept, y)
		}
	}
	var none T
	for i := len(kept); i < len(list); i++ {
		list[i] = none
	}
	return kept
}
