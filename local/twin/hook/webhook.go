package hook

import (
	"net/url"
	"slices"

	"fulcrum/local/twin/account"
)

// Webhook is where one event is sent.
type Webhook struct {
	ID, Event, URL string
	// Origins are the opportunities' origins that count; nil for events that
	// take no condition.
	Origins              []string
	CreatedAt, UpdatedAt int64
	// ByAPI tells webhooks made through the API from those made by people: each
	// can be changed only the way it was made.
	ByAPI bool
	// Verified is what the last connection test said; nil before the first.
	Verified *bool
	// SignatureToken is the signing key, 48 hexadecimal digits.
	SignatureToken string

	slots chan struct{}
}

// inFlight is how many requests of one webhook are under way at most.
const inFlight = 16

func (w *Webhook) key() string { return w.ID }

func (w *Webhook) kept() *Webhook { return w }

func (w *Webhook) open() (*Webhook, error) {
	w.slots = make(chan struct{}, inFlight)
	return w, nil
}

// Fields are what can be set of a webhook; nil members stay as they are.
type Fields struct {
	Event, URL *string
	Origins    *[]string
}

// conditional are the events that can be restricted by origin.
func conditional(event string) bool {
	return slices.Contains(
		[]string{account.ApplicationCreated, account.CandidateArchiveChange, account.CandidateHired, account.CandidateStageChange},
		event,
	)
}

func (f Fields) check(event string) error {
	if !slices.Contains(account.EventNames(), event) {
		return account.Invalid("event is not one of %v", account.EventNames())
	}
	if f.URL != nil {
		if err := checkURL(*f.URL); err != nil {
			return err
		}
	}
	if f.Origins == nil {
		return nil
	}
	if !conditional(event) {
		return account.Invalid("%s takes no conditions", event)
	}
	for _, o := range *f.Origins {
		if !slices.Contains(account.Origins(), o) {
			return account.Invalid("origins: %q is not one of %v", o, account.Origins())
		}
	}
	return nil
}

func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return account.Invalid("url is not an absolute http or https address")
	}
	return nil
}

func (w *Webhook) condition(origins *[]string) {
	switch {
	case !conditional(w.Event):
		w.Origins = nil
	case origins != nil:
		w.Origins = *origins
	case w.Origins == nil:
		w.Origins = account.Origins()
	}
}

// set copies *from to *to unless from is nil.
func set(to, from *string) {
	if from != nil {
		*to = *from
	}
}
