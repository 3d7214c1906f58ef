package document_test

import (
	"testing"
	"time"

	"fulcrum/shared/document"
)

func TestBody(t *testing.T) {
	at := time.Date(2026, 11, 21, 13, 0, 0, 7e6, time.FixedZone("CET", 3600))
	d := document.Document{Type: "joiner.hired", Version: 2, OccurredAt: at, Data: map[string]string{"name": "Ada"}}
	body, err := d.Body("con_1")
	want := `{"type":"joiner.hired","version":2,"connection":"con_1","occurredAt":"2026-11-21T12:00:00.007Z","data":{"name":"Ada"}}`
	if err != nil || string(body) != want {
		t.Errorf("body %s, %v", body, err)
	}
	d.Data = func() {}
	if _, err := d.Body("con_1"); err == nil {
		t.Error("what is no JSON has a body")
	}
}

func TestTime(t *testing.T) {
	if got := document.Time(time.Time{}); got != "" {
		t.Errorf("no time is %q", got)
	}
	if got := document.Time(time.UnixMilli(1_795_262_400_001)); got != "2026-11-21T12:00:00.001Z" {
		t.Errorf("a time is %q", got)
	}
}
