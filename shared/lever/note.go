package lever

import (
	"cmp"
	"context"
	"iter"
	"net/http"
)

// Note is a note on an opportunity; its text is in its fields. Lever keeps notes
// when a candidate is anonymized.
type Note struct {
	ID string `json:"id"`
	// Fields are the note itself and the replies to it.
	Fields    []NoteField `json:"fields"`
	User      string      `json:"user"`
	Secret    bool        `json:"secret"`
	CreatedAt Time        `json:"createdAt"`
	DeletedAt Time        `json:"deletedAt"`
}

// NoteField is the text of a note, or of a reply to one.
type NoteField struct {
	Value     string `json:"value"`
	CreatedAt Time   `json:"createdAt,omitempty"`
}

// Value is the note's text.
func (n *Note) Value() string {
	if len(n.Fields) == 0 {
		return ""
	}
	return n.Fields[0].Value
}

// Notes lists an opportunity's notes.
func (c *Client) Notes(ctx context.Context, opportunityID string) iter.Seq2[Note, error] {
	return each(pages[Note](ctx, c, nil, "opportunities", opportunityID, "notes"))
}

// CreateNote makes a note, in a user's name where userID is not empty, and gives
// its id. Repeating the call makes a second one.
func (c *Client) CreateNote(ctx context.Context, userID, opportunityID, value string) (string, error) {
	// The documentation shows {noteId}, recorded answers the note with it.
	type answer struct {
		NoteID string `json:"noteId"`
		ID     string `json:"id"`
	}
	made, err := create[answer](ctx, c, userID, map[string]string{"value": value}, "opportunities", opportunityID, "notes")
	if err != nil {
		return "", err
	}
	return cmp.Or(made.NoteID, made.ID), nil
}

// ReplaceNote replaces the fields of a note that the API made, replies too: what
// is not among fields is gone.
func (c *Client) ReplaceNote(ctx context.Context, userID, opportunityID, id string, fields []NoteField) error {
	in := map[string][]NoteField{"values": fields}
	return c.do(ctx, http.MethodPut, performAs(userID), in, nil, "opportunities", opportunityID, "notes", id)
}

// DeleteNote deletes a note that the API made.
func (c *Client) DeleteNote(ctx context.Context, opportunityID, id string) error {
	return c.do(ctx, http.MethodDelete, nil, nil, nil, "opportunities", opportunityID, "notes", id)
}
