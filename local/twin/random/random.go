// Package random makes the twin's ids and secrets from one source, so that a
// seeded source gives the same ids again.
package random

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
)

// Source draws from one reader. It is safe for concurrent use.
type Source struct {
	mu  sync.Mutex
	src io.Reader
}

// New draws from r; nil is the system's randomness.
func New(r io.Reader) *Source {
	if r == nil {
		r = rand.Reader
	}
	return &Source{src: r}
}

// draw fills n bytes. A source that runs dry is continued with the system's
// randomness: an id twice would be worse than an id that is not repeatable.
func (s *Source) draw(n int) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := make([]byte, n)
	if _, err := io.ReadFull(s.src, b); err != nil {
		s.src = rand.Reader
		rand.Read(b)
	}
	return b
}

// UUID is a random (version 4) UUID, the form of most of Lever's ids.
func (s *Source) UUID() string {
	b := s.draw(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Hex is n lowercase hexadecimal digits; n is even.
func (s *Source) Hex(n int) string { return hex.EncodeToString(s.draw(n / 2)) }

// Text is n characters of the URL-safe base64 alphabet.
func (s *Source) Text(n int) string {
	return base64.RawURLEncoding.EncodeToString(s.draw(n))[:n]
}
