package partner

import (
	"slices"

	"fulcrum/shared/store"
)

// The reasons for which somebody is gone for good. For any other, what was
// forgotten may come back with a later event.
const (
	Deleted    = "deleted"
	Anonymized = "anonymized"
)

// Forget says who is to be forgotten.
type Forget struct {
	// Because is why; see Deleted and Anonymized.
	Because string
	// Opportunities are Lever's ids of what is forgotten.
	Opportunities []string
	// Staying are objects of the work of which something stays: a person with
	// another application. The other objects of the work are empty now.
	Staying []store.Object
	// Actions are the ids of actions about it, beside those that write to the
	// opportunities.
	Actions []string
}

// Erase has everything forgotten that is kept of somebody, wherever it is: it
// begins with the commit, which has to hold the emptied objects and the documents
// that tell the partner. A late event about an opportunity that is gone for good
// has no effect then. Of somebody of whom nothing was known only that is kept.
func (w *Work) Erase(f Forget) { w.forgets = append(w.forgets, f) }

// erasures are what the work forgets, as the table has it.
func (w *Work) erasures() []store.Erasure {
	var all []store.Erasure
	for _, f := range w.forgets {
		e := store.Erasure{
			ID: store.ErasureID(w.Connection.ID, w.Event.ID, f.Opportunities[0]), Connection: w.Connection.ID,
			Because: f.Because, ForGood: f.Because == Deleted || f.Because == Anonymized,
			Opportunities: f.Opportunities, Actions: f.Actions,
		}
		for _, o := range w.objects {
			if o.Revision == 0 {
				continue // it was not known
			}
			e.Objects = append(e.Objects, o.Kind+"#"+o.ID)
			if slices.ContainsFunc(f.Staying, func(s store.Object) bool { return s.Key == o.Key }) {
				e.Staying = append(e.Staying, o.Kind+"#"+o.ID)
			}
		}
		for _, d := range w.due {
			e.Documents = append(e.Documents, d.ID)
		}
		all = append(all, e)
	}
	return all
}
