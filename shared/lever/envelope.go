package lever

import (
	"bytes"
	"encoding/json"
	"errors"
)

// envelope is how Lever wraps one object: {"data": …}, with deduped beside it
// where a creation found the person. The documentation prints some answers with a
// doubled data and some with none; recorded answers have one. All three are read.
//
// An object of Lever's has an id. What has none is refused: taken for an
// opportunity, an empty object would say that somebody is not hired.
type envelope struct {
	inner   any
	deduped bool
}

func enveloped(v any) *envelope { return &envelope{inner: v} }

var errNoObject = errors.New("no object with an id")

func (e *envelope) UnmarshalJSON(raw []byte) error {
	for range 3 {
		var o struct {
			ID      string          `json:"id"`
			NoteID  string          `json:"noteId"`
			Data    json.RawMessage `json:"data"`
			Deduped bool            `json:"deduped"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return err
		}
		e.deduped = e.deduped || o.Deduped
		if o.ID != "" || o.NoteID != "" {
			return json.Unmarshal(raw, e.inner)
		}
		if o.Data == nil {
			break
		}
		raw = o.Data
	}
	return errNoObject
}

// List is a list that may be answered as a single object: the documentation's
// sample of archive reasons is one.
type List[T any] []T

// UnmarshalJSON reads a list, an object with an id, or null.
func (l *List[T]) UnmarshalJSON(raw []byte) error {
	if first(raw) != '{' {
		return json.Unmarshal(raw, (*[]T)(l))
	}
	one := make([]T, 1)
	if err := json.Unmarshal(raw, enveloped(&one[0])); err != nil {
		return err
	}
	*l = one
	return nil
}

// first is the byte that tells what kind of value raw is, 0 where there is none.
func first(raw []byte) byte {
	if raw = bytes.TrimSpace(raw); len(raw) > 0 {
		return raw[0]
	}
	return 0
}
