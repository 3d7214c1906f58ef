// Package account is one Lever account: people, their candidacies and what
// hangs on them, with the rules that Lever applies when they change. It knows
// nothing of HTTP and credentials; whoever calls has checked who may.
//
// An Account is not safe for concurrent use; package tenant locks it. Values
// that carry JSON tags have the shapes that Lever's API answers with. All times
// are milliseconds since 1970, UTC.
//
// What an account keeps stands on shelves, from which it is saved when an act is
// over. An object that is handed out singly may be changed; lists are for reading.
package account

import (
	"time"

	"fulcrum/local/twin/shelf"
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
	// Rack is where the account's objects are kept. It is the account's own.
	Rack *shelf.Rack
}

// Account is the state of one Lever account.
type Account struct {
	cfg Config
	ids *shelf.IDs

	users        *shelf.Row[User]
	stages       *shelf.Row[Stage]
	reasons      *shelf.Row[Reason]
	postings     *shelf.Row[Posting]
	templates    *shelf.Row[FeedbackTemplate]
	forms        *shelf.Row[FormTemplate]
	requisitions *shelf.Row[Requisition]
	uploads      *shelf.Shelf[Upload]
	contents     *shelf.Shelf[content]
	// contacts are people with all that hangs on them.
	contacts *shelf.Shelf[Contact]

	deletedOpportunities *shelf.Shelf[DeletedOpportunity]
	deletedApplications  *shelf.Shelf[DeletedApplication]
	deletedPostings      *shelf.Shelf[DeletedPosting]

	// What follows finds what the contacts hold.
	byEmail       map[string]*Contact
	opportunities map[string]*Opportunity
	applications  map[string]*Application
	order         []*Opportunity
}

// New makes an account as a company finds it after Lever has set it up: the
// usual pipeline, archive reasons and postings, and three users.
func New(cfg Config) *Account {
	a := build(cfg)
	a.furnish()
	return a
}

// Open is the account as it was saved.
func Open(cfg Config) (*Account, error) {
	a := build(cfg)
	err := cfg.Rack.Load()
	a.sort()
	return a, err
}

// ID is the account's id, the one in the claims of its access tokens.
func (a *Account) ID() string { return a.cfg.ID }

// Name is the company's name.
func (a *Account) Name() string { return a.cfg.Name }

// Knows reports whether id was ever given to an object of this account. Ids
// that all accounts share, such as lead-new, are nobody's.
func (a *Account) Knows(id string) bool { return a.ids.Know(id) }

// newID makes an id and remembers it as this account's.
func (a *Account) newID() string { return a.give(a.cfg.NewID()) }

func (a *Account) give(id string) string {
	a.ids.Give(id)
	return id
}

// SuperAdmin is the user in whose name things are done unless another is named:
// the first super admin.
func (a *Account) SuperAdmin() string {
	for _, u := range a.Users(UserFilter{Roles: []string{"super admin"}}) {
		return u.ID
	}
	return ""
}

func (a *Account) now() int64 { return a.cfg.Now().UnixMilli() }

// Object is the object with the id in the form that Lever's expand puts in the
// place of the id, for reading; nil when there is none. Opportunities and what
// hangs below them are not found this way, but for applications and contacts.
func (a *Account) Object(id string) any {
	if c := a.contacts.See(id); c != nil {
		return c.View()
	}
	if p, ok := a.applications[id]; ok {
		return p
	}
	if u := a.users.See(id); u != nil {
		return u
	}
	if s := a.stages.See(id); s != nil {
		return s
	}
	if p := a.postings.See(id); p != nil {
		return a.PostingView(p)
	}
	return nil
}

// found is what was taken from a shelf, or Lever's refusal when there was nothing.
// kind is the name of the collection in paths.
func found[T any](x *T, kind, id string) (*T, error) {
	if x == nil {
		return nil, NotFound(kind, id)
	}
	return x, nil
}

// keyed is anything in a list that has an id.
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

// find is pick with Lever's refusal when there is none.
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
