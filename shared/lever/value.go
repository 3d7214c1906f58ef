package lever

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Time is a moment in Unix milliseconds. Zero is none: Lever writes null, or
// leaves the member out. Some of Lever's answers print the number as a string.
type Time int64

// At is the moment in Unix milliseconds; the zero time is none.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMilli())
}

// UnmarshalJSON reads a number, a number in a string, or null.
func (t *Time) UnmarshalJSON(raw []byte) error {
	text := bytes.Trim(raw, `"`)
	if len(text) == 0 || string(text) == "null" {
		*t = 0
		return nil
	}
	ms, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("not a time in milliseconds")
	}
	*t = Time(ms)
	return nil
}

// Time is the moment in UTC, the zero time where there is none.
func (t Time) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// Ref is another object's id, and the object where the request expanded it.
type Ref[T any] struct {
	ID     string
	Object *T
}

// UnmarshalJSON reads an id, an object with a member id, or null.
func (r *Ref[T]) UnmarshalJSON(raw []byte) error {
	if len(raw) == 0 || raw[0] != '{' {
		return json.Unmarshal(raw, &r.ID)
	}
	var named struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(raw, &named); err != nil {
		return err
	}
	r.ID, r.Object = named.ID, new(T)
	return json.Unmarshal(raw, r.Object)
}

// MarshalJSON writes the id, as Lever takes it.
func (r Ref[T]) MarshalJSON() ([]byte, error) { return json.Marshal(r.ID) }
