// Package twin is a Lever on one machine, in memory, for development and tests:
// the Data API under /v1, OAuth under /authorize and /oauth/token, webhooks, and
// what people do in Lever's pages, as calls under /_twin and as a page at /.
//
// It is built from what is known of Lever, not from what a client needs. Where
// nothing is known (the pauses between retries, a receiver's time to answer, the
// life of paging tokens, what becomes of used refresh tokens) it has an option
// with a default.
//
// With Options.Store it keeps its state: whatever a call answered with success is
// there after kill -9, deliveries that are still to be tried included. Faults,
// rates, paging tokens and the record of requests end with the process.
//
// It needs no socket: any caller of an http.Handler can use it, and deliveries
// go out through Options.Client. A twin that is made inside a testing/synctest
// bubble runs in the bubble's time.
package twin

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"fulcrum/local/keep"
	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/control"
	"fulcrum/local/twin/desk"
	"fulcrum/local/twin/hook"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/page"
	"fulcrum/local/twin/random"
	"fulcrum/local/twin/shelf"
	"fulcrum/local/twin/tenant"
)

// Options are what a test or the runner may choose. The zero Options are a twin
// that behaves as Lever is known to, or as it is most likely to.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Client sends deliveries; nil is one of its own. Its CheckRedirect is not
	// used: Lever follows no redirect.
	Client *http.Client
	// Random is where ids, keys and tokens come from; nil is the system's
	// randomness. A seeded source repeats them.
	Random io.Reader
	// BaseURL is where the twin is reached. It stands in addresses of uploads and
	// offers, and with /v1/ behind it, it is an audience.
	// Empty is https://api.lever.co.
	BaseURL string
	// RetryPauses are waited between the attempts of a delivery. Lever tries five
	// times again, with growing pauses that it does not publish; nil is 1 s, 5 s,
	// 30 s, 2 min, 10 min. An empty slice never tries again.
	RetryPauses []time.Duration
	// HookTimeout is how long a receiver may take to answer. Lever's is not
	// published; 0 is 5 s.
	HookTimeout time.Duration
	// OffsetLife is how long a paging token can be used. Lever's is not published;
	// 0 is an hour.
	OffsetLife time.Duration
	// RotateRefresh says what becomes of used refresh tokens; empty is strict. The
	// control API changes it for single accounts.
	RotateRefresh oauth.Rotation
	// Rate is how many requests a second one credential has, Burst how many at
	// once; 0 is Lever's 10 and 20.
	Rate, Burst float64
	// Region stands in the header x-lever-region; empty is global.
	Region string
	// Sandbox gives issuer, audience and pages of Lever's sandbox.
	Sandbox bool
	// Store keeps the twin's state; nil or a zero one keeps nothing. It is closed
	// after the twin, by who has opened it. It cannot be used with Random: a seeded
	// source would give once more the ids that the store has.
	Store *keep.Store
}

func (o Options) complete() Options {
	if o.Sandbox {
		set(&o.BaseURL, "https://api.sandbox.lever.co")
	}
	set(&o.BaseURL, "https://api.lever.co")
	set(&o.HookTimeout, 5*time.Second)
	set(&o.OffsetLife, time.Hour)
	set(&o.Rate, 10)
	set(&o.Burst, 20)
	set(&o.Region, "global")
	o.BaseURL = strings.TrimSuffix(o.BaseURL, "/")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Transport: &http.Transport{IdleConnTimeout: idleTime}}
	}
	if o.RetryPauses == nil {
		o.RetryPauses = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	}
	return o
}

// idleTime is how long a connection to a receiver is kept for the next delivery.
const idleTime = 10 * time.Second

// set sets *to to the default unless it holds something.
func set[T comparable](to *T, standard T) {
	var zero T
	if *to == zero {
		*to = standard
	}
}

// Twin is a Lever. The desk's methods are what people do in it. It is safe for
// concurrent use.
type Twin struct {
	*desk.Desk
	api    *api.API
	faults *api.Faults
	jobs   *hook.Jobs
	mux    *http.ServeMux
	// own is the client that nobody else uses; nil when one was given.
	own *http.Client
}

// New makes a twin that has what its store has, and goes on with the deliveries
// that are still to be tried. It has to be closed. It is an error when the store
// cannot be read.
func New(o Options) (*Twin, error) {
	if o.Random != nil && shelf.Keeps(o.Store) {
		return nil, errors.New("twin: Random and Store cannot be used together")
	}
	given := o.Client
	o = o.complete()
	t := &Twin{jobs: hook.NewJobs()}
	if given == nil {
		t.own = o.Client
	}
	source := random.New(o.Random)
	tenants, err := tenant.NewRegistry(tenantConfig(o, source, t.jobs))
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("twin: %w", err)
	}
	server, err := oauth.New(oauthConfig(o, source, tenants))
	if err != nil {
		t.Close()
		return nil, fmt.Errorf("twin: %w", err)
	}
	t.Desk = desk.New(tenants, server)
	t.serve(o, tenants, server)
	tenants.Resume()
	return t, nil
}

// serve puts the twin's doors over what it has.
func (t *Twin) serve(o Options, tenants *tenant.Registry, server *oauth.Server) {
	t.faults = api.NewFaults(t.jobs.Done())
	t.api = api.New(api.Config{
		Now: o.Now, Tenants: tenants, OAuth: server, Faults: t.faults, OffsetLife: o.OffsetLife, Rate: o.Rate,
		Burst: o.Burst, Region: o.Region,
	})
	t.mux = http.NewServeMux()
	t.mux.Handle("POST /oauth/token", t.faults.Handler(http.HandlerFunc(server.ServeToken)))
	t.mux.Handle("/authorize", t.faults.Handler(http.HandlerFunc(server.ServeAuthorize)))
	t.mux.Handle(control.Prefix+"/", control.New(t.Desk, t.faults))
	t.mux.Handle("/", page.New(t.Desk))
}

func tenantConfig(o Options, source *random.Source, jobs *hook.Jobs) tenant.Config {
	c := tenant.Config{
		Now: o.Now, Random: source, Pages: "https://hire.lever.co", API: o.BaseURL, Store: o.Store,
		Hook: hook.Config{
			Client: o.Client, Now: o.Now, Random: source, Pauses: o.RetryPauses, Timeout: o.HookTimeout, Jobs: jobs,
		},
	}
	if o.Sandbox {
		c.Pages = "https://hire.sandbox.lever.co"
	}
	return c
}

func oauthConfig(o Options, source *random.Source, tenants *tenant.Registry) oauth.Config {
	c := oauth.Config{
		Now: o.Now, Random: source, Rotation: o.RotateRefresh, Issuer: "https://auth.lever.co/",
		Audiences: []string{o.BaseURL + api.Prefix + "/", "https://api.lever.co/v1/"},
		Account:   consenter(tenants), Store: o.Store,
		Accounts: func() (ids []string) {
			for _, t := range tenants.All() {
				ids = append(ids, t.ID())
			}
			return ids
		},
	}
	if o.Sandbox {
		c.Issuer, c.Audiences[1] = "https://sandbox-lever.auth0.com/", "https://api.sandbox.lever.co/v1/"
	}
	return c
}

// consenter finds an account and the super admin who consents for it.
func consenter(tenants *tenant.Registry) func(string) (string, string, error) {
	return func(id string) (name, superAdmin string, err error) {
		t, err := tenants.Find(id)
		if err != nil {
			return "", "", err
		}
		err = t.Do(func(a *account.Account) error {
			superAdmin = a.SuperAdmin()
			return nil
		})
		return t.Name(), superAdmin, err
	}
}

// ServeHTTP answers one call.
func (t *Twin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The mux would redirect an unclean path; Lever's API knows no such path.
	if r.URL.Path == api.Prefix || strings.HasPrefix(r.URL.Path, api.Prefix+"/") {
		t.api.ServeHTTP(w, r)
		return
	}
	t.mux.ServeHTTP(w, r)
}

// Close stops deliveries that are under way and waits for them to end.
func (t *Twin) Close() {
	t.jobs.Close()
	if t.own != nil {
		t.own.CloseIdleConnections()
	}
}

// Inject makes the next calls that match fail; see api.Fault.
func (t *Twin) Inject(f api.Fault) error { return t.faults.Inject(f) }

// Heal removes all faults.
func (t *Twin) Heal() { t.faults.Heal() }
