// Package joinedly is what is special about Joinedly, an onboarding product: a
// candidate who is marked Hired in Lever becomes a joiner with an office and a
// team. Nothing is written to Lever.
package joinedly

import (
	"context"
	"fmt"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// Partner is Joinedly's side of the sync function.
type Partner struct{}

// New makes Joinedly's side of the sync function.
func New() *Partner { return &Partner{} }

// Name is joinedly.
func (*Partner) Name() string { return "joinedly" }

// kind is the kind of the objects that Joinedly has of Lever's: one joiner per
// opportunity.
const kind = "joiner"

// Sync makes a joiner of an opportunity that is hired. The event only says where
// to look: whether the candidate is hired is for Lever to say.
func (*Partner) Sync(ctx context.Context, w *partner.Work) error {
	id := w.Event.IDs.Opportunity
	if id == "" {
		w.Ignore("no_opportunity_named")
		return nil
	}
	var known Joiner
	o, err := w.Object(ctx, kind, id, &known)
	if err != nil {
		return err
	}
	h, err := read(ctx, w.Lever, id)
	if err != nil {
		return err
	}
	if !h.hired {
		w.Ignore("not_hired")
		return nil
	}
	joiner := mapJoiner(w.Connection.Account, h)
	return w.Put(o, h.opportunity.UpdatedAt, joiner, tell(o.Revision, joiner))
}

// hire is what Lever says of an opportunity that may be hired.
type hire struct {
	opportunity *lever.Opportunity
	posting     *lever.Posting // nil if no job was chosen
	offer       *lever.Offer   // the newest signed one, nil if there is none
	hired       bool
}

func read(ctx context.Context, client *lever.Client, id string) (hire, error) {
	var h hire
	var err error
	h.opportunity, err = client.Opportunity(ctx, id, "applications", "contact")
	if err != nil {
		return h, fmt.Errorf("read opportunity: %w", err)
	}
	if h.hired, err = hired(ctx, client, h.opportunity); err != nil || !h.hired {
		return h, err
	}
	if postingID := posting(h.opportunity); postingID != "" {
		if h.posting, err = client.Posting(ctx, postingID, "hiringManager"); err != nil {
			return h, fmt.Errorf("read posting: %w", err)
		}
	}
	offers, err := client.Offers(ctx, id)
	if err != nil {
		return h, fmt.Errorf("read offers: %w", err)
	}
	h.offer = lever.Signed(offers)
	return h, nil
}

// hired reports whether the opportunity is archived with a reason that means a
// hire. The reason's type tells, not its text: customers rename it.
func hired(ctx context.Context, client *lever.Client, o *lever.Opportunity) (bool, error) {
	if o.Archived == nil || o.Archived.Reason == "" {
		return false, nil
	}
	reason, err := client.ArchiveReason(ctx, o.Archived.Reason)
	if err != nil {
		return false, fmt.Errorf("read archive reason: %w", err)
	}
	return reason.Type == lever.Hired, nil
}

func posting(o *lever.Opportunity) string {
	for _, a := range o.Applications {
		if a.Object != nil {
			return a.Object.Posting.ID
		}
	}
	return ""
}
