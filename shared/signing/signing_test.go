package signing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/lever"
	"fulcrum/shared/signing"
)

func TestValidTokens(t *testing.T) {
	now := time.UnixMilli(1_000)
	tests := map[string]struct {
		keys []signing.Key
		want []string
	}{
		"no key, no token":                     {},
		"a key without end counts":             {keys: []signing.Key{{Token: "a"}}, want: []string{"a"}},
		"an old key counts until its end":      {keys: []signing.Key{{Token: "a"}, {Token: "b", Until: 1_001}}, want: []string{"a", "b"}},
		"at its end an old key counts no more": {keys: []signing.Key{{Token: "a"}, {Token: "b", Until: 1_000}}, want: []string{"a"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := (signing.Hook{Keys: tt.keys}).Valid(now); !slices.Equal(got, tt.want) {
				t.Errorf("Valid = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDecodeReadsWhatEncodeWrote(t *testing.T) {
	in := signing.Shard{Shards: 2, Hooks: map[string]signing.Hook{"h": {
		Partner: "justworks", Connection: "con_2", Event: lever.CandidateHired, Keys: []signing.Key{{Token: "t", Until: 5}},
	}}}
	text, err := in.Encode()
	if err != nil {
		t.Fatal(err)
	}
	out, err := signing.Decode(text)
	if err != nil || out.Shards != 2 || fmt.Sprint(out.Hooks) != fmt.Sprint(in.Hooks) {
		t.Errorf("Decode = %+v, %v; want %+v", out, err, in)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON":          "a-signing-token",
		"another version":  `{"v":2,"hooks":{"a-signing-token":{}}}`,
		"hooks not a list": `{"v":1,"hooks":["a-signing-token"]}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signing.Decode(text)
			if err == nil {
				t.Fatal("it was taken")
			}
			if strings.Contains(err.Error(), "a-signing-token") {
				t.Errorf("the error shows the text: %v", err)
			}
		})
	}
}

func TestEncodeRefusesAShardThatIsTooLarge(t *testing.T) {
	s := signing.Shard{Hooks: map[string]signing.Hook{}}
	for i := 0; ; i++ {
		if _, err := s.Encode(); err != nil {
			if i < 250 {
				t.Errorf("a shard holds only %d hooks", i)
			}
			return
		}
		s.Hooks[fmt.Sprintf("%035d", i)] = signing.Hook{
			Partner: "interviewing-io", Connection: fmt.Sprintf("con_%026d", i), Event: lever.CandidateArchiveChange,
			Keys: []signing.Key{{Token: strings.Repeat("f", 48)}},
		}
	}
}

func TestTheFirstShardOfADeploymentIsReadable(t *testing.T) {
	// What GenerateSecretString of template.yaml makes of its SecretStringTemplate.
	s, err := signing.Decode(`{"v":1,"shards":1,"hooks":{},"salt":"x"}`)
	if err != nil || s.Shards != 1 || s.Hooks == nil {
		t.Errorf("Decode = %+v, %v", s, err)
	}
}
