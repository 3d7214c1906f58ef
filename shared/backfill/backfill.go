// Package backfill is the room for long walks through a customer's Lever account:
// the first import, what is read again by the clock, what a partner has imported
// by hand. A walk is an item in the table (store.Import) that is cut into parts;
// a part is walked through page by page, and after each page the item says where
// it goes on. The partner's queue carries messages that name the import:
//
//	{"connection": "con_…", "import": "candidates"}
//
// One message is worked on for some seconds, by one function at a time with
// several readers, and then another is sent. Whatever crashes in between, what was
// done up to the last page stays done, and pages may be repeated: a page's work
// puts present states, as an event's does.
//
// Walks use what events leave of the connection's rate (rate.Backfill). A page is
// older than what an event has read meanwhile: a Source leaves alone what is known
// in a newer state.
package backfill

import (
	"context"
	"errors"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
	"fulcrum/shared/store"
)

// Source walks through one kind of thing. It is safe for concurrent use, and
// whatever it does is safe to repeat.
type Source interface {
	// Parts cuts the walk. It is asked once, when the import begins.
	Parts(ctx context.Context, j *Job) ([]store.ImportPart, error)
	// Page does the work of the part's page at part.Offset. An error marked by
	// package fault parks the import; any other has the page done again later.
	Page(ctx context.Context, j *Job, part store.ImportPart) (Page, error)
}

// Sources are a partner's sources by the kinds of its imports.
type Sources map[string]Source

// Page is what one page's work came to.
type Page struct {
	// Next is the offset of the page behind this one, empty on the part's last.
	Next string
	// Read counts the objects that were read, Changed those that were put.
	Read, Changed int
}

// Whole is the one part of a walk that is not cut.
func Whole() []store.ImportPart { return []store.ImportPart{{}} }

// Windows are the parts of a walk that is cut by time.
func Windows(windows []lever.Window) []store.ImportPart {
	parts := make([]store.ImportPart, len(windows))
	for i, w := range windows {
		parts[i].Window = w
	}
	return parts
}

// Job is an import being worked on.
type Job struct {
	Import     store.Import
	Connection store.Connection
	// Lever is the customer's account, at the rate that events leave.
	Lever *lever.Client
	Table *store.Table

	deliveries partner.Deliveries
}

// Change commits what do puts into the Work, and sends what it has to tell. It
// reports whether there was anything to put. do is called again, with an empty
// Work, when something it read has changed meanwhile.
func (j *Job) Change(ctx context.Context, do func(*partner.Work) error) (changed bool, err error) {
	err = partner.Change(ctx, j.Table, j.deliveries, j.Connection, func(w *partner.Work) error {
		w.Lever = j.Lever
		if err := do(w); err != nil {
			return err
		}
		changed = len(w.Commit(store.Event{}).Objects) > 0
		return nil
	})
	return changed && err == nil, err
}

// Own is the partner's own work beside the import, for reading its settings and its
// objects.
func (j *Job) Own() *partner.Work { return partner.Eventless(j.Connection, j.Lever, j.Table) }

// unknown is the reason of an import whose kind nobody walks through.
const unknown fault.Reason = "import_of_unknown_kind"

func (s Sources) of(kind string) (Source, error) {
	source, ok := s[kind]
	if !ok {
		return nil, fault.Permanent(unknown, errors.New("the partner has no import of this kind"))
	}
	return source, nil
}
