package console

import (
	"bytes"
	"encoding/json"
	"strings"
)

// masked stands for a value that may be about a person.
const masked = "•••"

// mask is JSON whose texts and numbers are masked, but those that say nothing about a
// person: ids, kinds, states and times. What is no JSON is masked as a whole.
func mask(text []byte) json.RawMessage {
	var v any
	if json.Unmarshal(text, &v) != nil {
		return json.RawMessage(`"` + masked + `"`)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(maskValue("", v)) != nil {
		return json.RawMessage(`"` + masked + `"`)
	}
	return bytes.TrimSpace(out.Bytes())
}

func maskValue(name string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			v[k] = maskValue(k, member)
		}
		return v
	case []any:
		for i, member := range v {
			v[i] = maskValue(name, member)
		}
		return v
	case nil, bool:
		return v
	}
	if harmless(name) {
		return v
	}
	return masked
}

// harmless reports whether a member of that name is about no person.
func harmless(name string) bool {
	switch name {
	case "id", "type", "version", "connection", "status", "state", "reason", "revision", "hire", "event", "events", "kind", "key",
		"role", "pages", "link", "since", "left", "account", "environment", "scopes", "delivery", "attention", "about":
		return true
	}
	return strings.HasSuffix(name, "Id") || strings.HasSuffix(name, "At")
}

// laid is JSON laid out over lines; what is none stays as it is.
func laid(text []byte) string {
	var out bytes.Buffer
	if json.Indent(&out, text, "", "  ") != nil {
		return string(text)
	}
	return out.String()
}
