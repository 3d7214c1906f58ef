// Package document is the form of what a partner is given.
package document

import (
	"encoding/json"
	"fmt"
	"time"
)

// Document is versioned JSON about one thing.
type Document struct {
	// Type is the partner's past tense: joiner.hired.
	Type string
	// Version is the version of the form of Data.
	Version int
	// OccurredAt is Lever's time of what happened.
	OccurredAt time.Time
	Data       any
}

// Layout is the form of times in documents and answers: RFC 3339, UTC, with
// Lever's millisecond.
const Layout = "2006-01-02T15:04:05.000Z"

// Time writes a time, empty for the zero time.
func Time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(Layout)
}

// Body is the document as it is sent:
//
//	{"type": "…", "version": 1, "connection": "con_…", "occurredAt": "…", "data": {…}}
func (d Document) Body(connectionID string) ([]byte, error) {
	body, err := json.Marshal(struct {
		Type       string `json:"type"`
		Version    int    `json:"version"`
		Connection string `json:"connection"`
		OccurredAt string `json:"occurredAt"`
		Data       any    `json:"data"`
	}{d.Type, d.Version, connectionID, d.OccurredAt.UTC().Format(Layout), d.Data})
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", d.Type, err)
	}
	return body, nil
}
