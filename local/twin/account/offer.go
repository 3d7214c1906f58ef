package account

import (
	"encoding/json"
	"slices"
)

// Offer is an offer to a candidate. Offers are written by people only.
type Offer struct {
	ID             string               `json:"id"`
	Posting        *string              `json:"posting"`
	CreatedAt      int64                `json:"createdAt"`
	Status         string               `json:"status"`
	Creator        *string              `json:"creator"`
	Fields         []OfferField         `json:"fields"`
	Signatures     map[string]Signature `json:"signatures"`
	Approved       *bool                `json:"approved"`
	ApprovedAt     *int64               `json:"approvedAt"`
	SentAt         *int64               `json:"sentAt"`
	SentDocument   *OfferDocument       `json:"sentDocument"`
	SignedDocument *OfferDocument       `json:"signedDocument"`
}

func (o *Offer) key() string { return o.ID }

// OfferField is one field of the offer form. Only the identifier is stable;
// the value is a string, a number (amounts, times), an id or null.
type OfferField struct {
	Text       string `json:"text"`
	Identifier string `json:"identifier"`
	Value      any    `json:"value"`
}

// Signature is what one signer did.
type Signature struct {
	Role          string  `json:"role"`
	Name          *string `json:"name"`
	Email         *string `json:"email"`
	FirstOpenedAt *int64  `json:"firstOpenedAt,omitempty"`
	LastOpenedAt  *int64  `json:"lastOpenedAt,omitempty"`
	SignedAt      *int64  `json:"signedAt,omitempty"`
	Signed        *bool   `json:"signed,omitempty"`
}

// OfferDocument is a letter as it was sent, or as it came back.
type OfferDocument struct {
	FileName    string `json:"fileName"`
	UploadedAt  int64  `json:"uploadedAt"`
	DownloadURL string `json:"downloadUrl"`
}

// OfferFields are what a person sets of an offer; nil members stay as they are.
type OfferFields struct {
	// Status is one of the states of an offer.
	Status *string `json:"status"`
	// Fields are values by identifier. A null removes the value, not the field.
	Fields map[string]any `json:"fields"`
	// Outside says that the letter is sent and signed outside Lever, so that
	// there are no documents.
	Outside bool `json:"outside"`
	// Creator is a user's id, e-mail or name.
	Creator string `json:"creator"`
}

// OfferStates are the states of an offer.
func OfferStates() []string {
	return []string{"draft", "approval-sent", "approved", "sent", "sent-manually", "opened", "denied", "signed"}
}

// fieldTexts are the captions of Lever's own offer fields, in the order of the form.
func fieldTexts() [][2]string {
	return [][2]string{
		{"job_posting", "Job posting"}, {"job_title", "Job title"}, {"candidate_name", "Candidate name"}, {"team", "Team"},
		{"location/office", "Office location"}, {"requisition", "Requisition"}, {"salary_amount", "Offered compensation amount"},
		{"compensation_currency", "Compensation currency"}, {"salary_interval", "Type of earnings"}, {"today_date", "Today's date"},
		{"direct_manager", "Direct manager"}, {"hiring_manager", "Hiring manager"}, {"offered_equity", "Offered equity"},
		{"offer_expiration_date", "Offer expiration date"}, {"anticipated_start_date", "Anticipated start date"},
		{"company_signature_1", "Company signature 1"}, {"candidate_signature", "Candidate signature"},
	}
}

// AddOffer adds an offer. The fields that Lever fills in itself come from the
// candidacy unless they are given.
func (a *Account) AddOffer(o *Opportunity, f OfferFields) (*Offer, error) {
	creator, err := a.checkOffer(f)
	if err != nil {
		return nil, err
	}
	offer := &Offer{ID: a.newID(), CreatedAt: a.now(), Status: "draft", Creator: creator, Fields: a.offerForm(o)}
	offer.Signatures = map[string]Signature{"candidate": {Role: "candidate"}}
	if o.Application != nil {
		offer.Posting = &o.Application.Posting
	}
	o.offers = append(o.offers, offer)
	a.setOffer(o, offer, f)
	return offer, nil
}

// ChangeOffer edits an offer, sends it, or marks it as signed.
func (a *Account) ChangeOffer(o *Opportunity, id string, f OfferFields) (*Offer, error) {
	offer, err := o.Offer(id)
	if err != nil {
		return nil, err
	}
	if _, err := a.checkOffer(f); err != nil {
		return nil, err
	}
	a.setOffer(o, offer, f)
	return offer, nil
}

func (a *Account) checkOffer(f OfferFields) (creator *string, err error) {
	if f.Status != nil && !slices.Contains(OfferStates(), *f.Status) {
		return nil, Invalid("status is not one of %v", OfferStates())
	}
	if f.Creator == "" {
		return &a.users.All()[0].ID, nil
	}
	u, err := a.UserNamed(f.Creator)
	if err != nil {
		return nil, err
	}
	return &u.ID, nil
}

// offerForm is the form with what Lever knows already. job_posting holds the
// application's id, as recordings show.
func (a *Account) offerForm(o *Opportunity) []OfferField {
	today := a.cfg.Now().UTC().Truncate(24 * 60 * 60 * 1e9).UnixMilli()
	known := map[string]any{"candidate_name": o.Contact.Name, "today_date": float64(today)}
	if app := o.Application; app != nil {
		known["job_posting"] = app.ID
		if p := a.postings.See(app.Posting); p != nil {
			known["job_title"], known["team"], known["location/office"] = p.Text, p.Categories.Team, p.Categories.Location
		}
		if app.PostingHiringManager != nil {
			known["hiring_manager"] = *app.PostingHiringManager
		}
	}
	var form []OfferField
	for _, f := range fieldTexts() {
		if f[0] != "requisition" {
			form = append(form, OfferField{Identifier: f[0], Text: f[1], Value: known[f[0]]})
		}
	}
	return form
}

func (a *Account) setOffer(o *Opportunity, offer *Offer, f OfferFields) {
	fields := slices.Clone(offer.Fields)
	for _, id := range sortedKeys(f.Fields) {
		at := slices.IndexFunc(fields, func(x OfferField) bool { return x.Identifier == id })
		if at < 0 {
			fields = append(fields, OfferField{Identifier: id, Text: fieldText(id)})
			at = len(fields) - 1
		}
		fields[at].Value = f.Fields[id]
	}
	offer.Fields = fields
	if f.Status != nil {
		a.setOfferStatus(o, offer, *f.Status, f.Outside)
	}
	a.interact(o)
}

// setOfferStatus sets the status and what comes with it on the way there.
func (a *Account) setOfferStatus(o *Opportunity, offer *Offer, status string, outside bool) {
	offer.Status = status
	now := a.now()
	reached := slices.Index(OfferStates(), status)
	if reached >= slices.Index(OfferStates(), "approved") && offer.ApprovedAt == nil {
		offer.Approved, offer.ApprovedAt = new(true), &now
	}
	if reached >= slices.Index(OfferStates(), "sent") && offer.SentAt == nil {
		offer.SentAt = &now
		if status != "sent-manually" && !outside {
			offer.SentDocument = a.document(o, offer, "sent", "offer-letter.pdf")
		}
	}
	if status == "signed" {
		offer.Signatures = map[string]Signature{"candidate": {
			Role: "candidate", Name: optional(o.Contact.Name), Email: o.firstEmail(), FirstOpenedAt: &now,
			LastOpenedAt: &now, SignedAt: &now, Signed: new(true),
		}}
		if offer.SentDocument != nil {
			offer.SignedDocument = a.document(o, offer, "signed", "offer-letter_signed.pdf")
		}
	}
}

func (o *Opportunity) firstEmail() *string {
	if len(o.Contact.Emails) == 0 {
		return nil
	}
	return &o.Contact.Emails[0]
}

func (a *Account) document(o *Opportunity, offer *Offer, status, name string) *OfferDocument {
	return &OfferDocument{FileName: name, UploadedAt: a.now(), DownloadURL: a.letterURL(o, offer, status)}
}

func (a *Account) letterURL(o *Opportunity, offer *Offer, status string) string {
	return a.cfg.API + "/v1/opportunities/" + o.ID + "/offers/" + offer.ID + "/download?status=" + status
}

// Letter is the content of an offer's document: the signed one unless only the
// sent one exists or is asked for.
func (offer *Offer) Letter(status string) (name string, content []byte, err error) {
	doc := offer.SignedDocument
	if status == "sent" || status == "" && doc == nil {
		doc = offer.SentDocument
	}
	if doc == nil {
		return "", nil, NotFound("offers", offer.ID+" document")
	}
	fields, err := json.Marshal(offer.Fields)
	return doc.FileName, append([]byte("%PDF-1.4\n% "+offer.ID+"\n% "), fields...), err
}

// Offers are the candidacy's offers, oldest first.
func (o *Opportunity) Offers() []*Offer { return slices.Clone(o.offers) }

// Offer is the candidacy's offer with the id.
func (o *Opportunity) Offer(id string) (*Offer, error) { return find(o.offers, "offers", id) }

func fieldText(identifier string) string {
	for _, f := range fieldTexts() {
		if f[0] == identifier {
			return f[1]
		}
	}
	return identifier
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
