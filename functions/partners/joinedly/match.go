package joinedly

import (
	"context"
	"errors"

	"fulcrum/shared/api"
	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/match"
	"fulcrum/shared/rate"
	"fulcrum/shared/store"
)

// Report says how the names on both sides match.
type Report struct {
	Offices Matches `json:"offices"`
	Teams   Matches `json:"teams"`
}

// Matches are the names of both sides, each with what it meets on the other.
type Matches struct {
	Lever    []match.Named `json:"lever"`
	Joinedly []match.Named `json:"joinedly"`
}

// match shows the locations and teams of Lever's postings beside Joinedly's offices
// and teams. Lever has no list of either, so that what no posting names is not
// among them.
func (a *API) match(ctx context.Context, _ *api.Request, c store.Connection) (*api.Answer, error) {
	w := a.work(c)
	s, err := settings(ctx, w)
	if err != nil {
		return nil, err
	}
	_, d, err := directory(ctx, w)
	if err != nil {
		return nil, err
	}
	postings, err := a.postings(ctx, c, s)
	if err != nil {
		return nil, err
	}
	return api.OK(Report{Offices: d.offices(s).report(match.Locations(postings)), Teams: d.teams(s).report(match.Teams(postings))})
}

// postings are the customer's postings as they are now: whoever looks has just
// changed something in Lever, or is about to.
func (a *API) postings(ctx context.Context, c store.Connection, s Settings) ([]lever.Posting, error) {
	client, err := a.clients.Client(ctx, c, rate.Interactive)
	if err != nil {
		return nil, unreachable(err)
	}
	seen := ""
	if s.IncludeConfidential {
		seen = "all"
	}
	all, err := a.known.Of(c.ID, client).Since(a.now().Add(-recent)).Postings(ctx, seen)
	return all, unreachable(err)
}

// unreachable makes a problem of what only the customer can mend.
func unreachable(err error) error {
	if _, parks := fault.Parks(err); parks {
		return api.Conflict("Lever does not take this connection's credential. Reconnect it first.")
	}
	if lever.Forbidden(err) {
		return api.Conflict("This connection may not read postings in Lever.")
	}
	if err != nil && errors.Is(err, context.DeadlineExceeded) {
		return &api.Problem{Status: 503, Detail: "Lever took too long to list the postings. Try again."}
	}
	return err
}

// report matches Lever's names with Joinedly's and the reverse.
func (s side) report(of []match.Named) Matches {
	levers, ours := s.Report(of)
	return Matches{Lever: levers, Joinedly: ours}
}
