// Package permission checks what a Lever API key allows, by asking for it: Lever
// shows a key's permissions to nobody, and lets nobody change them later. A read
// asks for little; a write is made about an object that cannot exist, or without
// what Lever requires, so that the answer tells a missing permission from a
// missing object and nothing is left in Lever.
package permission

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/definition"
	"fulcrum/shared/lever"
)

// nobody is an id that no object has.
const nobody = "00000000-0000-4000-8000-000000000000"

// together is how many permissions are checked side by side; Lever allows ten
// calls a second.
const together = 4

var (
	// ErrKey says that Lever does not take the key at all.
	ErrKey = errors.New("lever does not take the API key")
	// ErrUnclear says that Lever's answer tells nothing of the permission.
	ErrUnclear = errors.New("lever's answer does not tell whether the key allows it")
)

// Result is a permission and whether the key allows it.
type Result struct {
	Permission definition.Permission
	// Label is the permission as Lever's page and ours call it.
	Label   string
	Allowed bool
}

// Check asks for each permission. It fails with ErrKey, and where Lever does not
// answer; then nothing is known.
func Check(ctx context.Context, client *lever.Client, wanted []definition.Permission) ([]Result, error) {
	results := make([]Result, len(wanted))
	// The first goes alone: a key that is refused is asked about once.
	alone := min(1, len(wanted))
	for i, batch := range [][]definition.Permission{wanted[:alone], wanted[alone:]} {
		all, ctx := errgroup.WithContext(ctx)
		all.SetLimit(together)
		for n, p := range batch {
			all.Go(func() error {
				allowed, err := ask(ctx, client, p)
				results[i+n] = Result{p, Label(p), allowed}
				return err
			})
		}
		if err := all.Wait(); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// All reports whether everything is allowed.
func All(results []Result) bool {
	for _, r := range results {
		if !r.Allowed {
			return false
		}
	}
	return true
}

// ask asks for one permission.
func ask(ctx context.Context, client *lever.Client, p definition.Permission) (bool, error) {
	probe, ok := probes()[p]
	if !ok {
		return false, fmt.Errorf("permission %q cannot be checked", p)
	}
	err := probe(ctx, client)
	switch status := lever.StatusOf(err); {
	case err == nil:
		return true, nil
	case status == http.StatusForbidden:
		return false, nil
	case status == http.StatusUnauthorized:
		return false, ErrKey
	case status == http.StatusNotFound, status == http.StatusBadRequest:
		return true, nil
	case lever.Retryable(err):
		return false, fmt.Errorf("check %s: %w", p, err)
	}
	return false, fmt.Errorf("check %s: %w", p, errors.Join(ErrUnclear, err))
}

type probe func(ctx context.Context, client *lever.Client) error

func probes() map[definition.Permission]probe {
	return map[definition.Permission]probe{
		definition.ReadOpportunities: func(ctx context.Context, c *lever.Client) error {
			_, err := c.Opportunity(ctx, nobody)
			return errors.Join(unlessMissing(err), first(c.Opportunities(ctx, lever.OpportunityFilter{})))
		},
		definition.CreateOpportunities: func(ctx context.Context, c *lever.Client) error {
			// Lever requires a user in whose name it is made.
			_, _, err := c.CreateOpportunity(ctx, "", lever.NewOpportunity{})
			return err
		},
		definition.UpdateTags: func(ctx context.Context, c *lever.Client) error {
			return errors.Join(unlessMissing(c.AddTags(ctx, "", nobody, "x")), unlessMissing(c.RemoveTags(ctx, "", nobody, "x")))
		},
		definition.UpdateLinks: func(ctx context.Context, c *lever.Client) error {
			return unlessMissing(c.AddLinks(ctx, "", nobody, "https://example.com/"))
		},
		definition.CreateNotes: func(ctx context.Context, c *lever.Client) error {
			_, err := c.CreateNote(ctx, "", nobody, "x")
			return err
		},
		definition.DeleteNotes:  func(ctx context.Context, c *lever.Client) error { return c.DeleteNote(ctx, nobody, nobody) },
		definition.ReadStages:   func(ctx context.Context, c *lever.Client) error { return first(c.Stages(ctx)) },
		definition.ReadUsers:    func(ctx context.Context, c *lever.Client) error { return first(c.Users(ctx, lever.UserFilter{})) },
		definition.ReadPostings: func(ctx context.Context, c *lever.Client) error { return first(c.Postings(ctx, lever.PostingFilter{})) },
		definition.ReadContacts: func(ctx context.Context, c *lever.Client) error {
			_, err := c.Contact(ctx, nobody)
			return err
		},
		definition.ReadArchiveReasons: func(ctx context.Context, c *lever.Client) error { return first(c.ArchiveReasons(ctx, "")) },
	}
}

// unlessMissing is nil where Lever says that there is no such object, which it
// says to nobody without the permission.
func unlessMissing(err error) error {
	if lever.NotFound(err) {
		return nil
	}
	return err
}

// first reads the first of a list.
func first[T any](all iter.Seq2[T, error]) error {
	for _, err := range all {
		return err
	}
	return nil
}

// Label is a permission as Lever's page of a key calls it.
func Label(p definition.Permission) string {
	return map[definition.Permission]string{
		definition.ReadOpportunities:   "List and retrieve opportunities",
		definition.CreateOpportunities: "Create an opportunity",
		definition.UpdateTags:          "Add and remove opportunity tags",
		definition.UpdateLinks:         "Add contact links by opportunity",
		definition.CreateNotes:         "Create an opportunity note",
		definition.DeleteNotes:         "Delete an opportunity note",
		definition.ReadStages:          "List all stages",
		definition.ReadUsers:           "List all users",
		definition.ReadPostings:        "List all postings",
		definition.ReadContacts:        "Retrieve a contact",
		definition.ReadArchiveReasons:  "List all archive reasons",
	}[p]
}
