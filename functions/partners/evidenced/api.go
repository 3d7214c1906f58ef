package evidenced

import (
	"context"
	"net/http"

	"fulcrum/shared/action"
	"fulcrum/shared/api"
	"fulcrum/shared/store"
)

// Routes are Evidenced's part of /v1: read-only copies of what Lever has, and
// decisions on their way to Lever.
//
//	GET   /v1/evidenced/connections/{c}/jobs, …/candidates, …/users, …/interviews
//	PATCH /v1/evidenced/connections/{c}/{kind}/{id}, refused: it is managed in Lever
//	POST  /v1/evidenced/connections/{c}/decisions
//	GET   /v1/evidenced/connections/{c}/decisions/{d}
func Routes(table *store.Table, actions *action.Intake) api.Routes {
	const base = "/v1/evidenced/connections/{c}/"
	n := intake{table: table, actions: actions}
	return api.Routes{
		"GET " + base + "jobs":          copies(table, jobKind, func(s jobState) *Job { return s.Job }),
		"GET " + base + "candidates":    copies(table, candidateKind, func(s candidateState) *Candidate { return s.Candidate }),
		"GET " + base + "users":         copies(table, userKind, func(s userState) *User { return s.User }),
		"GET " + base + "interviews":    copies(table, interviewKind, func(s interviewState) *Interview { return s.Interview }),
		"PATCH " + base + "{kind}/{id}": api.Of(table, managed),
		"POST " + base + "decisions":    api.Of(table, n.take),
		"GET " + base + "decisions/{d}": api.Of(table, n.show),
	}
}

// copies lists what is known of a kind, in the order of the ids; what is gone is
// left out, so that a part of the list may be shorter than asked for.
func copies[S, T any](table *store.Table, kind string, of func(S) *T) api.Handler {
	return api.Of(table, func(ctx context.Context, r *api.Request, c store.Connection) (*api.Answer, error) {
		return api.Known(ctx, table, r, c, kind, func(_ store.Object, s S) *T { return of(s) })
	})
}

// managed refuses a change of what is synced.
func managed(_ context.Context, r *api.Request, _ store.Connection) (*api.Answer, error) {
	switch r.Path("kind") {
	case "jobs", "candidates", "users", "interviews":
		return nil, &api.Problem{Type: "managed-in-lever", Title: "Managed in Lever", Status: http.StatusConflict, Detail: "This is managed in Lever and read-only here. Change it in Lever."}
	}
	return nil, api.NotFound("There is no such thing.")
}
