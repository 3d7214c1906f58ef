package hire

import (
	"cmp"
	"encoding/json"

	"fulcrum/shared/lever"
)

// JobTitle is the title in the signed offer, else the posting's.
func (h *Hire) JobTitle() string { return cmp.Or(h.offered("job_title"), h.job().Text) }

// Location is where the signed offer places the hire, else the posting. It is
// Lever's text letter for letter, blanks included: offices match exactly or not.
func (h *Hire) Location() string {
	return cmp.Or(h.offered("location/office"), h.job().Categories.Location)
}

// Team is the posting's team, else the offer's. It is Lever's text letter for
// letter.
func (h *Hire) Team() string { return cmp.Or(h.job().Categories.Team, h.offered("team")) }

// Department is the posting's department.
func (h *Hire) Department() string { return h.job().Categories.Department }

// Commitment is the posting's work type, such as Full-time: the customer's words.
func (h *Hire) Commitment() string { return h.job().Categories.Commitment }

// StartDate is the anticipated start in the signed offer, YYYY-MM-DD, empty where
// there is none.
func (h *Hire) StartDate() string {
	if h.Offer == nil {
		return ""
	}
	return h.Offer.Date("anticipated_start_date")
}

// Manager is whom the hire will report to: whom the signed offer names, else the
// posting's hiring manager.
func (h *Hire) Manager() Person {
	if h.DirectManager != (Person{}) {
		return h.DirectManager
	}
	return h.HiringManager
}

func (h *Hire) job() *lever.Posting {
	if h.Posting == nil {
		return &lever.Posting{}
	}
	return h.Posting
}

// offered is a text of the signed offer as it stands there. Blanks alone are
// nothing.
func (h *Hire) offered(identifier string) string {
	if h.Offer == nil || h.Offer.String(identifier) == "" {
		return ""
	}
	var text string
	f, _ := h.Offer.Field(identifier)
	if json.Unmarshal(f.Value, &text) != nil {
		return h.Offer.String(identifier)
	}
	return text
}
