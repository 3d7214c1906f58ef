package api

import (
	"net/http"

	"fulcrum/local/twin/account"
)

func noteRoutes() []route {
	const read, write = "notes:read:admin", "notes:write:admin"
	const many, one = "/opportunities/:opportunity/notes", "/opportunities/:opportunity/notes/:note"
	return []route{
		{"GET", many, read, optional, under(listNotes)},
		{"POST", many, write, optional, under(createNote)},
		{"GET", one, read, optional, under(getNote)},
		{"PUT", one, write, optional, under(putNote)},
		{"DELETE", one, write, optional, under(deleteNote)},
	}
}

func listNotes(c *call, o *account.Opportunity) (answer, error) {
	return listAll(c, o.Notes(), func(n *account.Note) listed {
		return listed{at: n.CreatedAt, id: n.ID, object: n}
	})
}

// createdNote is the note with its id twice, as recordings show it.
type createdNote struct {
	*account.Note
	NoteID string `json:"noteId"`
}

func createNote(c *call, o *account.Opportunity) (answer, error) {
	var f account.NoteFields
	if err := c.decode(&f); err != nil {
		return answer{}, err
	}
	f.Thread, f.By, f.ByAPI = c.query.Get("note_id"), c.as, true
	n, err := c.account.AddNote(o, f)
	if err != nil {
		return answer{}, err
	}
	return c.object(http.StatusCreated, createdNote{n, n.ID})
}

func getNote(c *call, o *account.Opportunity) (answer, error) {
	n, err := o.Note(c.path["note"])
	return done(c, http.StatusOK, n, err)
}

func putNote(c *call, o *account.Opportunity) (answer, error) {
	var body struct {
		Values []account.NoteValue `json:"values"`
	}
	if err := c.decode(&body); err != nil {
		return answer{}, err
	}
	n, err := c.account.ReplaceNote(o, c.path["note"], body.Values, c.as)
	return done(c, http.StatusOK, n, err)
}

func deleteNote(c *call, o *account.Opportunity) (answer, error) {
	return nothing(c.account.DeleteNote(o, c.path["note"]))
}
