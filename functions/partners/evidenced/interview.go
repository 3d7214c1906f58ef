package evidenced

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"fulcrum/shared/document"
	"fulcrum/shared/lever"
	"fulcrum/shared/store"
)

// knownInterview is what was known of an interview before Lever was read.
type knownInterview struct {
	object store.Object
	state  interviewState
}

// most is how many interviews one piece of work changes: what it changes goes into
// one transaction.
const most = 20

// recall reads what is known of the candidacy's interviews, and of the one that an
// event names.
func (l *look) recall(ctx context.Context, named string) error {
	ids := slices.Clone(l.was.Interviews)
	if named != "" && !slices.Contains(ids, named) {
		ids = append(ids, named)
	}
	l.known = nil
	for _, id := range ids {
		k := knownInterview{}
		var err error
		if k.object, err = l.Object(ctx, interviewKind, id, &k.state); err != nil {
			return err
		}
		l.known = append(l.known, k)
	}
	return nil
}

// interviews brings the candidacy's interviews up to date. Lever's list tells of
// all of them, so it does not matter which event came first, nor how many did not
// come.
func (l *look) interviews(ctx context.Context) error {
	listed, err := lever.Collect(l.Lever.Interviews(ctx, l.object.ID))
	if err != nil {
		return fmt.Errorf("read interviews: %w", err)
	}
	for _, k := range l.known {
		i := slices.IndexFunc(listed, func(i lever.Interview) bool { return i.ID == k.object.ID })
		if i < 0 {
			err = l.dropped(ctx, k)
		} else {
			err = l.putInterview(k, listed[i])
		}
		if err != nil {
			return err
		}
	}
	return l.meetInterviews(ctx, listed)
}

// meetInterviews takes in interviews that were not known, those to come first.
func (l *look) meetInterviews(ctx context.Context, listed []lever.Interview) error {
	slices.SortFunc(listed, func(a, b lever.Interview) int { return cmp.Compare(b.Date, a.Date) })
	since := lever.At(l.partner.now().Add(-time.Duration(l.settings.HistoryDays) * 24 * time.Hour))
	for _, i := range listed {
		there := slices.ContainsFunc(l.known, func(k knownInterview) bool { return k.object.ID == i.ID })
		if there || i.Date < since || len(l.now.Interviews)-len(l.was.Interviews) == most {
			continue
		}
		k := knownInterview{}
		var err error
		if k.object, err = l.Object(ctx, interviewKind, i.ID, &k.state); err != nil {
			return err
		}
		if err := l.putInterview(k, i); err != nil {
			return err
		}
	}
	return nil
}

// dropped cancels an interview that Lever no longer lists. What Lever's own webhook
// tells of and Lever does not have may not be there yet: it is read by itself, and
// looked for again.
func (l *look) dropped(ctx context.Context, k knownInterview) error {
	was := k.state.Interview
	switch {
	case was == nil && k.state.Gone == "" && l.Event.Event != lever.InterviewDeleted:
		_, err := l.Lever.Interview(ctx, l.object.ID, k.object.ID)
		return cmp.Or(err, errUnlisted)
	case was == nil:
		l.now.has(k.object.ID)
		return l.Put(k.object, 0, interviewState{Gone: deleted})
	case was.State == cancelled:
		return nil
	}
	now := *was
	when := cmp.Or(l.Event.TriggeredAt, lever.At(l.partner.now()))
	now.State, now.CancelledAt = cancelled, stamp(when)
	return l.Put(k.object, 0, interviewState{Gone: deleted, Interview: &now}, told("interview.cancelled", when, now))
}

// errUnlisted says that Lever gives an interview that it does not list.
var errUnlisted = fmt.Errorf("read interviews: one that is there is not listed")

func (l *look) putInterview(k knownInterview, i lever.Interview) error {
	if k.state.Gone != "" {
		return nil
	}
	i.OpportunityID = l.object.ID
	now := mapInterview(l.now.CandidateID, i)
	l.now.has(i.ID)
	return l.Put(k.object, 0, interviewState{Interview: &now}, l.tell(k.state.Interview, now, i))
}

// tell tells of an interview that was as was, nil where it is new.
func (l *look) tell(was *Interview, now Interview, i lever.Interview) document.Document {
	when := cmp.Or(i.CanceledAt, l.Event.TriggeredAt, i.CreatedAt, lever.At(l.partner.now()))
	switch {
	case now.State == cancelled && (was == nil || was.State != cancelled):
		return told("interview.cancelled", when, now)
	case was == nil:
		return told("interview.scheduled", when, now)
	}
	return told("interview.changed", when, now)
}
