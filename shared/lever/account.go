package lever

import (
	"context"
	"iter"
	"net/url"
)

// User is somebody of the company who works in Lever.
type User struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Username   string `json:"username"`
	Email      string `json:"email"`
	AccessRole string `json:"accessRole"`
	JobTitle   string `json:"jobTitle"`
	CreatedAt  Time   `json:"createdAt"`
	// DeactivatedAt is zero while the user is active.
	DeactivatedAt Time `json:"deactivatedAt"`
}

// User reads one user.
func (c *Client) User(ctx context.Context, id string) (*User, error) {
	return get[User](ctx, c, nil, "users", id)
}

// UserFilter narrows a list of users. Lever has no filter by time.
type UserFilter struct {
	Email       string
	Deactivated bool // also those who are no longer active
}

// Users lists users.
func (c *Client) Users(ctx context.Context, f UserFilter) iter.Seq2[User, error] {
	q := query{}
	q.text("email", f.Email)
	q.flag("includeDeactivated", f.Deactivated)
	return each(pages[User](ctx, c, url.Values(q), "users"))
}

// Stage is a step of the pipeline. Built-in ids are words (lead-new), and
// customers rename the texts: match by id.
type Stage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Stages lists the stages in the order of the pipeline.
func (c *Client) Stages(ctx context.Context) iter.Seq2[Stage, error] {
	return each(pages[Stage](ctx, c, nil, "stages"))
}

// ArchiveReason is why an opportunity may be archived. The type tells a hire, not
// the text.
type ArchiveReason struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Status string `json:"status"` // active or inactive
	Type   string `json:"type"`   // hired or non-hired
}

// Hired is the type of the reasons that make an archive a hire.
const Hired = "hired"

// Active is the status of an archive reason that may be used.
const Active = "active"

// ArchiveReason reads one archive reason.
func (c *Client) ArchiveReason(ctx context.Context, id string) (*ArchiveReason, error) {
	return get[ArchiveReason](ctx, c, nil, "archive_reasons", id)
}

// ArchiveReasons lists the archive reasons of a type, or all where it is empty.
func (c *Client) ArchiveReasons(ctx context.Context, reasonType string) iter.Seq2[ArchiveReason, error] {
	q := query{}
	q.text("type", reasonType)
	return each(pages[ArchiveReason](ctx, c, url.Values(q), "archive_reasons"))
}
