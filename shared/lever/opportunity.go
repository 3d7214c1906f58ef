package lever

import (
	"context"
	"net/url"
)

// Opportunity is one candidacy of a person. Lever's older name for its id is
// candidateId.
type Opportunity struct {
	ID              string             `json:"id"`
	Contact         Ref[Contact]       `json:"contact"`
	Name            string             `json:"name"`
	Headline        string             `json:"headline"`
	Location        string             `json:"location"`
	Stage           Ref[Stage]         `json:"stage"`
	Confidentiality string             `json:"confidentiality"`
	Phones          []Phone            `json:"phones"`
	Emails          []string           `json:"emails"`
	Links           []string           `json:"links"`
	Tags            []string           `json:"tags"`
	Sources         []string           `json:"sources"`
	Origin          string             `json:"origin"`
	Owner           Ref[User]          `json:"owner"`
	Archived        *Archived          `json:"archived"`
	Applications    []Ref[Application] `json:"applications"`
	CreatedAt       Time               `json:"createdAt"`
	// UpdatedAt is zero for an object not touched since Lever has the field.
	UpdatedAt    Time `json:"updatedAt"`
	IsAnonymized bool `json:"isAnonymized"`
	// OpportunityLocation is empty without an application, and may be
	// "unspecified".
	OpportunityLocation string `json:"opportunityLocation"`
}

// Archived says since when and why an opportunity is archived. A hire is an
// archive with a reason of type hired.
type Archived struct {
	Reason     string `json:"reason"`
	ArchivedAt Time   `json:"archivedAt"`
}

// Phone is a number with its type: mobile, home, work, skype or other.
type Phone struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

// Application is the posting that an opportunity is for. There is at most one.
type Application struct {
	ID      string       `json:"id"`
	Type    string       `json:"type"`
	Posting Ref[Posting] `json:"posting"`
	// Owner and hiring manager of the posting at the time of applying.
	PostingOwner         Ref[User] `json:"postingOwner"`
	PostingHiringManager Ref[User] `json:"postingHiringManager"`
	CreatedAt            Time      `json:"createdAt"`
	Archived             *Archived `json:"archived"`
}

// Contact is a person. All of a person's opportunities have the same.
type Contact struct {
	ID           string   `json:"id"`
	Name         string   `json:"name"`
	Headline     string   `json:"headline"`
	Emails       []string `json:"emails"`
	Phones       []Phone  `json:"phones"`
	IsAnonymized bool     `json:"isAnonymized"`
}

// Stage is a step of the pipeline. Built-in ids are words (lead-new).
type Stage struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Opportunity reads one opportunity. expand names members to be given as objects
// instead of ids: applications, stage, owner, followers, sourcedBy, contact.
func (c *Client) Opportunity(ctx context.Context, id string, expand ...string) (*Opportunity, error) {
	return get[*Opportunity](ctx, c, url.Values{"expand": expand}, "opportunities", id)
}

// Posting is a job.
type Posting struct {
	ID              string     `json:"id"`
	Text            string     `json:"text"`
	State           string     `json:"state"`
	Categories      Categories `json:"categories"`
	Owner           Ref[User]  `json:"owner"`
	HiringManager   Ref[User]  `json:"hiringManager"`
	Confidentiality string     `json:"confidentiality"`
	UpdatedAt       Time       `json:"updatedAt"`
}

// Categories are a posting's place in the company. Any may be empty.
type Categories struct {
	Commitment string `json:"commitment"`
	Department string `json:"department"`
	Location   string `json:"location"`
	Team       string `json:"team"`
}

// Posting reads one posting. expand names user, owner, hiringManager or
// followers.
func (c *Client) Posting(ctx context.Context, id string, expand ...string) (*Posting, error) {
	return get[*Posting](ctx, c, url.Values{"expand": expand}, "postings", id)
}

// User is somebody of the company who works in Lever.
type User struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	DeactivatedAt Time   `json:"deactivatedAt"`
}

// User reads one user.
func (c *Client) User(ctx context.Context, id string) (*User, error) {
	return get[*User](ctx, c, nil, "users", id)
}

// ArchiveReason is why an opportunity may be archived.
type ArchiveReason struct {
	ID     string `json:"id"`
	Text   string `json:"text"`
	Status string `json:"status"` // active or inactive
	Type   string `json:"type"`   // hired or non-hired
}

// Hired is the type of the reasons that make an archive a hire.
const Hired = "hired"

// ArchiveReason reads one archive reason.
func (c *Client) ArchiveReason(ctx context.Context, id string) (*ArchiveReason, error) {
	return get[*ArchiveReason](ctx, c, nil, "archive_reasons", id)
}
