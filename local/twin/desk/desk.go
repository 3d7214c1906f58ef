// Package desk does what people do in Lever's own pages: they add candidates,
// move and hire them, write offers, schedule interviews, switch webhooks on,
// hand out API keys and take apps their access away. The control API, the page
// and Go tests all come through here.
//
// Whatever a method returns is a copy that the account no longer shares.
package desk

import (
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/tenant"
)

// Desk is where people sit. It is safe for concurrent use.
type Desk struct {
	tenants *tenant.Registry
	oauth   *oauth.Server
}

// New opens the desk over accounts and apps.
func New(tenants *tenant.Registry, server *oauth.Server) *Desk {
	return &Desk{tenants: tenants, oauth: server}
}

// in does something in an account.
func in[T any](d *Desk, accountID string, do func(*account.Account) (T, error)) (result T, err error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return result, err
	}
	err = t.Do(func(a *account.Account) error {
		result, err = do(a)
		return err
	})
	return result, err
}

// on does something with a candidacy.
func on[T any](d *Desk, accountID, opportunityID string, do func(*account.Account, *account.Opportunity) (T, error)) (T, error) {
	return in(d, accountID, func(a *account.Account) (none T, err error) {
		o, err := a.Opportunity(opportunityID)
		if err != nil {
			return none, err
		}
		return do(a, o)
	})
}

// copied is the object itself instead of the account's pointer to it.
func copied[T any](object *T, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return *object, nil
}

// none is the result of an act that has none.
type none = struct{}

// NewAccount is an account to create. Id and key are made up unless they are
// given.
type NewAccount struct {
	ID     string `json:"account"`
	Name   string `json:"name"`
	APIKey string `json:"apiKey"`
}

// Summary is what there is in an account.
type Summary struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	// APIKey is the account's first key with all rights; empty when it has none.
	APIKey        string                `json:"apiKey"`
	Users         []account.User        `json:"users"`
	Stages        []account.Stage       `json:"stages"`
	Reasons       []account.Reason      `json:"archiveReasons"`
	Postings      []PostingSummary      `json:"postings"`
	Opportunities int                   `json:"opportunities"`
	Webhooks      []Webhook             `json:"webhooks"`
	Switches      map[string]bool       `json:"switches"`
	Apps          []oauth.Grant         `json:"authorizedApps"`
	Requisitions  []account.Requisition `json:"requisitions"`
	// Requests and Attempts count calls of the API and requests to webhooks.
	Requests int `json:"requests"`
	Attempts int `json:"attempts"`
}

// PostingSummary is a posting in a few words.
type PostingSummary struct {
	ID            string  `json:"id"`
	Text          string  `json:"text"`
	State         string  `json:"state"`
	Team          string  `json:"team"`
	Location      string  `json:"location"`
	Owner         *string `json:"owner"`
	HiringManager *string `json:"hiringManager"`
}

// CreateAccount adds a furnished account with an API key that may do everything.
func (d *Desk) CreateAccount(n NewAccount) (Summary, error) {
	if n.Name == "" {
		n.Name = "Company"
	}
	t, err := d.tenants.Create(n.ID, n.Name, tenant.Key{Name: "All", Secret: n.APIKey, Confidential: true})
	if err != nil {
		return Summary{}, err
	}
	return d.Summary(t.ID())
}

// Summary is what there is in the account.
func (d *Desk) Summary(accountID string) (Summary, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return Summary{}, err
	}
	s := Summary{
		Account: t.ID(), Name: t.Name(), Webhooks: webhooks(t.Hooks), Switches: t.Hooks.Switches(), Apps: d.oauth.Grants(t.ID()),
		Requests: t.Log.Count(), Attempts: t.Hooks.Attempts(), Postings: []PostingSummary{},
	}
	for _, k := range d.tenants.Keys(t.ID()) {
		if k.May("*") && s.APIKey == "" {
			s.APIKey = k.Secret
		}
	}
	err = t.Do(func(a *account.Account) error {
		s.Opportunities = a.Opportunities()
		s.Users, s.Stages, s.Reasons = values(
			a.Users(account.UserFilter{Deactivated: true}),
		), values(a.Stages()), values(a.Reasons(""))
		s.Requisitions = values(a.Requisitions(account.RequisitionFilter{Confidential: true, NonConfidential: true}))
		for _, p := range a.Postings(account.PostingFilter{Confidential: true, NonConfidential: true}) {
			s.Postings = append(s.Postings, PostingSummary{
				ID: p.ID, Text: p.Text, State: p.State, Team: p.Categories.Team, Location: p.Categories.Location,
				Owner: p.Owner, HiringManager: p.HiringManager,
			})
		}
		return nil
	})
	return s, err
}

func values[T any](pointers []*T) []T {
	list := make([]T, len(pointers))
	for i, p := range pointers {
		list[i] = *p
	}
	return list
}

// Accounts are all accounts, oldest first.
func (d *Desk) Accounts() []Summary {
	list := []Summary{}
	for _, t := range d.tenants.All() {
		if s, err := d.Summary(t.ID()); err == nil {
			list = append(list, s)
		}
	}
	return list
}

// Seed adds n candidacies without telling webhooks; see account.Seed.
func (d *Desk) Seed(accountID string, n int) error {
	if n < 0 {
		return account.Invalid("count is not negative")
	}
	_, err := in(d, accountID, func(a *account.Account) (none, error) {
		a.Seed(n)
		return none{}, nil
	})
	return err
}

// Requests is what was asked of the API for the account, oldest first. The
// empty account is those requests that belong to none.
func (d *Desk) Requests(accountID string) ([]tenant.Request, error) {
	if accountID == "" {
		return d.tenants.Stray().List(), nil
	}
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return nil, err
	}
	return t.Log.List(), nil
}

// Calls is how many requests there were for the account.
func (d *Desk) Calls(accountID string) int {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return 0
	}
	return t.Log.Count()
}

// Deliveries is what was sent to the account's webhooks, attempt by attempt,
// oldest first.
func (d *Desk) Deliveries(accountID string) ([]hook.Attempt, error) {
	t, err := d.tenants.Find(accountID)
	if err != nil {
		return nil, err
	}
	return t.Hooks.History(), nil
}

// Violations are all calls that asked for an object of another account.
func (d *Desk) Violations() []tenant.Violation { return d.tenants.Violations() }
