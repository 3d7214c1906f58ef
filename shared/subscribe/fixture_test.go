package subscribe_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
)

// tokenless is a Lever that forgets to give the signing token.
type tokenless struct{ next http.RoundTripper }

func (l tokenless) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := l.next.RoundTrip(req)
	if err != nil || req.Method != http.MethodPost || req.URL.Path != "/v1/webhooks" {
		return res, err
	}
	defer res.Body.Close()
	var answer map[string]map[string]any
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	delete(answer["data"], "configuration")
	text, err := json.Marshal(answer)
	res.Body = io.NopCloser(bytes.NewReader(text))
	return res, err
}
