package lever

import (
	"bytes"
	"encoding/json"
)

// envelope is how Lever wraps what it answers: {"data": …}. The documentation
// prints some answers with a doubled data and some with none; recorded answers
// have one. All three are read.
type envelope struct {
	inner any
}

func enveloped(v any) *envelope { return &envelope{v} }

func (e *envelope) UnmarshalJSON(raw []byte) error {
	for range 2 {
		inner, ok := onlyData(raw)
		if !ok {
			break
		}
		raw = inner
	}
	return json.Unmarshal(raw, e.inner)
}

// onlyData is the member data of an object that has one.
func onlyData(raw []byte) (json.RawMessage, bool) {
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || raw[0] != '{' {
		return nil, false
	}
	var o struct {
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(raw, &o) != nil || o.Data == nil {
		return nil, false
	}
	return o.Data, true
}

// List is a list that may be answered as a single object: the documentation's
// sample of archive reasons is one.
type List[T any] []T

// UnmarshalJSON reads a list, an object, or null.
func (l *List[T]) UnmarshalJSON(raw []byte) error {
	if raw = bytes.TrimSpace(raw); len(raw) > 0 && raw[0] == '{' {
		one := make([]T, 1)
		if err := json.Unmarshal(raw, &one[0]); err != nil {
			return err
		}
		*l = one
		return nil
	}
	return json.Unmarshal(raw, (*[]T)(l))
}
