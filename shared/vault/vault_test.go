package vault_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"fulcrum/shared/vault"
)

var (
	one = `"1":"` + strings.Repeat("1", 64) + `"`
	two = `"2":"` + strings.Repeat("2", 64) + `"`
)

func keyset(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

// over is a vault over a keyset that the test may change.
func over(set *string) *vault.Vault {
	return vault.New(func(context.Context) (string, error) { return *set, nil }, time.Now)
}

func seal(t *testing.T, v *vault.Vault, plain, about string) []byte {
	t.Helper()
	sealed, err := v.Seal(t.Context(), []byte(plain), about)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func TestOpenGivesWhatWasSealed(t *testing.T) {
	set := keyset(`"primary":"1"`, one)
	v := over(&set)
	rapid.Check(t, func(rt *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(rt, "plain")
		about := rapid.String().Draw(rt, "about")
		sealed, err := v.Seal(t.Context(), plain, about)
		if err != nil {
			rt.Fatal(err)
		}
		got, err := v.Open(t.Context(), sealed, about)
		if err != nil || !bytes.Equal(got, plain) {
			rt.Fatalf("Open = %x, %v; want %x", got, err, plain)
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	set := keyset(`"primary":"1"`, one)
	v := over(&set)
	sealed := seal(t, v, "a token", "connection 1")
	changed := bytes.Clone(sealed)
	changed[len(changed)-1] ^= 1
	tests := map[string]struct {
		sealed []byte
		about  string
	}{
		"a value of another item":        {sealed, "connection 2"},
		"a value that was changed":       {changed, "connection 1"},
		"a value that was cut":           {sealed[:len(sealed)-1], "connection 1"},
		"a value without its box":        {sealed[:3], "connection 1"},
		"nothing":                        {nil, "connection 1"},
		"a plain text":                   {[]byte("a token"), "connection 1"},
		"a version that the set has not": {append([]byte{1, 1, '9'}, sealed[3:]...), "connection 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if plain, err := v.Open(t.Context(), tt.sealed, tt.about); !errors.Is(err, vault.ErrSealed) {
				t.Errorf("Open = %q, %v; want ErrSealed", plain, err)
			}
		})
	}
}

func TestTwoSealsOfOneValueDiffer(t *testing.T) {
	set := keyset(`"primary":"1"`, one)
	v := over(&set)
	if bytes.Equal(seal(t, v, "same", "same"), seal(t, v, "same", "same")) {
		t.Error("equal values can be told from their seals")
	}
}

func TestRotation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		set := keyset(`"primary":"1"`, one)
		v, other := over(&set), over(&set)
		old := seal(t, v, "old", "x")

		set = keyset(`"primary":"2"`, one, two)
		fresh := seal(t, other, "new", "x")
		if got := vault.Version(fresh); got != "2" {
			t.Errorf("sealed under version %q, want the primary 2", got)
		}
		time.Sleep(time.Minute)
		for _, tt := range []struct {
			sealed []byte
			want   string
		}{{old, "old"}, {fresh, "new"}} {
			if got, err := v.Open(t.Context(), tt.sealed, "x"); err != nil || string(got) != tt.want {
				t.Errorf("Open = %q, %v; want %q", got, err, tt.want)
			}
		}
	})
}

func TestUnusableKeysets(t *testing.T) {
	tests := map[string]string{
		"not JSON":              "secret-text",
		"no versions":           keyset(`"primary":"1"`),
		"no primary":            keyset(one),
		"a primary not listed":  keyset(`"primary":"2"`, one),
		"a key that is short":   keyset(`"primary":"1"`, `"1":"secret-text"`),
		"a member not a string": keyset(`"primary":"1"`, `"1":1`),
	}
	for name, set := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := over(&set).Seal(t.Context(), nil, "x")
			if err == nil {
				t.Fatal("the keyset was taken")
			}
			if strings.Contains(err.Error(), "secret-text") {
				t.Errorf("the error shows the key: %v", err)
			}
		})
	}
}
