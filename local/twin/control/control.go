// Package control is the twin's control API under /_twin: what people do in
// Lever's pages, as calls, and what a test wants to know and to break.
//
// Bodies are JSON objects; members that are not known are refused. An error is
// {"code", "message"} with 400 for what is wrong in the call, 404 for what is not
// there. Lists are arrays, oldest first. What a body and an answer hold is in the
// type that is named; a call without one takes no body or an empty one.
//
//	POST /accounts                    desk.NewAccount → desk.Summary
//	GET  /accounts                    []desk.Summary
//	GET  /{account}                   desk.Summary
//	POST /{account}/seed              {count}
//	GET  /{account}/requests          []tenant.Request; GET /requests: those of no account
//	GET  /{account}/deliveries        []hook.Attempt
//	GET  /violations                  []tenant.Violation
//	POST GET DELETE /faults           api.Fault
//
//	POST /{account}/candidates        desk.Candidate → desk.Added
//	GET PUT …/opportunities/{id}      account.OpportunityView, account.OpportunityFields
//	POST …/opportunities/{id}/{act}   {stage}, {reason}, {posting} or {requisition} → desk.Added;
//	                                  act is stage, archive, unarchive, hire, delete, anonymize, apply
//	POST PUT …/offers[/{offer}]       account.OfferFields → account.Offer
//	POST PUT DELETE …/interviews[/{}] desk.Interview → account.Interview
//	POST …/resumes, …/files           desk.Upload → account.Resume, account.File
//	POST …/notes                      account.NoteFields → account.Note
//	POST PUT …/feedback[/{feedback}]  account.Filling with user → account.Feedback
//	PUT  /{account}/contacts/{id}     account.ContactFields → account.ContactView
//
//	POST PUT /{account}/users[/{}]    desk.Person → account.User
//	POST PUT DELETE …/postings[/{}]   desk.Posting → account.Posting
//	POST PUT DELETE …/stages[/{}]     {text, before}, {text}, {moveTo} → account.Stage
//	POST PUT DELETE …/archive-reasons[/{}]  {text, type, status} → account.Reason
//	POST …/requisitions               account.Requisition
//	POST …/feedback-templates         account.TemplateFields → account.FeedbackTemplate
//
//	POST GET /apps                    oauth.App
//	POST DELETE /{account}/keys[/{}]  desk.NewKey → tenant.Key
//	POST /{account}/revoke            {clientId}; none is all apps
//	POST /{account}/expire-tokens
//	POST /{account}/settings          desk.Settings
//	POST /{account}/switches          {event: true or false}
//	POST GET DELETE …/webhooks[/{}]   desk.NewWebhook → desk.Webhook
//	POST …/webhooks/{id}/verify       hook.Attempt, when the receiver has answered
//	POST …/webhooks/{id}/regenerate   desk.Webhook
//	POST …/webhooks/{id}/rerun        {delivery}; none is the last one → hook.Attempt
package control

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"fulcrum/local/twin/account"
	"fulcrum/local/twin/api"
	"fulcrum/local/twin/desk"
)

// Prefix begins every path of the control API.
const Prefix = "/_twin"

// maxBody is the size of a body up to which it is read: a file in base64.
const maxBody = account.MaxFile*4/3 + 1<<20

// Control answers the calls.
type Control struct {
	desk   *desk.Desk
	faults *api.Faults
	mux    *http.ServeMux
}

// handler does a call and says what to answer.
type handler func(*http.Request) (any, error)

// New makes the control API over the desk.
func New(d *desk.Desk, faults *api.Faults) *Control {
	c := &Control{desk: d, faults: faults, mux: http.NewServeMux()}
	for _, routes := range []map[string]handler{c.general(), c.people(), c.candidates(), c.records(), c.connections()} {
		for pattern, h := range routes {
			method, path, _ := cut(pattern)
			c.mux.Handle(method+" "+Prefix+path, answering(method, h))
		}
	}
	c.mux.Handle(Prefix+"/", answering("", func(r *http.Request) (any, error) {
		return nil, &account.Error{
			Status: http.StatusNotFound, Code: "ResourceNotFound",
			Message: r.Method + " " + r.URL.Path + " does not exist",
		}
	}))
	return c
}

// cut splits a pattern such as "POST /accounts".
func cut(pattern string) (method, path string, ok bool) {
	for i := range pattern {
		if pattern[i] == ' ' {
			return pattern[:i], pattern[i+1:], true
		}
	}
	return "", pattern, false
}

// ServeHTTP answers one call.
func (c *Control) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.mux.ServeHTTP(w, r) }

// answering prints what the handler answers: 201 for something new, 204 for
// nothing, else 200.
func answering(method string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		object, err := h(r)
		status := http.StatusOK
		if made, ok := object.(created); ok {
			status, object = http.StatusCreated, made.object
		}
		var refusal *account.Error
		switch {
		case errors.As(err, &refusal):
			status, object = refusal.Status, refusal
		case err != nil:
			status, object = http.StatusInternalServerError, account.Error{Code: "InternalServerError", Message: err.Error()}
		case object == nil:
			w.WriteHeader(http.StatusNoContent)
			return
		}
		write(w, status, object)
	})
}

func write(w http.ResponseWriter, status int, object any) {
	text, err := json.Marshal(object)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(append(text, '\n'))
}

// created marks an answer as something new.
type created struct{ object any }

func made[T any](object T, err error) (any, error) { return created{object}, err }

// plain is an answer as it is.
func plain[T any](object T, err error) (any, error) { return object, err }

// body reads a JSON object; an empty body is an empty object.
func body[T any](r *http.Request) (into T, err error) {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	switch err := dec.Decode(&into); {
	case errors.Is(err, io.EOF):
		return into, nil
	case err != nil:
		return into, account.Invalid("the body: %v", err)
	}
	if dec.More() {
		return into, account.Invalid("the body: more than one JSON object")
	}
	return into, nil
}

// with reads a body and does something with it.
func with[T any](do func(r *http.Request, in T) (any, error)) handler {
	return func(r *http.Request) (any, error) {
		in, err := body[T](r)
		if err != nil {
			return nil, err
		}
		return do(r, in)
	}
}

// acc, opp and the like are the ids in a path.
func acc(r *http.Request) string { return r.PathValue("account") }
func opp(r *http.Request) string { return r.PathValue("opportunity") }
func id(r *http.Request) string  { return r.PathValue("id") }

func (c *Control) general() map[string]handler {
	d := c.desk
	return map[string]handler{
		"POST /accounts": with(func(_ *http.Request, in desk.NewAccount) (any, error) { return made(d.CreateAccount(in)) }),
		"GET /accounts":  func(*http.Request) (any, error) { return d.Accounts(), nil },
		"GET /{account}": func(r *http.Request) (any, error) { return plain(d.Summary(acc(r))) },
		"POST /{account}/seed": with(func(r *http.Request, in struct {
			Count int `json:"count"`
		}) (any, error) {
			return nil, d.Seed(acc(r), in.Count)
		}),
		"GET /violations":           func(*http.Request) (any, error) { return list(d.Violations()), nil },
		"GET /requests":             func(*http.Request) (any, error) { return d.Requests("") },
		"GET /{account}/requests":   func(r *http.Request) (any, error) { return d.Requests(acc(r)) },
		"GET /{account}/deliveries": func(r *http.Request) (any, error) { return d.Deliveries(acc(r)) },
		"GET /faults":               func(*http.Request) (any, error) { return c.faults.List(), nil },
		"DELETE /faults": func(*http.Request) (any, error) {
			c.faults.Heal()
			return nil, nil
		},
		"POST /faults": func(r *http.Request) (any, error) {
			in, err := faultBody(r)
			if err != nil {
				return nil, err
			}
			return made(in, c.faults.Inject(in))
		},
	}
}

// faultBody reads a fault, which hits one call unless it says otherwise.
func faultBody(r *http.Request) (api.Fault, error) {
	in, err := body[struct {
		api.Fault
		Times *int `json:"times"`
	}](r)
	if err != nil {
		return api.Fault{}, err
	}
	in.Fault.Times = 1
	if in.Times != nil {
		in.Fault.Times = *in.Times
	}
	return in.Fault, nil
}

// list turns a nil slice into an empty array.
func list[T any](l []T) []T {
	if l == nil {
		return []T{}
	}
	return l
}
