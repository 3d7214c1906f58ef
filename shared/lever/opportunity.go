package lever

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
)

// Opportunity is one candidacy of a person. Lever's older name for its id is
// candidateId.
type Opportunity struct {
	ID              string       `json:"id"`
	Contact         Ref[Contact] `json:"contact"`
	Name            string       `json:"name"`
	Headline        string       `json:"headline"`
	Location        string       `json:"location"`
	Stage           Ref[Stage]   `json:"stage"`
	Confidentiality string       `json:"confidentiality"`
	Phones          []Phone      `json:"phones"`
	Emails          []string     `json:"emails"`
	Links           []string     `json:"links"`
	Tags            []string     `json:"tags"`
	Sources         []string     `json:"sources"`
	Origin          string       `json:"origin"`
	Owner           Ref[User]    `json:"owner"`
	Archived        *Archived    `json:"archived"`
	// StageChanges are the moves through the stages, oldest first.
	StageChanges []StageChange      `json:"stageChanges"`
	Applications []Ref[Application] `json:"applications"`
	CreatedAt    Time               `json:"createdAt"`
	// UpdatedAt is zero for an object not touched since Lever has the field.
	UpdatedAt    Time `json:"updatedAt"`
	IsAnonymized bool `json:"isAnonymized"`
	// OpportunityLocation is empty without an application, and may be
	// "unspecified".
	OpportunityLocation string `json:"opportunityLocation"`
}

// UnmarshalJSON reads an opportunity. The documentation prints archivedAt and
// archiveReason where recorded answers have archived; both are read.
func (o *Opportunity) UnmarshalJSON(raw []byte) error {
	type plain Opportunity
	in := struct {
		*plain
		ArchivedAt    Time   `json:"archivedAt"`
		ArchiveReason string `json:"archiveReason"`
	}{plain: (*plain)(o)}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	if o.Archived == nil && in.ArchivedAt != 0 {
		o.Archived = &Archived{Reason: in.ArchiveReason, ArchivedAt: in.ArchivedAt}
	}
	return nil
}

// Anonymized reports whether Lever has forgotten whose opportunity it is. It may have
// anonymized the opportunity or the person, which shows where the contact is an object.
func (o *Opportunity) Anonymized() bool {
	return o.IsAnonymized || o.Contact.Object != nil && o.Contact.Object.IsAnonymized
}

// Application is the opportunity's application, empty where it has none. The
// applications have to be objects.
func (o *Opportunity) Application() Application {
	for _, a := range o.Applications {
		if a.Object != nil {
			return *a.Object
		}
	}
	return Application{}
}

// Archived says since when and why an opportunity is archived. A hire is an
// archive with a reason of type hired.
type Archived struct {
	Reason     string `json:"reason"`
	ArchivedAt Time   `json:"archivedAt"`
}

// StageChange is one move to a stage.
type StageChange struct {
	ToStageID string `json:"toStageId"`
	UpdatedAt Time   `json:"updatedAt"`
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

// Applications lists an opportunity's applications: one or none.
func (c *Client) Applications(ctx context.Context, opportunityID string) iter.Seq2[Application, error] {
	return each(pages[Application](ctx, c, nil, "opportunities", opportunityID, "applications"))
}

// Opportunity reads one opportunity. expand names members to be given as objects
// instead of ids: applications, stage, owner, followers, sourcedBy, contact.
func (c *Client) Opportunity(ctx context.Context, id string, expand ...string) (*Opportunity, error) {
	return get[Opportunity](ctx, c, url.Values{"expand": expand}, "opportunities", id)
}
