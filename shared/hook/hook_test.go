package hook_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fulcrum/shared/hook"
)

var key = []byte("key of the deployment")

func mint(t *testing.T, shard int) string {
	t.Helper()
	id, err := hook.Mint(key, shard, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestShardReadsWhatMintWrote(t *testing.T) {
	for _, shard := range []int{0, 1, 255, 256, hook.MaxShard} {
		id := mint(t, shard)
		if len(id) != hook.Length {
			t.Errorf("id %q has %d characters, not %d", id, len(id), hook.Length)
		}
		if got, err := hook.Shard(key, id); err != nil || got != shard {
			t.Errorf("Shard = %d, %v; want %d", got, err, shard)
		}
	}
}

func TestMintFails(t *testing.T) {
	tests := map[string]struct {
		shard  int
		random string
	}{
		"a negative shard":           {shard: -1, random: strings.Repeat("r", 16)},
		"a shard beyond the highest": {shard: hook.MaxShard + 1, random: strings.Repeat("r", 16)},
		"randomness that ends early": {shard: 0, random: "short"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if id, err := hook.Mint(key, tt.shard, strings.NewReader(tt.random)); err == nil {
				t.Errorf("Mint gave %q", id)
			}
		})
	}
}

func TestUnknownHooks(t *testing.T) {
	id := mint(t, 3)
	foreign, err := hook.Mint([]byte("another key"), 3, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"an empty id":                  "",
		"a short id":                   id[:hook.Length-1],
		"a long id":                    id + "A",
		"an id of another deployment":  foreign,
		"a character outside base64":   "!" + id[1:],
		"a line break within the id":   id[:10] + "\n" + id[11:],
		"a made-up id":                 strings.Repeat("A", hook.Length),
		"padding instead of the end":   id[:hook.Length-1] + "=",
		"standard instead of url form": strings.Repeat("+", hook.Length),
	}
	for name, made := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := hook.Shard(key, made); !errors.Is(err, hook.ErrUnknown) {
				t.Errorf("Shard(%q) = %v; want ErrUnknown", made, err)
			}
		})
	}
}

// Every change of any one character is refused: the tag covers the whole id and
// the encoding is strict.
func TestNoNeighbourOfAnIDIsKnown(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	id := mint(t, 7)
	for i := range id {
		for _, c := range []byte(alphabet) {
			if id[i] == c {
				continue
			}
			other := []byte(id)
			other[i] = c
			if _, err := hook.Shard(key, string(other)); err == nil {
				t.Fatalf("%q is known although only %q was minted", other, id)
			}
		}
	}
}

func TestMintedIDsAreKnownAndOthersAreNot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shard := rapid.IntRange(0, hook.MaxShard).Draw(t, "shard")
		random := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "random")
		id, err := hook.Mint(key, shard, bytes.NewReader(random))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := hook.Shard(key, id); err != nil || got != shard {
			t.Fatalf("Shard = %d, %v; want %d", got, err, shard)
		}
		if guess := rapid.String().Draw(t, "guess"); guess != id {
			if _, err := hook.Shard(key, guess); err == nil {
				t.Fatalf("%q is known", guess)
			}
		}
	})
}
