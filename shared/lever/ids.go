package lever

// IDs are the ids that an event's data may hold. They are opaque: mostly UUIDs,
// but Lever promises nothing of their form.
type IDs struct {
	Opportunity string `json:"opportunity,omitempty"`
	Contact     string `json:"contact,omitempty"`
	Application string `json:"application,omitempty"`
	Interview   string `json:"interview,omitempty"`
	Panel       string `json:"panel,omitempty"`
}

// maxID is longer than any id that was ever seen.
const maxID = 64

// ValidID reports whether s may stand as one segment of an API path: 1 to 64
// letters, digits, hyphens and underscores.
func ValidID(s string) bool {
	if s == "" || len(s) > maxID {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}
