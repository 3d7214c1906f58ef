// Package vault encrypts what lies in the table and is nobody's business: Lever
// credentials, endpoint signing keys, candidates' data. AES-256-GCM, under a
// keyset in Secrets Manager that the webhook functions cannot read. What a
// sealed value is about (its item's key) is authenticated with it, so it cannot
// be moved to another item.
//
// The keyset is a JSON object {"primary": "2", "1": "…", "2": "…"}: every name
// but primary is a key version with at least 32 characters of randomness. New
// values are sealed under the primary version, old ones stay readable as long as
// their version is listed. To rotate, add a version, then make it primary.
package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fulcrum/shared/secret"
)

// format is the first byte of every sealed value.
const format = 1

// minKey is the least length of a key version's text.
const minKey = 32

// ErrSealed says that a value cannot be opened: it was changed, moved to another
// item, or sealed under a version that is no longer in the keyset.
var ErrSealed = errors.New("sealed value cannot be opened")

// Vault seals and opens values. It is safe for concurrent use.
type Vault struct {
	keys *secret.Cached[keyset]
}

type keyset struct {
	primary string
	ciphers map[string]cipher.AEAD
}

// New makes a vault over a keyset that read gives. now is the clock.
func New(read func(context.Context) (string, error), now func() time.Time) *Vault {
	return &Vault{keys: secret.NewCached(read, parse, now)}
}

// Warm reads the keyset, so that the first event need not.
func (v *Vault) Warm(ctx context.Context) error {
	_, err := v.keys.Value(ctx)
	return err
}

// Seal encrypts plain. about is what the value belongs to; Open needs the same.
func (v *Vault) Seal(ctx context.Context, plain []byte, about string) ([]byte, error) {
	keys, err := v.keys.Fresh(ctx)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	head := append([]byte{format, byte(len(keys.primary))}, keys.primary...)
	return keys.ciphers[keys.primary].Seal(head, nil, plain, []byte(about)), nil
}

// Open decrypts what Seal made for the same about. It fails with ErrSealed where
// it cannot.
func (v *Vault) Open(ctx context.Context, sealed []byte, about string) ([]byte, error) {
	version, box, ok := split(sealed)
	if !ok {
		return nil, ErrSealed
	}
	keys, err := v.keys.Fresh(ctx)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	c, ok := keys.ciphers[version]
	if !ok {
		// Somebody else may have sealed it under a version added just now.
		if keys, _, err = v.keys.Reread(ctx, time.Minute); err != nil {
			return nil, fmt.Errorf("open: %w", err)
		}
		if c, ok = keys.ciphers[version]; !ok {
			return nil, ErrSealed
		}
	}
	plain, err := c.Open(nil, nil, box, []byte(about))
	if err != nil {
		return nil, ErrSealed
	}
	return plain, nil
}

// Primary is the key version under which new values are sealed.
func (v *Vault) Primary(ctx context.Context) (string, error) {
	keys, err := v.keys.Fresh(ctx)
	return keys.primary, err
}

// Version is the key version under which a value was sealed, empty if it is not
// a sealed value.
func Version(sealed []byte) string {
	version, _, _ := split(sealed)
	return version
}

func split(sealed []byte) (version string, box []byte, ok bool) {
	if len(sealed) < 2 || sealed[0] != format || len(sealed) < 2+int(sealed[1]) {
		return "", nil, false
	}
	end := 2 + int(sealed[1])
	return string(sealed[2:end]), sealed[end:], true
}

// parse reads a keyset. Its errors never hold a key.
func parse(raw string) (keyset, error) {
	var members map[string]string
	if err := json.Unmarshal([]byte(raw), &members); err != nil {
		return keyset{}, errors.New("keyset is not a JSON object of strings")
	}
	set := keyset{primary: members["primary"], ciphers: map[string]cipher.AEAD{}}
	for version, text := range members {
		if version == "primary" {
			continue
		}
		c, err := newCipher(version, text)
		if err != nil {
			return keyset{}, err
		}
		set.ciphers[version] = c
	}
	if set.ciphers[set.primary] == nil {
		return keyset{}, errors.New("keyset has no key for its primary version")
	}
	return set, nil
}

func newCipher(version, text string) (cipher.AEAD, error) {
	if len(text) < minKey || len(version) > 255 {
		return nil, fmt.Errorf("keyset version %.8q: a key has at least %d characters", version, minKey)
	}
	key, err := hkdf.Key(sha256.New, []byte(text), nil, "fulcrum vault "+version, 32)
	if err != nil {
		return nil, fmt.Errorf("keyset version %.8q: %w", version, err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("keyset version %.8q: %w", version, err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
