package queue

import (
	"context"
	"strings"
	"time"
)

// Import names an import that is to be gone on with. It travels in the partner's
// queue, beside the events.
type Import struct {
	Connection string `json:"connection"`
	Import     string `json:"import"`
}

// Imports sends imports to the partners' queues.
type Imports struct {
	*Sender
	url string
}

// Imports gives the queues whose URL is urlPattern with {partner} replaced by the
// partner's name.
func (s *Sender) Imports(urlPattern string) *Imports { return &Imports{Sender: s, url: urlPattern} }

// Send puts an import into its partner's queue, to be seen after delay, at most
// MaxDelay.
func (i *Imports) Send(ctx context.Context, partner string, m Import, delay time.Duration) error {
	return i.send(ctx, strings.ReplaceAll(i.url, "{partner}", partner), m.Connection, m, max(delay, 0))
}
