package joinedly

import (
	"reflect"
	"slices"

	"fulcrum/shared/document"
	"fulcrum/shared/lever"
)

// joinerKind is the kind of the objects that Joinedly has of Lever's: one joiner
// per opportunity.
const joinerKind = "joiner"

// Status is how a joiner is.
type Status string

// The statuses of a joiner; see the package.
const (
	Started        Status = "started"
	NeedsAttention Status = "needs_attention"
	Held           Status = "held"
	Withdrawn      Status = "withdrawn"
	Erased         Status = "erased"
)

// state is what is known of a joiner. It is personal until it is withdrawn or
// erased, when all that is left are times and counts.
type state struct {
	Status Status `json:"status"`
	// Told says that Joinedly has the joiner.
	Told bool `json:"told"`
	// Hires counts the hires, and HiredAt is the last one's time.
	Hires   int    `json:"hires"`
	HiredAt string `json:"hiredAt,omitempty"`
	// Joiner is as Joinedly was told, or would have been if it were not held.
	Joiner   *Joiner   `json:"joiner,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
}

// hires is the number of the hire that took place at that time. The same time is
// the same hire, however often Lever tells of it.
func (was state) hires(at string) int {
	if was.Hires > 0 && was.HiredAt == at && was.Status != Withdrawn {
		return was.Hires
	}
	return was.Hires + 1
}

// has reports whether Joinedly has the joiner exactly so.
func (was state) has(j Joiner) bool {
	return was.Told && was.Status != Withdrawn && was.Joiner != nil && reflect.DeepEqual(*was.Joiner, j)
}

// put records the joiner's state as of Lever's time, with the documents about it.
func (s *sync) put(at lever.Time, now state, documents ...document.Document) error {
	return s.Put(s.object, at, now, documents...)
}

// reference are the ids of the joiner, which are no personal data.
func (s *sync) reference() Reference {
	r := Reference{ID: joinerID(s.Connection.Account, s.object.ID), OpportunityID: s.object.ID}
	if s.was.Joiner != nil {
		r.ContactID = s.was.Joiner.ContactID
	}
	return r
}

// waitsForNames reports whether another directory may mend something.
func (was state) waitsForNames() bool {
	return slices.ContainsFunc(was.Problems, func(p Problem) bool { return p.Reason != emailMissing && p.Reason != noJob })
}

func (was state) listed(account, opportunityID string) Listed {
	return Listed{
		ID: joinerID(account, opportunityID), OpportunityID: opportunityID, Status: was.Status, Hire: was.Hires, HiredAt: was.HiredAt,
		Problems: append([]Problem{}, was.Problems...), Joiner: was.Joiner,
	}
}
