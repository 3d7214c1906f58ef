// Package hook makes and reads the ids in webhook addresses. An address is a
// capability: who does not know it cannot guess it, and a made-up one is refused
// without a look-up, because the id carries a tag under one key of the
// deployment. An id says nothing of the customer; it names the shard of the
// signing secrets in which its keys are.
package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	randomBytes = 16
	shardBytes  = 2
	tagBytes    = 8
	// Length is how many characters an id has, of A-Z a-z 0-9 - _.
	Length = 35
)

// MaxShard is the highest shard that an id can name.
const MaxShard = 1<<16 - 1

// ErrUnknown says that an id was not made with this key.
var ErrUnknown = errors.New("unknown hook")

// encoding refuses ids that differ only in the unused bits of the last character,
// so that each hook has exactly one address.
var encoding = base64.RawURLEncoding.Strict()

// Mint makes a new id for a shard: 128 bits of random, the shard, and a 64-bit
// tag of both under key.
func Mint(key []byte, shard int, random io.Reader) (string, error) {
	if shard < 0 || shard > MaxShard {
		return "", fmt.Errorf("mint hook: shard %d is outside 0 to %d", shard, MaxShard)
	}
	id := make([]byte, randomBytes, randomBytes+shardBytes+tagBytes)
	if _, err := io.ReadFull(random, id); err != nil {
		return "", fmt.Errorf("mint hook: %w", err)
	}
	id = binary.BigEndian.AppendUint16(id, uint16(shard))
	return encoding.EncodeToString(append(id, tag(key, id)...)), nil
}

// Shard is the shard that an id names. It fails with ErrUnknown for whatever was
// not minted with key, and makes no call.
func Shard(key []byte, id string) (int, error) {
	if len(id) != Length {
		return 0, ErrUnknown
	}
	raw, err := encoding.DecodeString(id)
	if err != nil {
		return 0, ErrUnknown
	}
	named := raw[:randomBytes+shardBytes]
	if !hmac.Equal(tag(key, named), raw[len(named):]) {
		return 0, ErrUnknown
	}
	return int(binary.BigEndian.Uint16(named[randomBytes:])), nil
}

func tag(key, named []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("fulcrum hook\x00"))
	mac.Write(named)
	return mac.Sum(nil)[:tagBytes]
}
