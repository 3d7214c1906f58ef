// Package hire reads what Lever says of a hire, for the partners that bring the
// hired on board: the opportunity with its person, the posting, and the offer that
// was signed. It takes two calls of Lever's, one beside the other, and at most one
// more each for the posting, the archive reasons and the manager, which package
// catalog then remembers.
//
// The rules of choosing are here too, so that all partners say the same of a
// person: which name, which e-mail and phone, which offer, which manager.
package hire

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// Standing is how an opportunity stands.
type Standing string

// The standings. What is Gone was deleted, or never was. Of a Confidential one
// that the credential may not see, nothing is known but the id.
const (
	Hired        Standing = "hired"
	NotHired     Standing = "not_hired"
	Anonymized   Standing = "anonymized"
	Gone         Standing = "gone"
	Confidential Standing = "confidential"
)

// Because is the word for why somebody is forgotten who is gone or anonymized.
func (s Standing) Because() string {
	if s == Anonymized {
		return partner.Anonymized
	}
	return partner.Deleted
}

// Hire is what Lever says of an opportunity that may be hired.
type Hire struct {
	Standing Standing
	// Why is Lever's answer for what is Gone, or Confidential and not to be seen.
	Why error
	// Confidential reports that Lever has the opportunity or its posting as
	// confidential, whatever its standing.
	Confidential bool
	// Opportunity has its applications, contact and owner as objects. It is nil of
	// what is Gone, and of what the credential may not see.
	Opportunity *lever.Opportunity
	// Posting is nil where no job was chosen; owner and hiring manager are objects.
	// It is read of a hire only, as the members below are.
	Posting *lever.Posting
	// Offers are all there are; Offer is the newest one signed, nil where none is.
	// One that was marked as signed outside of Lever counts.
	Offers []lever.Offer
	Offer  *lever.Offer
	// DirectManager is whom the signed offer names, HiringManager whom the posting
	// does. Either may be nobody.
	DirectManager Person
	HiringManager Person
}

// HiredAt is when the opportunity was archived as hired, zero where it is not. Two
// hires of one opportunity differ in it.
func (h *Hire) HiredAt() time.Time {
	if h.Standing != Hired {
		return time.Time{}
	}
	return h.Opportunity.Archived.ArchivedAt.Time()
}

// Read reads a hire. That the opportunity is not there, or may not be seen, is an
// answer and no error.
func Read(ctx context.Context, account *catalog.Account, opportunityID string) (*Hire, error) {
	h := &Hire{}
	if err := account.Client().Ready(ctx, 2); err != nil {
		return h, fmt.Errorf("read opportunity: %w", err)
	}
	var offers error
	both, calls := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		h.Opportunity, err = account.Client().Opportunity(calls, opportunityID, "applications", "contact", "owner")
		return err
	})
	both.Go(func() error {
		// The opportunity's error tells more, so this one does not end its call.
		h.Offers, offers = account.Client().Offers(calls, opportunityID)
		return nil
	})
	if err := both.Wait(); err != nil {
		return h, h.unseen(ctx, account, err)
	}
	if err := h.stand(ctx, account); err != nil || h.Standing != Hired {
		h.Offers = nil
		return h, err
	}
	if offers != nil {
		return h, fmt.Errorf("read offers: %w", offers)
	}
	return h, h.complete(ctx, account)
}

// unseen tells what it means that Lever does not give the opportunity.
func (h *Hire) unseen(ctx context.Context, account *catalog.Account, answer error) error {
	because, err := partner.Unseen(ctx, answer, account.Client().MayReadOpportunities)
	if err != nil {
		return fmt.Errorf("read opportunity: %w", err)
	}
	*h = Hire{Standing: Gone, Why: answer}
	if because == partner.Confidential {
		h.Standing, h.Confidential = Confidential, true
	}
	return nil
}

// stand reads how the opportunity stands.
func (h *Hire) stand(ctx context.Context, account *catalog.Account) error {
	o := h.Opportunity
	h.Confidential = o.Confidentiality == lever.Confidential
	if o.Anonymized() {
		h.Standing = Anonymized
		return nil
	}
	h.Standing = NotHired
	hired, err := account.Hired(ctx, o)
	if hired {
		h.Standing = Hired
	}
	return err
}

// complete reads what else belongs to a hire.
func (h *Hire) complete(ctx context.Context, account *catalog.Account) error {
	h.Offer = lever.Signed(h.Offers)
	if err := h.readPosting(ctx, account); err != nil {
		return err
	}
	return h.readManagers(ctx, account)
}

// readPosting reads the posting that was chosen. One that is confidential and may
// not be seen, or was deleted meanwhile, leaves the hire without.
func (h *Hire) readPosting(ctx context.Context, account *catalog.Account) error {
	id := h.Opportunity.Application().Posting.ID
	if id == "" {
		return nil
	}
	p, err := account.Posting(ctx, id)
	because, err := partner.Unseen(ctx, err, account.Client().MayReadPostings)
	if err != nil {
		return fmt.Errorf("read posting: %w", err)
	}
	h.Posting = p
	if because == partner.Confidential || p != nil && p.Confidentiality == lever.Confidential {
		h.Confidential = true
	}
	return nil
}
