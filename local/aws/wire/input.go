package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// Input reads the call's input into v. A member that v has no field for is
// NotSupported, at any depth: an option that is passed over in silence gives an
// answer that AWS would not give.
func (c *Call) Input(v any) error {
	body := json.NewDecoder(bytes.NewReader(c.Body))
	body.DisallowUnknownFields()
	err := body.Decode(v)
	if err == nil || err == io.EOF {
		return nil
	}
	// encoding/json has no type for this error.
	if _, member, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return NotSupported(strings.Trim(member, `"`) + " of " + c.Action)
	}
	return Errorf("SerializationException", "the input of %s cannot be read: %v", c.Action, err)
}
