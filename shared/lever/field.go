package lever

import "encoding/json"

// Field is one field of a form or feedback template, or of one that is filled in.
type Field struct {
	ID          string `json:"id,omitempty"`
	Type        string `json:"type"`
	Text        string `json:"text"`
	Description string `json:"description,omitempty"`
	Required    bool   `json:"required"`
	Options     []struct {
		Text string `json:"text"`
	} `json:"options,omitempty"`
	// Value is what is filled in: a text, number, list or null, by the type.
	Value json.RawMessage `json:"value,omitempty"`
}

// FieldValue fills in a field.
type FieldValue struct {
	ID    string `json:"id"`
	Value any    `json:"value"`
}

// NewTemplate is what a template is made of.
type NewTemplate struct {
	Text         string  `json:"text"`
	Instructions string  `json:"instructions,omitempty"`
	Fields       []Field `json:"fields"`
}
