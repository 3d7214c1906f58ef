package lever

import (
	"context"
	"iter"
	"net/url"
)

// Deleted is something that was deleted in Lever.
type Deleted struct {
	ID        string `json:"id"`
	DeletedAt Time   `json:"deletedAt"`
	// Opportunity and Posting are known of an application.
	Opportunity string `json:"opportunityId"`
	Posting     string `json:"postingId"`
}

// DeletedOpportunities lists the opportunities deleted within a range.
func (c *Client) DeletedOpportunities(ctx context.Context, from, until Time) iter.Seq2[Deleted, error] {
	return c.deleted(ctx, from, until, "opportunities", "deleted")
}

// DeletedApplications lists the applications deleted within a range of at most 30
// days.
func (c *Client) DeletedApplications(ctx context.Context, from, until Time) iter.Seq2[Deleted, error] {
	return c.deleted(ctx, from, until, "applications", "deleted")
}

// DeletedPostings lists the postings deleted within a range of at most 30 days.
func (c *Client) DeletedPostings(ctx context.Context, from, until Time) iter.Seq2[Deleted, error] {
	return c.deleted(ctx, from, until, "postings", "deleted")
}

func (c *Client) deleted(ctx context.Context, from, until Time, path ...string) iter.Seq2[Deleted, error] {
	q := query{}
	q.time("deleted_at_start", from)
	q.time("deleted_at_end", until)
	return each(pages[Deleted](ctx, c, url.Values(q), path...))
}
