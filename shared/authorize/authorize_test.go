package authorize_test

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"fulcrum/shared/apikey"
	"fulcrum/shared/authorize"
	"fulcrum/shared/store"
)

// keys is a table in memory that counts its reads.
type keys struct {
	of    map[string][]store.APIKey
	err   error
	reads int
}

func (k *keys) APIKeys(_ context.Context, partner string) ([]store.APIKey, error) {
	k.reads++
	return k.of[partner], k.err
}

func minted(t *testing.T, partner, random string) (string, store.APIKey) {
	t.Helper()
	text, err := apikey.Mint(partner, strings.NewReader(strings.Repeat(random, 20)))
	if err != nil {
		t.Fatal(err)
	}
	k, err := apikey.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, store.APIKey{ID: k.ID, Hash: k.Hash}
}

func TestWhoMayPass(t *testing.T) {
	old, oldKey := minted(t, "acme", "a")
	next, nextKey := minted(t, "acme", "b")
	revoked, revokedKey := minted(t, "acme", "c")
	unknown, _ := minted(t, "acme", "d")
	foreign, foreignKey := minted(t, "other", "e")
	revokedKey.RevokedAt = 1
	tests := map[string]struct {
		identity []string
		partner  string // empty is no
		key      string
		reads    int
	}{
		"the key in use":              {[]string{"Bearer " + old}, "acme", oldKey.ID, 1},
		"the next key":                {[]string{"Bearer " + next}, "acme", nextKey.ID, 1},
		"another partner's key":       {[]string{"Bearer " + foreign}, "other", foreignKey.ID, 1},
		"another case of the scheme":  {[]string{"bEARER " + old}, "acme", oldKey.ID, 1},
		"spaces around the key":       {[]string{"Bearer   " + old + " "}, "acme", oldKey.ID, 1},
		"a revoked key":               {[]string{"Bearer " + revoked}, "", "", 1},
		"a key that was never added":  {[]string{"Bearer " + unknown}, "", "", 1},
		"a mistyped key":              {[]string{"Bearer " + old[:len(old)-1] + "v"}, "", "", 0},
		"a key under another scheme":  {[]string{"Basic " + old}, "", "", 0},
		"a key without a scheme":      {[]string{old}, "", "", 0},
		"a scheme without a key":      {[]string{"Bearer"}, "", "", 0},
		"two headers, as one":         {[]string{"Bearer " + old + ",Bearer " + old}, "", "", 0},
		"no identity":                 {nil, "", "", 0},
		"more than one identity":      {[]string{"Bearer " + old, "x"}, "", "", 0},
		"a key of no partner at all":  {[]string{"Bearer ful__" + old[len(old)-40:]}, "", "", 0},
		"something long that is none": {[]string{strings.Repeat("Bearer ", 1000)}, "", "", 0},
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			table := &keys{of: map[string][]store.APIKey{"acme": {oldKey, revokedKey, nextKey}, "other": {foreignKey}}}
			got, err := authorize.New(table).Handle(t.Context(), events.APIGatewayV2CustomAuthorizerV2Request{IdentitySource: tt.identity})
			want := authorize.Answer{}
			if tt.partner != "" {
				want = authorize.Answer{IsAuthorized: true, Context: map[string]any{"partner": tt.partner, "key": tt.key}}
			}
			if err != nil || !reflect.DeepEqual(got, want) || table.reads != tt.reads {
				t.Errorf("%+v, %v, %d reads", got, err, table.reads)
			}
		})
	}
}

// No is an answer that the gateway remembers; a table that is away must not be one.
func TestATableThatIsAwayIsAnErrorAndNoNo(t *testing.T) {
	var log strings.Builder
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	text, _ := minted(t, "acme", "a")
	away := errors.New("away")
	_, err := authorize.New(&keys{err: away}).Handle(t.Context(), events.APIGatewayV2CustomAuthorizerV2Request{IdentitySource: []string{"Bearer " + text}})
	if !errors.Is(err, away) {
		t.Errorf("error %v", err)
	}
	if strings.Contains(log.String(), text) || !strings.Contains(log.String(), "acme") {
		t.Errorf("log %s", log.String())
	}
}
