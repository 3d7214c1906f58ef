package oauth_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/oauth"
)

// secrets is a Source over a map.
type secrets map[string]string

func (s secrets) Value(_ context.Context, id string) (string, error) {
	v, ok := s[id]
	if !ok {
		return "", errors.New("no such secret")
	}
	return v, nil
}

func TestEveryPartnerHasItsOwnApp(t *testing.T) {
	apps := oauth.NewApps(secrets{
		"oauth/joinedly":  `{"production":{"clientId":"j","clientSecret":"s"},"sandbox":{"clientId":"","clientSecret":""},"unused":"canary"}`,
		"oauth/justworks": `{"production":{"clientId":"w","clientSecret":"s"}}`,
		"oauth/broken":    `canary`,
		"oauth/half":      `{"production":{"clientId":"h","clientSecret":""},"sandbox":{"clientId":"","clientSecret":"s"}}`,
	}, "oauth/", "", &server{}, time.Now)
	tests := map[string]struct {
		partner, environment string
		id                   string
		is                   error
	}{
		"joinedly":                             {"joinedly", lever.Production, "j", nil},
		"justworks":                            {"justworks", lever.Production, "w", nil},
		"an environment that is not filled in": {"joinedly", lever.Sandbox, "", oauth.ErrUnregistered},
		"an environment that is not there":     {"justworks", lever.EU, "", oauth.ErrUnregistered},
		"an app without a secret":              {"half", lever.Production, "", oauth.ErrUnregistered},
		"an app without an id":                 {"half", lever.Sandbox, "", oauth.ErrUnregistered},
		"an environment that is none":          {"joinedly", "moon", "", nil},
		"a partner without a secret":           {"nobody", lever.Production, "", nil},
		"a secret that cannot be read":         {"broken", lever.Production, "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := apps.Client(t.Context(), tt.partner, tt.environment, "https://x.example/", nil)
			if tt.id == "" {
				if err == nil || tt.is != nil && !errors.Is(err, tt.is) || strings.Contains(err.Error(), "canary") {
					t.Errorf("error %v, want %v", err, tt.is)
				}
				return
			}
			if err != nil || !strings.Contains(c.AuthorizeURL("s", "v"), "client_id="+tt.id+"&") {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestATwinStandsForEveryEnvironment(t *testing.T) {
	apps := oauth.NewApps(secrets{"joinedly": `{"eu":{"clientId":"j","clientSecret":"s"}}`}, "", "http://127.0.0.1:1/", &server{}, time.Now)
	c, err := apps.Client(t.Context(), "joinedly", lever.EU, "https://x.example/", nil)
	if err != nil || !strings.HasPrefix(c.AuthorizeURL("s", "v"), "http://127.0.0.1:1/authorize?audience=http%3A%2F%2F127.0.0.1%3A1%2Fv1%2F&") {
		t.Errorf("%v", err)
	}
}
