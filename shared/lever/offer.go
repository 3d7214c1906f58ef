package lever

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Offer is an offer of an opportunity. Lever has no event for offers and no
// list across opportunities.
type Offer struct {
	ID        string       `json:"id"`
	Posting   string       `json:"posting"`
	CreatedAt Time         `json:"createdAt"`
	Status    string       `json:"status"`
	Fields    []OfferField `json:"fields"`
	SentAt    Time         `json:"sentAt"`
}

// The statuses of an offer.
const (
	OfferSigned = "signed"
	OfferDenied = "denied"
)

// OfferField is one line of the offer form. Accounts differ: nothing but the
// identifier is stable, and any may be missing.
type OfferField struct {
	Text       string          `json:"text"`
	Identifier string          `json:"identifier"`
	Value      json.RawMessage `json:"value"`
}

// Offers reads an opportunity's offers, in Lever's order.
func (c *Client) Offers(ctx context.Context, opportunityID string) ([]Offer, error) {
	return Collect(each(pages[Offer](ctx, c, nil, "opportunities", opportunityID, "offers")))
}

// Field is the field with that identifier.
func (o *Offer) Field(identifier string) (OfferField, bool) {
	for _, f := range o.Fields {
		if f.Identifier == identifier {
			return f, true
		}
	}
	return OfferField{}, false
}

// String is the field's value as text, numbers in Lever's own digits, empty for
// null or no such field.
func (o *Offer) String(identifier string) string {
	f, _ := o.Field(identifier)
	raw := bytes.TrimSpace(f.Value)
	if len(raw) == 0 || string(raw) == "null" {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return strings.TrimSpace(s)
	}
	return string(raw)
}

// Date is the field's value as a calendar date, YYYY-MM-DD, empty where there is
// none. Lever stores a date as the millisecond of its midnight in UTC, so the
// date is taken in UTC and never moved into another zone.
func (o *Offer) Date(identifier string) string {
	s := o.String(identifier)
	if ms, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.UnixMilli(ms).UTC().Format(time.DateOnly)
	}
	if len(s) >= len(time.DateOnly) {
		if d, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)]); err == nil {
			return d.Format(time.DateOnly)
		}
	}
	return ""
}

// Signed is the newest signed offer, nil where there is none. One that was marked
// as signed by hand, outside of Lever, counts and has no document.
func Signed(offers []Offer) *Offer {
	var newest *Offer
	for i := range offers {
		if offers[i].Status == OfferSigned && (newest == nil || offers[i].CreatedAt > newest.CreatedAt) {
			newest = &offers[i]
		}
	}
	return newest
}
