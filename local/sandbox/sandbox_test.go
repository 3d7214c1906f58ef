package sandbox_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"fulcrum/local/keep"
	"fulcrum/local/sandbox"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// partner is a sandbox behind a server, with a sender that signs.
type partner struct {
	*testing.T
	url string
}

func start(t *testing.T) partner {
	t.Helper()
	return over(t, nil)
}

func over(t *testing.T, store *keep.Store) partner {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{Secrets: map[string]string{"joinedly": secret, "justworks": secret}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return partner{t, srv.URL}
}

// send posts a document and gives the status, 0 where no answer came.
func (p partner) send(to, id, body, secret string) int {
	p.Helper()
	signer, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		p.Fatal(err)
	}
	at := time.Now()
	signature, err := signer.Sign(id, at, []byte(body))
	if err != nil {
		p.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, p.url+"/deliveries/"+to, bytes.NewBufferString(body))
	if err != nil {
		p.Fatal(err)
	}
	req.Header.Set("webhook-id", id)
	req.Header.Set("webhook-timestamp", fmt.Sprint(at.Unix()))
	req.Header.Set("webhook-signature", signature)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

func (p partner) fault(body string) int {
	p.Helper()
	res, err := http.Post(p.url+"/_sandbox/faults", "application/json", bytes.NewBufferString(body))
	if err != nil {
		p.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func (p partner) list(query string) []sandbox.Delivery {
	p.Helper()
	res, err := http.Get(p.url + "/_sandbox/deliveries?" + query)
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.Fatal(err)
	}
	var out []sandbox.Delivery
	if err := json.Unmarshal(text, &out); err != nil {
		p.Fatalf("%s: %v", text, err)
	}
	return out
}

const hired = `{"type":"joiner.hired","connection":"con_1"}`

func TestWhatVerifiesIsKept(t *testing.T) {
	p := start(t)
	if status := p.send("joinedly", "dlv_1", hired, secret); status != http.StatusNoContent {
		t.Errorf("status %d", status)
	}
	got := p.list("")
	if len(got) != 1 || got[0].ID != "dlv_1" || got[0].Partner != "joinedly" || got[0].Connection != "con_1" || got[0].Type != "joiner.hired" || string(got[0].Body) != hired {
		t.Errorf("kept %+v", got)
	}
}

func TestWhatDoesNotVerifyIsNotKept(t *testing.T) {
	p := start(t)
	for name, status := range map[string]int{
		"another secret":      p.send("joinedly", "dlv_1", hired, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"),
		"an unknown partner":  p.send("nobody", "dlv_1", hired, secret),
		"no signature at all": post(t, p.url+"/deliveries/joinedly"),
	} {
		if status != http.StatusUnauthorized {
			t.Errorf("%s: status %d", name, status)
		}
	}
	if status := p.send("joinedly", "dlv_1", `{"connection":"con_1"}`, secret); status != http.StatusBadRequest {
		t.Errorf("no document: status %d", status)
	}
	if got := p.list(""); len(got) != 0 {
		t.Errorf("kept %+v", got)
	}
}

func post(t *testing.T, url string) int {
	t.Helper()
	res, err := http.Post(url, "application/json", bytes.NewBufferString(hired))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestARepeatedDeliveryIsKeptOnce(t *testing.T) {
	p := start(t)
	for range 3 {
		p.send("joinedly", "dlv_1", hired, secret)
	}
	if got := p.list(""); len(got) != 1 || got[0].Attempts != 3 {
		t.Errorf("kept %+v", got)
	}
}

func TestTheListIsByPartnerAndConnection(t *testing.T) {
	p := start(t)
	p.send("joinedly", "dlv_1", hired, secret)
	p.send("justworks", "dlv_2", `{"type":"pending_hire.created","connection":"con_2"}`, secret)
	for query, want := range map[string]int{
		"": 2, "partner=joinedly": 1, "connection=con_2": 1, "partner=joinedly&connection=con_2": 0,
	} {
		if got := p.list(query); len(got) != want {
			t.Errorf("%q lists %d, want %d", query, len(got), want)
		}
	}
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		fault    string
		first    int // the status of the attempt that is hit
		kept     int // after it
		attempts int // after one more, which is not hit
	}{
		"a status is answered and nothing kept": {`{"partner":"joinedly","status":503}`, 503, 0, 2},
		"an answer that is dropped keeps it":    {`{"dropAnswer":true,"times":1}`, 0, 1, 2},
		"a delay only waits":                    {`{"delayMs":5}`, 204, 1, 2},
		"another partner's fault does not hit":  {`{"partner":"justworks","status":503}`, 204, 1, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := start(t)
			if status := p.fault(tt.fault); status != http.StatusNoContent {
				t.Fatalf("fault: status %d", status)
			}
			if status := p.send("joinedly", "dlv_1", hired, secret); status != tt.first || len(p.list("")) != tt.kept {
				t.Errorf("status %d, kept %v; want %d, %d", status, p.list(""), tt.first, tt.kept)
			}
			if status := p.send("joinedly", "dlv_1", hired, secret); status != 204 {
				t.Errorf("the next attempt: status %d", status)
			}
			if got := p.list(""); len(got) != 1 || got[0].Attempts != tt.attempts {
				t.Errorf("kept %+v, want %d attempts", got, tt.attempts)
			}
		})
	}
}

func TestFaultsAreReadAndHealed(t *testing.T) {
	p := start(t)
	if status := p.fault("status=500"); status != http.StatusBadRequest {
		t.Errorf("no JSON: status %d", status)
	}
	p.fault(`{"status":500,"times":1000}`)
	req, err := http.NewRequest(http.MethodDelete, p.url+"/_sandbox/faults", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if status := p.send("joinedly", "dlv_1", hired, secret); status != http.StatusNoContent {
		t.Errorf("after healing: status %d", status)
	}
}

func TestWhatHasArrivedIsKeptOverRestarts(t *testing.T) {
	store, err := keep.Open(t.TempDir(), "partner.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	over(t, store).send("joinedly", "dlv_1", hired, secret)
	again := over(t, store)
	again.send("joinedly", "dlv_1", hired, secret)
	again.send("joinedly", "dlv_2", hired, secret)
	if got := again.list(""); len(got) != 2 || got[0].ID != "dlv_1" || got[0].Attempts != 2 || got[1].ID != "dlv_2" {
		t.Errorf("kept %+v", got)
	}
}

func TestMailThatGoesElsewhereIsNotShown(t *testing.T) {
	res, err := http.Get(start(t).url + "/_sandbox/mail")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || string(text) != "[]\n" || res.Header.Get("Mail-Elsewhere") != "true" {
		t.Errorf("answer %s, %v, %v", text, res.Header, err)
	}
}
