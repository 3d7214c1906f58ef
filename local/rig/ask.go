package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"fulcrum/local/seed"
)

// Ask sends a partner's request to the gateway with its API key; empty is none. The
// body is in as JSON, none where it is nil; header is more names and values in turn.
// It gives the answer's status and body.
func (r *Rig) Ask(t testing.TB, key, method, path string, in any, header ...string) (status int, answer []byte) {
	t.Helper()
	var body []byte
	var err error
	if in != nil {
		if body, err = json.Marshal(in); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(context.Background(), method, Gateway+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := (&http.Client{Transport: r}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer
}

// Reveal has interviewing.io tell, for its connection, of somebody who passed an
// interview and whom Lever does not know yet.
func (r *Rig) Reveal(t testing.TB, c seed.Connection, interview, name, email string) {
	t.Helper()
	status, answer := r.Ask(t, c.PartnerAPIKey, http.MethodPost, "/v1/interviewing-io/connections/"+c.ID+"/interviews", map[string]any{
		"interviewId": interview, "version": 1, "outcome": "yes", "candidateConsents": true, "interviewedAt": "2026-11-20T15:00:00Z",
		"candidate": map[string]any{"name": name, "email": email},
		"feedback":  map[string]any{"technical": 4, "communication": 3, "problemSolving": 4, "text": "Saw the race at once."},
	})
	if status != http.StatusAccepted {
		t.Fatalf("the result of %s is answered %d: %s", interview, status, answer)
	}
}
