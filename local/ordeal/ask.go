package ordeal

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"fulcrum/local/rig"
)

// tries is how often somebody asks who is not answered.
const tries = 10

// Ask has the partner's backend call the gateway, again and again until the answer
// is one: less than 500. It gives the status.
func (p *Play) Ask(method, path string, in, out any) int {
	p.t.Helper()
	for range tries {
		if status := p.Call(method, path, in, out); status < http.StatusInternalServerError {
			return status
		}
		time.Sleep(time.Minute)
	}
	p.Errorf("%s %s is never answered", method, path)
	return 0
}

// Expect fails the play unless the answer is the wanted one, or, where the function
// was given the same before, the one that says so.
func (p *Play) Expect(got int, want ...int) {
	for _, one := range want {
		if got == one {
			return
		}
	}
	p.Errorf("status %d, want one of %v", got, want)
}

// queue is the ARN of the partner's queue.
func (p *Play) queue() string {
	for _, from := range queues(p.Stage) {
		if strings.HasSuffix(from.Queue, "-partner-"+p.C.Partner) {
			return from.Queue
		}
	}
	return ""
}

// Lever reads something from Lever's API with the customer's own key.
func (p *Play) Lever(path string, into any) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, rig.Lever+"/v1"+path, nil)
	p.must(err)
	req.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(p.C.LeverAPIKey+":")))
	res, err := p.RoundTrip(req)
	p.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	p.must(err)
	p.must(json.Unmarshal(text, into))
}
