package webhook

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"fulcrum/shared/lever"
)

const (
	// maxBody is far above the 600 bytes of a delivery.
	maxBody = 256 << 10
	// maxDepth is how deep a body's objects and lists may be nested.
	maxDepth = 32

	minToken, maxToken = 16, 128
	triggeredDigits    = 13
)

// Lever's Rerun sends a delivery of its two weeks of history with the time and
// signature of the first try, so the window behind us is wider than those.
const (
	windowBehind = 15 * 24 * time.Hour
	windowAhead  = 5 * time.Minute
)

// errNotADelivery says that a body does not have the form of Lever's deliveries.
var errNotADelivery = errors.New("not a delivery")

// envelope is a delivery's body. Lever signs token and triggeredAt and nothing
// else (hire.lever.co/developer/documentation#webhooks), so of data only ids are
// taken, as hints.
type envelope struct {
	event       lever.Event
	token       string
	triggeredAt string // the digits as they stand in the body: they are what is signed
	signature   string // empty if there is none
	empty       bool   // data has no member: Lever's connection test
	ids         lever.IDs
}

// parse reads a body. It is stricter than encoding/json: names count as they are
// written, and an object has a name once, whatever its case, so that two readers
// cannot read two things. Only the signature may be missing: Lever sends none
// for a webhook that has no signing token.
func parse(body []byte) (envelope, error) {
	if !strict(body) {
		return envelope{}, errNotADelivery
	}
	var top, data map[string]json.RawMessage
	if json.Unmarshal(body, &top) != nil || json.Unmarshal(top["data"], &data) != nil || data == nil {
		return envelope{}, errNotADelivery
	}
	e := envelope{
		event:       lever.Event(text(top["event"])),
		token:       text(top["token"]),
		triggeredAt: string(top["triggeredAt"]),
		signature:   text(top["signature"]),
		empty:       len(data) == 0,
		ids:         hints(data),
	}
	if !e.formed() {
		return envelope{}, errNotADelivery
	}
	return e, nil
}

func (e *envelope) formed() bool {
	return e.event != "" &&
		len(e.triggeredAt) == triggeredDigits && only(digits, e.triggeredAt) &&
		len(e.token) >= minToken && len(e.token) <= maxToken && only(digits+letters, e.token)
}

// text is a JSON string's value, empty for anything else.
func text(raw json.RawMessage) string {
	var s string
	if len(raw) == 0 || json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}

// hints are the ids that data names. candidateId is the older name of the
// opportunity's id, for a delivery that has only that one.
func hints(data map[string]json.RawMessage) lever.IDs {
	id := func(name string) string {
		if s := text(data[name]); lever.ValidID(s) {
			return s
		}
		return ""
	}
	return lever.IDs{
		Opportunity: cmp.Or(id("opportunityId"), id("candidateId")),
		Contact:     id("contactId"),
		Application: id("applicationId"),
		Interview:   id("interviewId"),
		Panel:       id("panelId"),
	}
}

// strict reports whether body is one JSON object in which no object has a name
// twice and nothing is nested deeper than maxDepth.
func strict(body []byte) bool {
	if !json.Valid(body) {
		return false
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	open, err := dec.Token()
	return err == nil && open == json.Delim('{') && strictMembers(dec, 1)
}

func strictMembers(dec *json.Decoder, depth int) bool {
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		name, ok := t.(string)
		key := fold(name)
		if err != nil || !ok || seen[key] || !strictValue(dec, depth) {
			return false
		}
		seen[key] = true
	}
	_, err := dec.Token()
	return err == nil
}

func strictValue(dec *json.Decoder, depth int) bool {
	t, err := dec.Token()
	switch {
	case err != nil:
		return false
	case t == json.Delim('{'):
		return depth < maxDepth && strictMembers(dec, depth+1)
	case t == json.Delim('['):
		return depth < maxDepth && strictList(dec, depth+1)
	}
	return true
}

func strictList(dec *json.Decoder, depth int) bool {
	for dec.More() {
		if !strictValue(dec, depth) {
			return false
		}
	}
	_, err := dec.Token()
	return err == nil
}

// fold makes names that differ only in case equal, as encoding/json takes them
// for equal, the Kelvin sign and the long s included.
func fold(s string) string { return strings.ToLower(strings.ToUpper(s)) }

// signed reports whether the signature is that of one of the tokens, and which
// bytes it is. All tokens are tried, so that the time tells nothing.
func (e *envelope) signed(tokens []string) ([]byte, bool) {
	got, err := hex.DecodeString(e.signature)
	if err != nil || len(got) != sha256.Size || e.signature != strings.ToLower(e.signature) {
		return nil, false
	}
	ok := false
	for _, token := range tokens {
		mac := hmac.New(sha256.New, []byte(token))
		io.WriteString(mac, e.token)
		io.WriteString(mac, e.triggeredAt)
		ok = hmac.Equal(mac.Sum(nil), got) || ok
	}
	return got, ok
}

// at is the time that Lever gives for the event.
func (e *envelope) at() time.Time {
	ms, err := strconv.ParseInt(e.triggeredAt, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// timely reports whether the event's time is within the window of acceptance.
func (e *envelope) timely(now time.Time) bool {
	at := e.at()
	return !at.Before(now.Add(-windowBehind)) && !at.After(now.Add(windowAhead))
}

const (
	digits  = "0123456789"
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// only reports whether s has no character outside of set.
func only(set, s string) bool { return strings.Trim(s, set) == "" }
