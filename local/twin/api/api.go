// Package api is Lever's Data API, version 1, over the accounts of package
// tenant: credentials, rights, rate, faults, paths, and the shapes of answers.
package api

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"time"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/oauth"
	"fulcrum/local/twin/tenant"
)

// Prefix begins every path of the API.
const Prefix = "/v1"

// Config is what the API stands on. Every member is needed but Region.
type Config struct {
	Now     func() time.Time
	Tenants *tenant.Registry
	OAuth   *oauth.Server
	Faults  *Faults
	// OffsetLife is how long a paging token can be used.
	OffsetLife time.Duration
	// Rate is the steady number of requests a second of one credential, Burst
	// how many may come at once.
	Rate, Burst float64
	// Region stands in the header of every answer.
	Region string
}

// API answers the calls. It is safe for concurrent use.
type API struct {
	cfg     Config
	routes  routes
	buckets *buckets
	offsets *offsets
}

// New makes the API.
func New(cfg Config) *API {
	return &API{
		cfg: cfg, routes: newRoutes(),
		buckets: &buckets{rate: cfg.Rate, burst: cfg.Burst, list: map[string]*bucket{}},
		offsets: &offsets{life: cfg.OffsetLife, issued: map[string]time.Time{}},
	}
}

// answer is an answer before it goes out.
type answer struct {
	status int
	// body is printed as JSON unless raw is there; nil is no body.
	body any
	raw  *download
}

type download struct {
	name    string
	content []byte
}

// ServeHTTP answers one call.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := a.read(r)
	fault := a.cfg.Faults.take(r.Method+" "+r.URL.Path, c.accountID())
	fault.wait(a.cfg.Faults.closed)
	status, body, header := fault.answer()
	if status == 0 {
		status, body, header = a.run(c)
	}
	a.record(c, status, body, fault.Hits())
	if fault.DropAnswer {
		cut()
	}
	header.Set("X-Lever-Region", a.cfg.Region)
	header.Set("Server", "lever-data-api")
	for name := range header {
		w.Header().Set(name, header.Get(name))
	}
	w.WriteHeader(status)
	w.Write(body)
}

// run does the call and prints its answer.
func (a *API) run(c *call) (int, []byte, http.Header) {
	var status int
	var body []byte
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	err := a.admit(c)
	if err == nil {
		err = c.tenant.Do(func(acc *account.Account) error {
			c.account = acc
			ans, err := c.route.serve(c)
			if err != nil {
				return err
			}
			status, body, err = ans.print(header)
			return err
		})
	}
	if err != nil {
		return refuse(err, header)
	}
	return status, body, header
}

func (ans answer) print(header http.Header) (int, []byte, error) {
	switch {
	case ans.raw != nil:
		header.Set("Content-Type", "application/octet-stream")
		header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": ans.raw.name}))
		return http.StatusOK, ans.raw.content, nil
	case ans.body == nil:
		header.Del("Content-Type")
		return ans.status, nil, nil
	}
	body, err := json.Marshal(ans.body)
	return ans.status, body, err
}

// refuse prints an error in Lever's shape.
func refuse(err error, header http.Header) (int, []byte, http.Header) {
	var e *account.Error
	if !errors.As(err, &e) {
		e = &account.Error{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()}
	}
	body, err := json.Marshal(e)
	if err != nil {
		body = []byte(`{"code":"InternalServerError","message":""}`)
	}
	return e.Status, body, header
}

func (a *API) record(c *call, status int, body []byte, fault bool) {
	entry := tenant.Request{
		At: a.cfg.Now().UnixMilli(), Method: c.http.Method, Path: c.http.URL.Path, Query: c.http.URL.RawQuery,
		Body: c.text(), Credential: c.who.id, PerformAs: c.query.Get("perform_as"), Status: status, Fault: fault,
	}
	if status >= http.StatusBadRequest {
		var e account.Error
		// A body that is no error has no code to record.
		if json.Unmarshal(body, &e) == nil {
			entry.Code = e.Code
		}
	}
	if c.tenant == nil {
		a.cfg.Tenants.Stray().Add(entry)
		return
	}
	c.tenant.Log.Add(entry)
}
