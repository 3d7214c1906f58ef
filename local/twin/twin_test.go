package twin_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/local/twin"
	"fulcrum/local/twin/desk"
)

func Example() {
	lever, err := twin.New(twin.Options{Random: rand.NewChaCha8([32]byte{1})})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lever.Close()
	server := httptest.NewServer(lever)
	defer server.Close()

	home, err := lever.CreateAccount(desk.NewAccount{Name: "Acme"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := lever.AddCandidate(home.Account, desk.Candidate{Name: "Nina Okafor"}); err != nil {
		fmt.Println(err)
		return
	}
	req, err := http.NewRequest("GET", server.URL+"/v1/opportunities?include=name&include=stage", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	req.SetBasicAuth(home.APIKey, "")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Status, string(body))
	// Output: 200 OK {"data":[{"name":"Nina Okafor","stage":"lead-new"}],"hasNext":false}
}

func TestWhatLeverDoesNotPublishHasDefaults(t *testing.T) {
	inBubble(t, twin.Options{}, func(t *testing.T, r *rig) {
		r.hook("candidateStageChange")
		r.receiver.answer = func(_ http.ResponseWriter, q *http.Request, _ int) { <-q.Context().Done() }
		begin := time.Now()
		r.fire()
		time.Sleep(time.Hour)
		at, pauses := time.Duration(0), []time.Duration{0, 1, 5, 30, 120, 600}
		got := r.receiver.all()
		if len(got) != len(pauses) {
			t.Fatalf("%d attempts", len(got))
		}
		for i, d := range got {
			if i > 0 {
				at += 5*time.Second + pauses[i]*time.Second
			}
			if d.at.Sub(begin) != at {
				t.Errorf("attempt %d after %s, want %s", i+1, d.at.Sub(begin), at)
			}
		}
		r.candidate(desk.Candidate{Name: "x"})
		next := "/opportunities?offset=" + url.QueryEscape(r.api("GET", "/opportunities?limit=1", nil).text("next"))
		time.Sleep(time.Hour)
		r.api("GET", next, nil).must(200)
		time.Sleep(time.Millisecond)
		r.api("GET", next, nil).must(400)
	})
}

func newTwin(t testing.TB, o twin.Options) *twin.Twin {
	t.Helper()
	x, err := twin.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestTheSameSeedMakesTheSameTwin(t *testing.T) {
	ids := func(seed byte) string {
		x := newTwin(t, twin.Options{Random: rand.NewChaCha8([32]byte{seed})})
		defer x.Close()
		home, err := x.CreateAccount(desk.NewAccount{Name: "Acme"})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(home.Account, home.APIKey, home.Users, home.Postings[0].ID)
	}
	synctest.Test(t, func(t *testing.T) {
		if a, b := ids(1), ids(1); a != b {
			t.Errorf("%s, then %s", a, b)
		}
		if ids(1) == ids(2) {
			t.Error("two seeds make the same twin")
		}
	})
}

func TestTheSandboxHasItsOwnHosts(t *testing.T) {
	x := newTwin(t, twin.Options{Sandbox: true, Region: "eu"})
	defer x.Close()
	home, err := x.CreateAccount(desk.NewAccount{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := x.AddCandidate(home.Account, desk.Candidate{Name: "x"})
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest("GET", "/v1/opportunities/"+c.OpportunityID, nil)
	req.SetBasicAuth(home.APIKey, "")
	w := httptest.NewRecorder()
	x.ServeHTTP(w, req)
	if !strings.Contains(w.Body.String(), "https://hire.sandbox.lever.co/candidates/") || w.Header().Get("X-Lever-Region") != "eu" {
		t.Errorf("%s %s", w.Header(), w.Body)
	}
	for _, path := range []string{"/v1", "/v1/../v1/stages", "/v1//stages"} {
		req := httptest.NewRequest("GET", "http://lever.test"+path, nil)
		req.SetBasicAuth(home.APIKey, "")
		w := httptest.NewRecorder()
		x.ServeHTTP(w, req)
		if w.Code != 404 || !strings.Contains(w.Body.String(), "ResourceNotFound") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

// Over real sockets, with the twin's own client.
func TestDeliveriesGoOverTheWire(t *testing.T) {
	arrived := make(chan string, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- r.URL.Path
	}))
	defer receiver.Close()
	x := newTwin(t, twin.Options{})
	defer x.Close()
	home, err := x.CreateAccount(desk.NewAccount{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.AddWebhook(home.Account, desk.NewWebhook{Event: "contactCreated", URL: receiver.URL + "/hook"}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Switch(home.Account, map[string]bool{"contactCreated": true}); err != nil {
		t.Fatal(err)
	}
	if _, err := x.AddCandidate(home.Account, desk.Candidate{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	select {
	case path := <-arrived:
		if path != "/hook" {
			t.Errorf("arrived at %s", path)
		}
	case <-time.After(time.Minute):
		t.Error("nothing arrived")
	}
}
