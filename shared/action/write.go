package action

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"fulcrum/shared/fault"
	"fulcrum/shared/lever"
)

// Write is something to be written in Lever: an Opportunity, a Note, Feedback or a
// Form, which are marked; a Stage, an Archive, Tags, Sources or Links, which are
// compared.
type Write interface {
	kind() kind
	// write makes the request that writes, and gives Lever's id of what was
	// written. It makes one such request at most.
	write(ctx context.Context, s site) (string, error)
}

// compared is a Write that may be repeated without harm, and that Lever's present
// state says something about.
type compared interface {
	Write
	compare(ctx context.Context, s site) (verdict, error)
}

// verdict is what a comparison finds: the write is done already, or has been
// superseded for a reason, or is to be made.
type verdict struct {
	done       bool
	superseded fault.Reason
}

// site is where a step writes, and its mark.
type site struct {
	lever       *lever.Client
	opportunity string
	as          string
	mark        string
}

// mark is what a step's write carries, unlike any other's. It says nothing of
// anybody: who reads it in Lever sees that there is a reference.
func mark(actionID, step string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q", actionID, step))
	return "ref-" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// kind is what is written.
type kind string

const (
	ofOpportunity kind = "opportunity"
	ofNote        kind = "note"
	ofFeedback    kind = "feedback"
	ofForm        kind = "form"
	ofStage       kind = "stage"
	ofArchive     kind = "archive"
	ofTags        kind = "tags"
	ofSources     kind = "sources"
	ofLinks       kind = "links"
)

// trace is how what was written is found by its mark, and how it is removed.
type trace struct {
	// find gives Lever's ids of all that carry the mark, oldest first.
	find func(ctx context.Context, s site) ([]string, error)
	// remove is nil where Lever's API has no removing.
	remove func(ctx context.Context, s site, id string) error
}

// trace is the kind's, if what is of it carries a mark.
func (k kind) trace() (trace, bool) {
	switch k {
	case ofOpportunity:
		return trace{find: findOpportunities}, true
	case ofNote:
		return trace{findNotes, removeNote}, true
	case ofFeedback:
		return trace{findFeedback, removeFeedback}, true
	case ofForm:
		return trace{find: findForms}, true
	}
	return trace{}, false
}

// unwritten is an error from before the request that writes.
type unwritten struct{ error }

func (u unwritten) Unwrap() error { return u.error }
