package seed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// Call makes a request as the partner's backend does: with its API key, body as JSON
// unless it is nil, and the answer read into into unless that is nil. What is not
// answered 2xx is an error.
func (c Connection) Call(ctx context.Context, client *http.Client, method, url string, body, into any) error {
	var text []byte
	var err error
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("%s: not an address", method)
	}
	req.Header.Set("Authorization", "Bearer "+c.PartnerAPIKey)
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s was answered %d", method, req.URL.Path, res.StatusCode)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(into)
}

// GiveDirectory gives Joinedly's offices and teams at a gateway, as Joinedly does.
func (c Connection) GiveDirectory(ctx context.Context, client *http.Client, gateway string) error {
	type named struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	return c.Call(ctx, client, http.MethodPut, gateway+"/v1/joinedly/connections/"+c.ID+"/directory", map[string][]named{
		"offices": {{"office-1", "Lisbon"}, {"office-2", "Chicago"}}, "teams": {{"team-1", "Engineering"}},
	}, nil)
}
