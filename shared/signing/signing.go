// Package signing keeps the signing tokens of webhooks: many hooks to one secret
// in Secrets Manager, a shard, so that a cold function has the keys before its
// first event and ten thousand connections cost dollars a month.
//
// Shard n is the secret named prefix+n, a JSON object:
//
//	{"v": 1, "shards": 3, "hooks": {"<hook>": {"p": "joinedly", "c": "con_…", "e": "candidateHired",
//	    "k": [{"t": "<signing token>"}, {"t": "<older token>", "u": <valid until, Unix ms>}]}}}
//
// "shards" is how many there are, and counts only in shard 0. A shard holds at
// most MaxSize bytes; Secrets Manager takes 64 KB.
//
// Keys reads; it is what the webhook functions have. Writer changes: Secrets
// Manager has no compare-and-set, is slow, and takes few versions of a secret a
// day, so changes are written down in the table and made together.
package signing

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fulcrum/shared/lever"
)

// MaxSize is the most bytes that a shard's JSON may have.
const MaxSize = 48 << 10

// version is the form of a shard's JSON.
const version = 1

// Shard is one secret's hooks by their ids.
type Shard struct {
	Version int             `json:"v"`
	Shards  int             `json:"shards,omitempty"`
	Hooks   map[string]Hook `json:"hooks"`
}

// Hook is one webhook of one connection, as far as a webhook function may know
// it.
type Hook struct {
	Partner    string      `json:"p"`
	Connection string      `json:"c"`
	Event      lever.Event `json:"e"`
	Keys       []Key       `json:"k"`
}

// Key is one signing token of a webhook.
type Key struct {
	Token string `json:"t"`
	// Until is the Unix millisecond from which on the token counts no more; zero
	// is no end.
	Until int64 `json:"u,omitempty"`
}

// Valid is the tokens that count at a moment, in their order.
func (h Hook) Valid(now time.Time) []string {
	var tokens []string
	for _, k := range h.Keys {
		if k.Until == 0 || now.UnixMilli() < k.Until {
			tokens = append(tokens, k.Token)
		}
	}
	return tokens
}

// Decode reads a shard. Its errors hold nothing of the text.
func Decode(text string) (Shard, error) {
	var s Shard
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Shard{}, errors.New("signing shard is not of the JSON form that is expected")
	}
	if s.Version != version {
		return Shard{}, fmt.Errorf("signing shard has version %d, not %d", s.Version, version)
	}
	if s.Hooks == nil {
		s.Hooks = map[string]Hook{}
	}
	return s, nil
}

// Encode writes a shard. It fails when the shard is over MaxSize.
func (s Shard) Encode() (string, error) {
	s.Version = version
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encode signing shard: %w", err)
	}
	if len(text) > MaxSize {
		return "", fmt.Errorf("signing shard has %d bytes, over %d", len(text), MaxSize)
	}
	return string(text), nil
}
