package dynamodb

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// tokenLife is how long a ClientRequestToken stands for its transaction, by the
// API reference of TransactWriteItems.
const tokenLife = 10 * time.Minute

// clientToken is a ClientRequestToken with what it stands for. Its name is
// empty where the client gave none.
type clientToken struct {
	Name   string
	Digest string // of the request
	Spent  time.Time
}

// clientTokens are the spent tokens by name, and in the order of their time. A
// transaction that was cancelled has not spent its token.
type clientTokens struct {
	byName map[string]clientToken
	order  []clientToken
}

// newClientToken is the token of a request that is made now.
func newClientToken(in *transactWriteInput, now time.Time) (clientToken, error) {
	if in.ClientRequestToken == nil {
		return clientToken{}, nil
	}
	name := *in.ClientRequestToken
	if n := len([]rune(name)); n < 1 || n > maxTokenCharacters {
		return clientToken{}, constraint(name, "clientRequestToken", "Member must have length between 1 and %d", maxTokenCharacters)
	}
	// The same request has the same JSON here: maps are written in order.
	request, err := json.Marshal(in.TransactItems)
	if err != nil {
		return clientToken{}, fmt.Errorf("encode transaction: %w", err)
	}
	sum := sha256.Sum256(request)
	return clientToken{Name: name, Digest: hex.EncodeToString(sum[:]), Spent: now}, nil
}

// seen reports whether the token's transaction has been made within its life.
// It fails if that was another one.
func (t *clientTokens) seen(k clientToken) (bool, error) {
	old, ok := t.byName[k.Name]
	switch {
	case !ok || k.Spent.Sub(old.Spent) >= tokenLife:
		return false, nil
	case old.Digest != k.Digest:
		return false, wire.Errorf("IdempotentParameterMismatchException", "The request uses the same client token as a previous, but non-identical request")
	}
	return true, nil
}

// spend has the token saved with its transaction, and those whose life is over
// removed. They count once the draft is saved.
func (t *clientTokens) spend(k clientToken, d *draft) error {
	if k.Name == "" {
		return nil
	}
	kept, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("encode token: %w", err)
	}
	over := t.over(k.Spent)
	for _, old := range over {
		d.saves = append(d.saves, keep.Change{Bucket: tokenBucket, Key: old.Name})
	}
	d.saves = append(d.saves, keep.Change{Bucket: tokenBucket, Key: k.Name, Value: kept})
	d.saved = func() {
		for _, old := range over {
			delete(t.byName, old.Name)
		}
		t.byName[k.Name] = k
		t.order = append(t.order[len(over):], k)
	}
	return nil
}

// over are the tokens whose life is over.
func (t *clientTokens) over(now time.Time) []clientToken {
	alive := slices.IndexFunc(t.order, func(k clientToken) bool { return now.Sub(k.Spent) < tokenLife })
	if alive < 0 {
		return t.order
	}
	return t.order[:alive]
}

// load reads what the Store has.
func (t *clientTokens) load(s *keep.Store) error {
	t.byName = map[string]clientToken{}
	err := s.Load(tokenBucket, func(_ string, kept []byte) error {
		var k clientToken
		if err := json.Unmarshal(kept, &k); err != nil {
			return fmt.Errorf("decode token: %w", err)
		}
		t.byName[k.Name] = k
		t.order = append(t.order, k)
		return nil
	})
	slices.SortFunc(t.order, func(a, b clientToken) int { return a.Spent.Compare(b.Spent) })
	return err
}
