// Package apikey is the keys with which partners call the routes below /v1, and
// the making and revoking of them. A key is
//
//	ful_joinedly_2b8k…   ful_, the partner's name, _, 40 characters 0-9a-v
//
// The prefix is for people and for scanners that look for leaked secrets. The 40
// characters are 160 random bits and a checksum of 40 bits, by which a made-up or
// mistyped key is refused without a look into the table. The checksum is no
// secret and proves nothing; the hash in the table does.
//
// The table has the key's SHA-256 and not the key. A hash that is slow, or
// salted, is for passwords that can be guessed from a list; 160 random bits cannot
// be, and every request would pay for it.
package apikey

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	prefix      = "ful_"
	randomBytes = 20
	checkBytes  = 5
	maxName     = 32
)

// alphabet has 5 bits in each character; 25 bytes are 40 of them, none left over,
// so that no two texts are the same key.
const alphabet = "0123456789abcdefghijklmnopqrstuv"

// ErrMalformed says that a text is no key that was ever made.
var ErrMalformed = errors.New("malformed API key")

// Key is what is known of a key by its text.
type Key struct {
	// Partner is whose key it is, if it is in the table.
	Partner string
	// ID names the key where the key itself must not stand: in logs, to an
	// operator. It is made of the hash.
	ID string
	// Hash is the key's SHA-256 in hex.
	Hash string
}

// Mint makes a new key of a partner, and gives its text, which is nowhere else.
func Mint(partner string, random io.Reader) (string, error) {
	if !validName(partner) {
		return "", fmt.Errorf("%.40q cannot be a partner's name", partner)
	}
	raw := make([]byte, randomBytes, randomBytes+checkBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("mint API key: %w", err)
	}
	return prefix + partner + "_" + encoding().EncodeToString(append(raw, check(partner, raw)...)), nil
}

// Parse reads a key's text. It fails with ErrMalformed, and calls nobody.
func Parse(text string) (Key, error) {
	rest, ok := strings.CutPrefix(text, prefix)
	partner, body, named := strings.Cut(rest, "_")
	if !ok || !named || !validName(partner) || len(body) != encoding().EncodedLen(randomBytes+checkBytes) {
		return Key{}, ErrMalformed
	}
	raw, err := encoding().DecodeString(body)
	if err != nil || string(check(partner, raw[:randomBytes])) != string(raw[randomBytes:]) {
		return Key{}, ErrMalformed
	}
	sum := sha256.Sum256([]byte(text))
	return Key{Partner: partner, ID: "key_" + encoding().EncodeToString(sum[:10]), Hash: hex.EncodeToString(sum[:])}, nil
}

func encoding() *base32.Encoding {
	return base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)
}

// check is the checksum of a key's random bytes and its partner.
func check(partner string, raw []byte) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "fulcrum API key %s %x", partner, raw))
	return sum[:checkBytes]
}

// validName reports whether a partner may have that name: a folder's, in small
// letters, digits and hyphens.
func validName(s string) bool {
	return s != "" && len(s) <= maxName && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
	})
}
