package queue

import (
	"context"
	"strings"
	"time"
)

// Action names an action at which somebody has to look. It travels in the
// partner's queue, beside the events.
type Action struct {
	Connection string `json:"connection"`
	Action     string `json:"action"`
}

// Actions sends actions to the partners' queues.
type Actions struct {
	*Sender
	url string
}

// Actions gives the queues whose URL is urlPattern with {partner} replaced by the
// partner's name.
func (s *Sender) Actions(urlPattern string) *Actions { return &Actions{Sender: s, url: urlPattern} }

// Send puts an action into its partner's queue, to be seen after delay, at most
// MaxDelay.
func (a *Actions) Send(ctx context.Context, partner string, m Action, delay time.Duration) error {
	return a.send(ctx, strings.ReplaceAll(a.url, "{partner}", partner), m.Connection, m, max(delay, 0))
}
