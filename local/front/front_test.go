package front_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"fulcrum/functions/partners"
	"fulcrum/local/aws"
	"fulcrum/local/front"
	"fulcrum/local/rig"
	"fulcrum/local/seed"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// page is a first page over a live stack.
type page struct {
	*rig.Live
	t     *testing.T
	first http.Handler
}

func on(t *testing.T, f func(t *testing.T, p page)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := rig.NewLive(t, aws.Options{})
		first, err := front.New(front.Options{
			Gateway: rig.Gateway, Lever: rig.Lever, Partner: rig.Partner, AWS: "http://aws.test", Mounts: []string{"", "GET /console  HubConsole"},
			Connections: l.Connections, Desk: l.Twin.Desk, Client: &http.Client{Transport: l}, Behind: l.Hosts["gateway.test"],
		})
		if err != nil {
			t.Fatal(err)
		}
		f(t, page{l, t, first})
	})
}

func (p page) ask(method, path string, headers ...string) (status int, location, text string) {
	p.t.Helper()
	req := httptest.NewRequestWithContext(context.Background(), method, "http://first.test"+path, nil)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res := httptest.NewRecorder()
	p.first.ServeHTTP(res, req)
	return res.Code, res.Header().Get("Location"), res.Body.String()
}

func TestTheFirstPageOffersThePartnersThatRun(t *testing.T) {
	on(t, func(t *testing.T, p page) {
		first, err := front.New(front.Options{Connections: []seed.Connection{p.Connection(t, "justworks")}, Behind: http.NotFoundHandler()})
		if err != nil {
			t.Fatal(err)
		}
		p.first = first
		_, _, text := p.ask(http.MethodGet, "/")
		if !strings.Contains(text, "/_local/setup/justworks") || strings.Contains(text, "/_local/setup/joinedly") {
			t.Error("it offers others than the one that runs")
		}
	})
}

func TestTheFirstPageSaysWhatRuns(t *testing.T) {
	on(t, func(t *testing.T, p page) {
		status, _, text := p.ask(http.MethodGet, "/")
		all, err := partners.All()
		if err != nil || status != http.StatusOK {
			t.Fatal(status, err)
		}
		says := []string{rig.Lever, rig.Partner + "/_sandbox/mail", "http://aws.test", "HubConsole"}
		for _, d := range all {
			says = append(says, "/_local/setup/"+d.Name, "/_local/console/"+d.Name, "con_demo_"+d.Name)
		}
		for _, s := range says {
			if !strings.Contains(text, s) {
				t.Errorf("it does not say %s", s)
			}
		}
		if status, _, text := p.ask(http.MethodGet, "/v1/connections"); status != http.StatusUnauthorized || !strings.Contains(text, "Unauthorized") {
			t.Errorf("behind it: %d %s", status, text)
		}
	})
}

func TestASetUpToTryIsThereForEachPartner(t *testing.T) {
	on(t, func(t *testing.T, p page) {
		all, err := partners.All()
		if err != nil {
			t.Fatal(err)
		}
		link := regexp.MustCompile(`https://gateway\.test/connect/[A-Z0-9]+`)
		for _, d := range all {
			status, _, text := p.ask(http.MethodPost, "/_local/setup/"+d.Name)
			if status != http.StatusOK || !link.MatchString(text) || !strings.Contains(text, rig.Lever+"/accounts/") {
				t.Errorf("%s: %d\n%s", d.Name, status, text)
			}
			if strings.Contains(text, "API key") != (d.Connect.By == "apiKey") {
				t.Errorf("%s shows an API key, or not", d.Name)
			}
			if status, to, _ := p.ask(http.MethodPost, "/_local/console/"+d.Name); status != http.StatusSeeOther || !strings.HasPrefix(to, "https://gateway.test/console/sign-in/") {
				t.Errorf("%s: %d to %s", d.Name, status, to)
			}
		}
		for range 2 { // the second time its admin is known
			if status, to, text := p.ask(http.MethodPost, "/_local/review"); status != http.StatusSeeOther || !strings.HasPrefix(to, "https://gateway.test/justworks/sign-in/") {
				t.Errorf("review: %d to %s %s", status, to, text)
			}
		}
	})
}

// Another page in the same browser makes no links.
func TestAnotherSitePressesNoButton(t *testing.T) {
	on(t, func(t *testing.T, p page) {
		for _, path := range []string{"/_local/setup/joinedly", "/_local/console/joinedly", "/_local/review"} {
			if status, _, _ := p.ask(http.MethodPost, path, "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
				t.Errorf("%s: %d", path, status)
			}
		}
		if status, _, _ := p.ask(http.MethodPost, "/_local/console/nobody"); status != http.StatusInternalServerError {
			t.Errorf("a partner that is not there: %d", status)
		}
	})
}
