package brainner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"fulcrum/shared/catalog"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// look is one look at one opportunity: what was known, what Lever says, and what
// comes of it.
type look struct {
	*partner.Work
	partner  *Partner
	account  *catalog.Account
	settings Settings

	object store.Object // the application's
	was    applicationState
	// person is the candidate's object, with what was known of the candidate.
	person store.Object
	known  candidateState

	opportunity *lever.Opportunity
	posting     string
	// askedBy is the import that asks for evaluations anew, empty for none.
	askedBy string
}

// begin reads what is known of an opportunity. It comes before Lever is read, so
// that an older state of Lever's never overwrites a newer one.
func (p *Partner) begin(ctx context.Context, w *partner.Work, id string) (*look, error) {
	l := &look{Work: w, partner: p, account: p.known.For(w)}
	var err error
	if l.object, err = w.Object(ctx, applicationKind, id, &l.was); err != nil {
		return nil, err
	}
	if l.settings, err = settings(ctx, w); err != nil {
		return nil, err
	}
	return l, l.meet(ctx, l.was.PostingID, l.was.ContactID)
}

// meet reads what is known of a person on a job.
func (l *look) meet(ctx context.Context, postingID, contactID string) (err error) {
	l.known = candidateState{}
	l.person, err = l.Object(ctx, candidateKind, candidateID(postingID, contactID), &l.known)
	return err
}

// errRestless says that an opportunity was another candidate's each time it was
// read.
var errRestless = errors.New("the opportunity's contact or posting changes all the time")

// read reads the opportunity, and what is known of its candidate before it. It
// reports whether there is one to be seen; where there is none, everything that
// follows from it is done.
func (l *look) read(ctx context.Context) (there bool, err error) {
	for range 3 {
		o, err := l.Lever.Opportunity(ctx, l.object.ID, "applications", "contact", "stage")
		if err != nil {
			return false, l.unseen(ctx, fmt.Errorf("read opportunity: %w", err))
		}
		met, err := l.turn(ctx, o)
		if err != nil || met {
			return met, err
		}
	}
	return false, errRestless
}

// turn takes an opportunity as it was read. It reports whether what is known of its
// candidate was read before; where nothing is known the order does not matter.
func (l *look) turn(ctx context.Context, o *lever.Opportunity) (bool, error) {
	l.opportunity, l.posting = o, o.Application().Posting.ID
	if l.posting == "" || l.person.ID == candidateID(l.posting, o.Contact.ID) {
		return true, nil
	}
	err := l.meet(ctx, l.posting, o.Contact.ID)
	return l.person.Revision == 0, err
}

// unseen does what follows from Lever's not giving the opportunity.
func (l *look) unseen(ctx context.Context, answer error) error {
	if l.was.forGood() {
		l.Ignore("erased")
		return nil
	}
	because, err := partner.Unseen(ctx, answer, l.Lever.MayReadOpportunities)
	switch {
	case err != nil:
		return err
	case because == deleted:
		return l.missing(ctx, answer)
	}
	return l.erase(ctx, because)
}

// missing does what follows from the opportunity's not being there. Lever may not
// know yet what its own webhook tells of, so what was never seen is looked for
// again; what was seen is gone only if Lever does not list it either.
func (l *look) missing(ctx context.Context, because error) error {
	if !l.was.Taken {
		return because
	}
	of := lever.OpportunityFilter{Contacts: []string{l.was.ContactID}, Confidentiality: l.settings.confidentiality()}
	for o, err := range l.Lever.Opportunities(ctx, of) {
		if err != nil {
			return err
		}
		if o.ID == l.object.ID {
			return because
		}
	}
	return l.erase(ctx, deleted)
}

// decide says what comes of the application, or does what follows where it is not
// to be taken. admit decides on one that was not taken before.
func (l *look) decide(ctx context.Context, admit func(context.Context) (bool, error)) error {
	o := l.opportunity
	switch {
	case l.was.forGood():
		l.Ignore("erased")
		return nil
	case o.Anonymized():
		return l.erase(ctx, anonymized)
	case o.Confidentiality == lever.Confidential && !l.settings.IncludeConfidential:
		return l.erase(ctx, confidential)
	case l.posting == "":
		l.Ignore("no_posting")
		return nil
	case l.was.Taken && l.fromLever() && !l.settings.receives():
		l.Ignore("switched_off")
		return nil
	}
	return l.accept(ctx, admit)
}

// accept takes the application, if it is admitted.
func (l *look) accept(ctx context.Context, admit func(context.Context) (bool, error)) error {
	if err := l.leave(ctx); err != nil {
		return err
	}
	if !l.was.Taken {
		if admitted, err := admit(ctx); err != nil || !admitted {
			return err
		}
	}
	return l.bring(ctx)
}

func (l *look) fromLever() bool {
	o := store.Origin(l.Event.Origin)
	return o == "" || o == store.FromLever
}

// admit reports whether an application that is not taken yet comes by itself.
func (l *look) admit(ctx context.Context) (bool, error) {
	switch {
	case !l.settings.Applied:
		l.Ignore("settings_not_applied")
		return false, nil
	case !l.settings.receives():
		l.Ignore("switched_off")
		return false, nil
	case l.opportunity.Archived != nil:
		l.Ignore("not_active")
		return false, nil
	}
	takes, err := l.admitJob(ctx)
	if err != nil || !takes {
		return false, err
	}
	if !l.settings.AutoImportCandidates {
		l.Ignore("candidates_by_hand")
		return false, nil
	}
	return true, nil
}

// bring makes a candidate of the application, or brings it up to date.
func (l *look) bring(ctx context.Context) error {
	now := candidateState{Candidate: &Candidate{
		ID: l.person.ID, JobID: l.posting, ContactID: l.opportunity.Contact.ID, Evaluation: 1,
	}}
	if l.known.Candidate != nil {
		candidate := *l.known.Candidate
		now = l.known
		now.Candidate = &candidate
	}
	c := now.Candidate
	if c.OpportunityID == "" || c.OpportunityID == l.opportunity.ID || stamp(applied(l.opportunity)) > c.AppliedAt {
		c.describe(l.opportunity)
		if err := l.attach(ctx, &now); err != nil {
			return err
		}
	}
	if !slices.Contains(c.Opportunities, l.opportunity.ID) {
		c.Opportunities = append(full(c.Opportunities), l.opportunity.ID)
	}
	asked := l.askedBy != "" && now.AskedBy != l.askedBy && l.known.Candidate != nil
	if asked {
		c.Evaluation++
		c.NewResume = false
	}
	if l.askedBy != "" {
		now.AskedBy = l.askedBy
	}
	return l.put(now, asked)
}

// put records what comes of the application, and what Brainner is told of it.
func (l *look) put(now candidateState, asked bool) error {
	at := l.opportunity.UpdatedAt
	state := applicationState{PostingID: l.posting, ContactID: l.opportunity.Contact.ID, Taken: true}
	if err := l.Put(l.object, max(at, l.object.UpdatedAt), state); err != nil {
		return err
	}
	if l.known.newerThan(l.opportunity) {
		return partner.ErrStale
	}
	documentType := "candidate.updated"
	switch {
	case l.known.Candidate == nil:
		documentType = "candidate.received"
	case asked:
		documentType = "candidate.reevaluation_requested"
	case reflect.DeepEqual(*l.known.Candidate, *now.Candidate):
		return l.Put(l.person, l.person.UpdatedAt, now)
	}
	if now.Candidate.OpportunityID == l.opportunity.ID {
		now.SeenAt = at
	}
	when := cmp.Or(l.Event.TriggeredAt, at, l.opportunity.CreatedAt, lever.At(l.partner.now()))
	return l.Put(l.person, max(at, l.person.UpdatedAt), now, told(documentType, when, *now.Candidate))
}

// newerThan reports whether an opportunity was seen in a newer state than this.
func (s candidateState) newerThan(o *lever.Opportunity) bool {
	return s.Candidate != nil && s.Candidate.OpportunityID == o.ID && o.UpdatedAt < s.SeenAt
}
