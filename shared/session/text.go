package session

import (
	"encoding/json"
	"strings"
	"unicode"
)

// encoded is a small value as JSON, null where it is none.
func encoded(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

// maxPerson is the most characters of a person's name.
const maxPerson = 100

// ValidPerson reports whether a text may stand in the trail as somebody's name: 1 to
// 100 characters on one line.
func ValidPerson(name string) bool {
	return strings.TrimSpace(name) != "" && len([]rune(name)) <= maxPerson && !strings.ContainsFunc(name, unicode.IsControl)
}
