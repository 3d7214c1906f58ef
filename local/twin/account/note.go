package account

import "slices"

// Note is a note on a candidacy, with the replies to it as further fields.
type Note struct {
	ID          string      `json:"id"`
	Text        string      `json:"text"`
	Fields      []NoteField `json:"fields"`
	User        *string     `json:"user"`
	Secret      bool        `json:"secret"`
	CompletedAt int64       `json:"completedAt"`
	DeletedAt   *int64      `json:"deletedAt"`
	CreatedAt   int64       `json:"createdAt"`

	api bool
}

func (n *Note) key() string { return n.ID }

// NoteField is one comment of a note.
type NoteField struct {
	CreatedAt int64   `json:"createdAt"`
	Score     *int    `json:"score"`
	Stage     string  `json:"stage"`
	Text      string  `json:"text"`
	Type      string  `json:"type"`
	User      *string `json:"user"`
	Value     string  `json:"value"`
}

// NoteFields are what can be set of a note. Only Value is needed.
type NoteFields struct {
	Value     string `json:"value"`
	Secret    bool   `json:"secret"`
	Score     *int   `json:"score"`
	CreatedAt int64  `json:"createdAt"`
	// Thread is the id of the note that this one replies to.
	Thread string `json:"-"`
	// By is the user who writes; empty is nobody.
	By string `json:"-"`
	// ByAPI marks notes that the API may change.
	ByAPI bool `json:"-"`
}

// AddNote adds a note, or a reply to one.
func (a *Account) AddNote(o *Opportunity, f NoteFields) (*Note, error) {
	if err := a.checkNote(f); err != nil {
		return nil, err
	}
	at := f.CreatedAt
	if at == 0 {
		at = a.now()
	}
	field := NoteField{
		CreatedAt: at, Score: f.Score, Stage: o.stage.ID, Text: "Comment", Type: "note", User: optional(f.By),
		Value: f.Value,
	}
	a.interact(o)
	if f.Thread != "" {
		return o.reply(f.Thread, field)
	}
	n := &Note{
		ID: a.newID(), Text: "Note", Fields: []NoteField{field}, User: field.User, Secret: f.Secret, CompletedAt: at,
		CreatedAt: at, api: f.ByAPI,
	}
	o.notes = append(o.notes, n)
	return n, nil
}

func (a *Account) checkNote(f NoteFields) error {
	switch {
	case f.Value == "":
		return Invalid("value is required")
	case f.Score != nil && (*f.Score < 1 || *f.Score > 4):
		return Invalid("score is from 1 to 4")
	case f.CreatedAt > a.now():
		return Invalid("createdAt lies in the future")
	}
	return nil
}

func (o *Opportunity) reply(thread string, field NoteField) (*Note, error) {
	n, err := o.Note(thread)
	if err != nil {
		return nil, err
	}
	n.Fields = append(slices.Clone(n.Fields), field)
	return n, nil
}

// NoteValue is one comment of a note that replaces what was there.
type NoteValue struct {
	Value     string `json:"value"`
	CreatedAt int64  `json:"createdAt"`
}

// ReplaceNote replaces a note's comments. Only notes made by the API can be.
func (a *Account) ReplaceNote(o *Opportunity, id string, values []NoteValue, by string) (*Note, error) {
	n, err := o.apiNote(id)
	if err != nil {
		return nil, err
	}
	if len(values) == 0 {
		return nil, Invalid("values is required")
	}
	var fields []NoteField
	for _, v := range values {
		if err := a.checkNote(NoteFields{Value: v.Value, CreatedAt: v.CreatedAt}); err != nil {
			return nil, err
		}
		if v.CreatedAt == 0 {
			v.CreatedAt = a.now()
		}
		fields = append(
			fields,
			NoteField{CreatedAt: v.CreatedAt, Stage: o.stage.ID, Text: "Comment", Type: "note", User: optional(by), Value: v.Value},
		)
	}
	n.Fields = fields
	a.interact(o)
	return n, nil
}

// DeleteNote removes a note. Only notes made by the API can be.
func (a *Account) DeleteNote(o *Opportunity, id string) error {
	n, err := o.apiNote(id)
	if err != nil {
		return err
	}
	o.notes = without(o.notes, n)
	a.interact(o)
	return nil
}

func (o *Opportunity) apiNote(id string) (*Note, error) {
	n, err := o.Note(id)
	if err == nil && !n.api {
		return nil, Forbidden("note %s was not made by the API", id)
	}
	return n, err
}

// Notes are the candidacy's notes, oldest first.
func (o *Opportunity) Notes() []*Note { return slices.Clone(o.notes) }

// Note is the candidacy's note with the id.
func (o *Opportunity) Note(id string) (*Note, error) { return find(o.notes, "notes", id) }
