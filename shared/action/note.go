package action

import (
	"context"
	"slices"
	"strings"

	"fulcrum/shared/lever"
)

// Note is a note on the opportunity: its text, and in a line of its own the mark.
// A mark that a person edits away is not found any more.
type Note struct {
	Text string
	// Instead is Lever's id of the note of ours that this one takes the place of.
	// It is changed where it stands, and the replies to it stay; where it is gone,
	// a new one is made.
	Instead string
}

func (n Note) kind() kind { return ofNote }

func (n Note) write(ctx context.Context, s site) (string, error) {
	text := n.Text + "\n\n" + s.mark
	if n.Instead != "" {
		old, found, err := noteNow(ctx, s, n.Instead)
		if err != nil {
			return "", unwritten{err}
		}
		if found {
			// Lever drops the fields that are not sent.
			fields := append([]lever.NoteField{{Value: text}}, old.Fields[min(1, len(old.Fields)):]...)
			return n.Instead, s.lever.ReplaceNote(ctx, s.as, s.opportunity, n.Instead, fields)
		}
	}
	return s.lever.CreateNote(ctx, s.as, s.opportunity, text)
}

func noteNow(ctx context.Context, s site, id string) (lever.Note, bool, error) {
	notes, err := lever.Collect(s.lever.Notes(ctx, s.opportunity))
	at := slices.IndexFunc(notes, func(n lever.Note) bool { return n.ID == id && n.DeletedAt == 0 })
	if err != nil || at < 0 {
		return lever.Note{}, false, err
	}
	return notes[at], true, nil
}

func findNotes(ctx context.Context, s site) ([]string, error) {
	notes, err := lever.Collect(s.lever.Notes(ctx, s.opportunity))
	return marked(notes, err, func(n lever.Note) (found, bool) {
		return found{n.ID, n.CreatedAt}, n.DeletedAt == 0 && strings.Contains(n.Value(), s.mark)
	})
}

func removeNote(ctx context.Context, s site, id string) error {
	return unless(lever.NotFound, s.lever.DeleteNote(ctx, s.opportunity, id))
}

// found is something of Lever's that carries a mark.
type found struct {
	id string
	at lever.Time
}

// marked are the ids of those items that carry the mark, oldest first.
func marked[T any](items []T, err error, is func(T) (found, bool)) ([]string, error) {
	if err != nil {
		return nil, err
	}
	var all []found
	for _, item := range items {
		if f, ok := is(item); ok {
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(x, y found) int { return int(x.at - y.at) })
	ids := make([]string, len(all))
	for i, f := range all {
		ids[i] = f.id
	}
	return ids, nil
}
