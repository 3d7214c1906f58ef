package evidenced

import (
	"cmp"
	"context"
	"errors"
	"fmt"

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

	object store.Object
	was    candidacyState
	// person is the candidate's object, with what was known of the candidate.
	person    store.Object
	candidate candidateState
	// known are the interviews that were known, and the one that the event names.
	known []knownInterview

	opportunity *lever.Opportunity
	// late says that the opportunity was read before what was known of it.
	late bool
	// now is what comes of the candidacy.
	now candidacyState
}

// begin reads what is known of an opportunity. It comes before Lever is read, so
// that an older state of Lever's never overwrites a newer one.
func (p *Partner) begin(ctx context.Context, w *partner.Work, id string) (*look, error) {
	l := &look{Work: w, partner: p, account: p.known.Of(w.Connection.ID, w.Lever)}
	var err error
	if l.object, err = w.Object(ctx, candidacyKind, id, &l.was); err != nil {
		return nil, err
	}
	l.settings, err = settings(ctx, w)
	return l, err
}

// errRestless says that an opportunity had another contact each time it was read.
var errRestless = errors.New("the opportunity's contact changes all the time")

// read reads the opportunity, and what is known of its candidate before it. It
// reports whether there is one to be seen; where there is none, everything that
// follows from it is done.
func (l *look) read(ctx context.Context) (there bool, err error) {
	contact := cmp.Or(l.was.CandidateID, l.Event.IDs.Contact)
	for range 3 {
		if err := l.meet(ctx, contact); err != nil {
			return false, err
		}
		l.opportunity, err = l.Lever.Opportunity(ctx, l.object.ID, "applications", "contact", "stage")
		if err != nil {
			return false, l.unseen(ctx, fmt.Errorf("read opportunity: %w", err))
		}
		if l.opportunity.Contact.ID == contact {
			return true, nil
		}
		contact = l.opportunity.Contact.ID
	}
	return false, errRestless
}

// meet reads what is known of a person.
func (l *look) meet(ctx context.Context, contact string) (err error) {
	if contact == "" {
		return nil
	}
	l.candidate = candidateState{}
	l.person, err = l.Object(ctx, candidateKind, contact, &l.candidate)
	return err
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
// again, unless the webhook told of its deletion.
func (l *look) missing(ctx context.Context, because error) error {
	if l.was.known() {
		listed, err := l.listed(ctx)
		if err != nil {
			return err
		}
		if listed {
			return because
		}
		return l.erase(ctx, deleted)
	}
	if l.Event.Event != lever.CandidateDeleted {
		return because
	}
	return l.refuse(deleted)
}

// listed reports whether Lever lists the opportunity though it does not give it.
func (l *look) listed(ctx context.Context) (bool, error) {
	of := lever.OpportunityFilter{Contacts: []string{l.was.CandidateID}, Confidentiality: l.settings.confidentiality()}
	for o, err := range l.Lever.Opportunities(ctx, of) {
		if err != nil || o.ID == l.object.ID {
			return err == nil, err
		}
	}
	return false, nil
}

// decide says what comes of the candidacy, or does what follows where it is not to
// be held.
func (l *look) decide(ctx context.Context) (held bool, err error) {
	o := l.opportunity
	switch {
	case l.was.forGood():
		l.Ignore("erased")
		return false, nil
	case o.Anonymized():
		return false, l.erase(ctx, anonymized)
	case o.Confidentiality == lever.Confidential && !l.settings.IncludeConfidential:
		return false, l.erase(ctx, confidential)
	}
	if !l.was.known() {
		if admitted, err := l.admit(ctx); err != nil || !admitted {
			return false, err
		}
	}
	hired, err := l.account.Hired(ctx, o)
	if err != nil {
		return false, err
	}
	candidacy := mapCandidacy(o, hired)
	l.now = l.was
	l.now.Gone, l.now.Candidacy, l.now.CandidateID = "", &candidacy, o.Contact.ID
	return true, l.introduce(ctx)
}

// admit reports whether a candidacy that is not known is to be.
func (l *look) admit(ctx context.Context) (bool, error) {
	switch job := l.opportunity.Application().Posting.ID; {
	case l.opportunity.Archived != nil:
		l.Ignore("not_active")
		return false, nil
	case job == "":
		l.Ignore("no_posting")
		return false, nil
	default:
		return l.admitJob(ctx, job)
	}
}

// introduce brings the candidate up to date with the candidacy. A page of an import
// is older than what was known may be: then what is known of the person stays.
func (l *look) introduce(ctx context.Context) error {
	candidate := Candidate{}
	if l.candidate.Candidate != nil {
		candidate = *l.candidate.Candidate
	}
	if candidate.ID == "" || !l.late || l.opportunity.UpdatedAt >= l.person.UpdatedAt {
		candidate.describe(l.opportunity)
		users, err := l.account.Users(ctx)
		if err != nil {
			return fmt.Errorf("read users: %w", err)
		}
		candidate.mark(users)
	}
	candidate.with(*l.now.Candidacy)
	l.candidate = candidateState{Candidate: &candidate}
	return l.leave(ctx)
}

// leave takes the candidacy from the person it belonged to, where Lever has given
// it to another: two profiles were merged.
func (l *look) leave(ctx context.Context) error {
	before := l.was.CandidateID
	if before == "" || before == l.now.CandidateID {
		return nil
	}
	var left candidateState
	person, err := l.Object(ctx, candidateKind, before, &left)
	if err != nil || left.Candidate == nil {
		return err
	}
	e := Erasure{CandidateID: before, CandidacyIDs: []string{l.object.ID}, InterviewIDs: []string{}, Because: merged}
	return l.part(person, left, e)
}

// put records what comes of the candidacy, and what Evidenced is told of it.
func (l *look) put() error {
	at := l.opportunity.UpdatedAt
	if err := l.Put(l.object, at, l.now); err != nil {
		return err
	}
	change := CandidateChange{CandidacyID: l.object.ID, Candidate: *l.candidate.Candidate}
	when := cmp.Or(l.Event.TriggeredAt, at, l.opportunity.CreatedAt, lever.At(l.partner.now()))
	return l.Put(l.person, max(at, l.person.UpdatedAt), l.candidate, told(l.step(), when, change))
}

// step is the type of the document about what has become of the candidacy.
func (l *look) step() string {
	was, now := l.was.Candidacy, l.now.Candidacy
	switch {
	case was == nil && len(l.candidate.Candidate.Candidacies) == 1:
		return "candidate.created"
	case was == nil:
		return "candidate.candidacy_added"
	case now.Outcome == outcomeHired && was.Outcome != outcomeHired:
		return "candidate.hired"
	case was.Active && !now.Active:
		return "candidate.archived"
	case !was.Active && now.Active:
		return "candidate.reactivated"
	case was.Stage.ID != now.Stage.ID:
		return "candidate.stage_changed"
	}
	return "candidate.changed"
}
