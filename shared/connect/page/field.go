package page

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"fulcrum/shared/definition"
)

// Field is a setting as a form shows it.
type Field struct {
	Name, Label, Help string
	Kind              definition.Kind
	// On is the value of a boolean, Value that of all others, as text.
	On    bool
	Value string
	// Options are what can be chosen; Lines says that the value has a line for each
	// of its members.
	Options []Option
	Lines   bool
	// Input is the type of the input element.
	Input string
	// Wrong says what keeps the value from being applied.
	Wrong string
	// Folded says that the value is chosen elsewhere as a rule: it is not seen at first.
	Folded bool
}

// Option is what can be chosen.
type Option struct {
	definition.Choice
	Chosen bool
}

// FieldOf shows a setting with its value and the choices there are.
func FieldOf(s definition.Setting, value json.RawMessage, choices []definition.Choice) Field {
	f := Field{Name: s.Name, Label: s.Label, Help: s.Help, Kind: s.Kind, Input: "text", Folded: s.Match != nil}
	switch s.Kind {
	case definition.Boolean:
		f.On = string(value) == "true"
	case definition.Emails, definition.Texts, definition.Integers, definition.Names:
		f.Lines, f.Value = true, lines(value)
		f.Help = strings.TrimSpace(f.Help + " " + lineHelp(s.Kind))
	default:
		f.Value = word(value)
	}
	for _, c := range choices {
		f.Options = append(f.Options, Option{c, c.Value == f.Value})
	}
	if s.Kind == definition.Integer {
		f.Input = "number"
	}
	return f
}

func lineHelp(k definition.Kind) string {
	if k == definition.Names {
		return "One per line: name in Lever = name here."
	}
	return "One per line."
}

// word is a single value as text.
func word(value json.RawMessage) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// lines is a list or an object as text.
func lines(value json.RawMessage) string {
	var list []json.RawMessage
	if json.Unmarshal(value, &list) == nil {
		var all []string
		for _, v := range list {
			all = append(all, word(v))
		}
		return strings.Join(all, "\n")
	}
	var names map[string]string
	if json.Unmarshal(value, &names) != nil {
		return ""
	}
	var all []string
	for from, to := range names {
		all = append(all, from+" = "+to)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// Values are the settings that a form sent. What cannot be read as the setting's
// kind is passed on as text, for the definition to refuse.
func Values(d definition.Definition, form url.Values) definition.Values {
	all := definition.Values{}
	for _, s := range d.Settings {
		all[s.Name] = valueOf(s.Kind, strings.TrimSpace(form.Get(s.Name)))
	}
	return all
}

func valueOf(kind definition.Kind, text string) json.RawMessage {
	switch kind {
	case definition.Boolean:
		return json.RawMessage(strconv.FormatBool(text == "true"))
	case definition.Integer:
		return number(text)
	case definition.Integers:
		return list(text, number)
	case definition.Texts, definition.Emails:
		return list(text, quoted)
	case definition.Names:
		return names(text)
	}
	if text == "" && kind != definition.Text {
		return json.RawMessage("null")
	}
	return quoted(text)
}

func number(text string) json.RawMessage {
	if _, err := strconv.Atoi(text); err != nil {
		return quoted(text)
	}
	return json.RawMessage(text)
}

func quoted(text string) json.RawMessage { return encoded(text) }

func encoded(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null")
	}
	return text
}

func list(text string, of func(string) json.RawMessage) json.RawMessage {
	all := []json.RawMessage{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, of(line))
		}
	}
	return encoded(all)
}

func names(text string) json.RawMessage {
	all := map[string]string{}
	for line := range strings.Lines(text) {
		from, to, _ := strings.Cut(line, "=")
		if from = strings.TrimSpace(from); from != "" {
			all[from] = strings.TrimSpace(to)
		}
	}
	return encoded(all)
}
