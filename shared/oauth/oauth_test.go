package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
)

// server is an authorization server that answers with one body and keeps what it
// was sent.
type server struct {
	status int
	body   string
	err    error
	sent   []url.Values
}

func (s *server) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		text, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(text))
		if err != nil {
			return nil, err
		}
		s.sent = append(s.sent, form)
	}
	if s.err != nil {
		return nil, s.err
	}
	return &http.Response{StatusCode: s.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(s.body)), Request: req}, nil
}

func client(t *testing.T, s *server) *oauth.Client {
	t.Helper()
	env, err := lever.EnvironmentOf(lever.Production, "")
	if err != nil {
		t.Fatal(err)
	}
	app := oauth.App{ClientID: "app", ClientSecret: "canary-secret", Callback: "https://connect.example/callback", Scopes: []string{"offline_access", "users:read:admin"}}
	return oauth.New(env, app, s, time.Now)
}

func TestTheAddressOfTheConsent(t *testing.T) {
	verifier := oauth.NewVerifier()
	address, err := url.Parse(client(t, &server{}).AuthorizeURL("the state", verifier))
	if err != nil {
		t.Fatal(err)
	}
	if got := address.Scheme + "://" + address.Host + address.Path; got != "https://auth.lever.co/authorize" {
		t.Errorf("address %s", got)
	}
	q := address.Query()
	for name, want := range map[string]string{
		"client_id": "app", "redirect_uri": "https://connect.example/callback", "response_type": "code", "state": "the state",
		"audience": "https://api.lever.co/v1/", "scope": "offline_access users:read:admin", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if q.Get("code_challenge") == "" || strings.Contains(address.String(), verifier) || strings.Contains(address.String(), "canary") {
		t.Errorf("the address holds what it must not, or no challenge: %s", address)
	}
}

// token is an access token with the claims that Lever's sample has.
const token = "eyJhbGciOiJIUzUxMiJ9.eyJodHRwczovL29hdXRoLmxldmVyLmNvL2FjY291bnRJZCI6ImFjYy0xIiwiaHR0cHM6Ly9vYXV0aC5sZXZlci5jby91c2VySWQiOiJ1c2VyLTEifQ.c2ln"

func TestACodeBecomesTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{status: 200, body: `{"access_token":"` + token + `","refresh_token":"r-1","token_type":"Bearer","scope":"offline_access users:read:admin","expires_in":3600}`}
		got, err := client(t, s).Exchange(t.Context(), "the-code", "the-verifier")
		if err != nil {
			t.Fatal(err)
		}
		if got.Access != token || got.Refresh != "r-1" || got.Account != "acc-1" || got.User != "user-1" || len(got.Scopes) != 2 || !got.ExpiresAt.Equal(time.Now().Add(time.Hour)) {
			t.Errorf("tokens %+v", got)
		}
		for name, want := range map[string]string{
			"grant_type": "authorization_code", "code": "the-code", "code_verifier": "the-verifier", "client_id": "app",
			"client_secret": "canary-secret", "redirect_uri": "https://connect.example/callback",
		} {
			if s.sent[0].Get(name) != want {
				t.Errorf("%s is %q, want %q", name, s.sent[0].Get(name), want)
			}
		}
	})
}

func TestARefreshTokenBecomesNewTokens(t *testing.T) {
	s := &server{status: 200, body: `{"access_token":"opaque","refresh_token":"r-2","token_type":"Bearer"}`}
	got, err := client(t, s).Refresh(t.Context(), "r-1")
	if err != nil || got.Access != "opaque" || got.Refresh != "r-2" || got.Account != "" || got.ExpiresAt.IsZero() {
		t.Errorf("tokens %+v, %v", got, err)
	}
	if s.sent[0].Get("grant_type") != "refresh_token" || s.sent[0].Get("refresh_token") != "r-1" {
		t.Errorf("sent %v", s.sent[0])
	}
}

func TestErrorsTellWhatToDoAndNothingElse(t *testing.T) {
	failure := func(code string) string {
		text, err := json.Marshal(map[string]string{"error": code, "error_description": "canary-description"})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	tests := map[string]struct {
		server *server
		is     error
	}{
		"the consent is gone":           {&server{status: 403, body: failure("invalid_grant")}, oauth.ErrGone},
		"the app is unknown":            {&server{status: 401, body: failure("invalid_client")}, oauth.ErrApp},
		"the app may not do this":       {&server{status: 403, body: failure("unauthorized_client")}, oauth.ErrApp},
		"the server fails":              {&server{status: 503, body: "canary-body"}, nil},
		"the server answers with HTML":  {&server{status: 200, body: "<html>canary-body"}, nil},
		"the server gives no token":     {&server{status: 200, body: `{"canary":1}`}, nil},
		"the server is not reached":     {&server{err: errors.New("dial canary-address")}, nil},
		"the server answers 200 and no": {&server{status: 200, body: failure("invalid_grant")}, oauth.ErrGone},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, exchange := client(t, tt.server).Exchange(t.Context(), "canary-code", "canary-verifier")
			_, refresh := client(t, tt.server).Refresh(t.Context(), "canary-refresh")
			for _, err := range []error{exchange, refresh} {
				if err == nil || tt.is != nil && !errors.Is(err, tt.is) || tt.is == nil && (errors.Is(err, oauth.ErrGone) || errors.Is(err, oauth.ErrApp)) {
					t.Errorf("error %v, want %v", err, tt.is)
				}
				if err != nil && strings.Contains(err.Error(), "canary") {
					t.Errorf("the error shows too much: %v", err)
				}
			}
			if len(tt.server.sent) != 2 {
				t.Errorf("%d requests for two calls: a code counts once", len(tt.server.sent))
			}
		})
	}
}

// Whoever waits must be able to tell that it took too long from that it cannot be; an
// answer's status tells whom to ask.
func TestAnErrorTellsTimeAndStatus(t *testing.T) {
	tests := map[string]struct {
		server *server
		late   bool
		text   string
	}{
		"it takes too long":    {&server{err: context.DeadlineExceeded}, true, "lever's authorization server: context deadline exceeded"},
		"nobody waits longer":  {&server{err: context.Canceled}, true, "lever's authorization server: context deadline exceeded"},
		"it is not reached":    {&server{err: errors.New("dial")}, false, "lever's authorization server gave no answer that can be used"},
		"it answers with 503":  {&server{status: 503, body: "away"}, false, "lever's authorization server: status 503"},
		"it asks for patience": {&server{status: 429, body: "slow"}, false, "lever's authorization server: status 429"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client(t, tt.server).Refresh(t.Context(), "r-1")
			if err == nil || errors.Is(err, context.DeadlineExceeded) != tt.late || !strings.HasSuffix(err.Error(), tt.text) {
				t.Errorf("%v, want %q", err, tt.text)
			}
		})
	}
}

func TestMissingScopes(t *testing.T) {
	tests := map[string]struct{ needed, given, want string }{
		"all are given":                            {"a:read:admin b:read:admin", "b:read:admin a:read:admin", ""},
		"write includes read":                      {"a:read:admin", "a:write:admin", ""},
		"read does not include write":              {"a:write:admin", "a:read:admin", "a:write:admin"},
		"one is not given":                         {"a:read:admin b:read:admin", "a:read:admin", "b:read:admin"},
		"offline_access is no scope of the answer": {"offline_access a:read:admin", "a:read:admin", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(oauth.Missing(strings.Fields(tt.needed), strings.Fields(tt.given)), " "); got != tt.want {
				t.Errorf("missing %q, want %q", got, tt.want)
			}
		})
	}
}
