package frame

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Mark is a state as people see it: a sign, a word and a colour, so that none of
// them has to be told apart from the others.
type Mark struct{ Sign, Word, Class string }

// MarkOf is the mark of a state: of a connection's (package status), of an event's
// or a delivery's (package store).
func MarkOf(state any) Mark {
	word := fmt.Sprint(state)
	switch strings.ToLower(word) {
	case "connected", "delivered", "arrived", "accounted":
		return Mark{"✓", word, "good"}
	case "unchanged", "ignored", "superseded", "dismissed", "withdrawn", "erased":
		return Mark{"–", word, ""}
	case "received", "delivering", "pending", "in_review", "waiting for first event", "setting up":
		return Mark{"◔", strings.ReplaceAll(word, "_", " "), ""}
	case "degraded", "missed":
		return Mark{"◆", word, "warn"}
	case "paused":
		return Mark{"‖", word, "warn"}
	case "invited":
		return Mark{"✓", word, "good"}
	}
	return Mark{"▲", word, "bad"}
}

// initial is the first letter of a name.
func initial(name string) string {
	r, _ := utf8.DecodeRuneInString(name)
	if r == utf8.RuneError {
		return ""
	}
	return strings.ToUpper(string(r))
}
