package account

import "slices"

// Requisition is a seat to fill. People make requisitions; the API of the twin
// only reads them.
type Requisition struct {
	ID                string            `json:"id"`
	RequisitionCode   string            `json:"requisitionCode"`
	Name              string            `json:"name"`
	Status            string            `json:"status"`
	Backfill          bool              `json:"backfill"`
	Confidentiality   string            `json:"confidentiality"`
	HeadcountTotal    any               `json:"headcountTotal"` // a number, or "unlimited"
	HeadcountHired    int               `json:"headcountHired"`
	HeadcountInfinite bool              `json:"headcountInfinite"`
	Creator           *string           `json:"creator"`
	Owner             *string           `json:"owner"`
	HiringManager     *string           `json:"hiringManager"`
	InternalNotes     *string           `json:"internalNotes"`
	CompensationBand  *SalaryRange      `json:"compensationBand"`
	EmploymentStatus  *string           `json:"employmentStatus"`
	Location          *string           `json:"location"`
	Team              *string           `json:"team"`
	Department        *string           `json:"department"`
	Postings          []string          `json:"postings"`
	OfferIDs          []string          `json:"offerIds"`
	CustomFields      map[string]any    `json:"customFields"`
	Approval          map[string]string `json:"approval"`
	CreatedAt         int64             `json:"createdAt"`
	UpdatedAt         int64             `json:"updatedAt"`
	ClosedAt          *int64            `json:"closedAt"`
	TimeToFillStartAt *int64            `json:"timeToFillStartAt"`
	TimeToFillEndAt   *int64            `json:"timeToFillEndAt"`
}

func (r *Requisition) key() string { return r.ID }

// AddRequisition adds a requisition. Code and name are needed; it is open and
// for one person unless it says otherwise.
func (a *Account) AddRequisition(r Requisition) (*Requisition, error) {
	if r.RequisitionCode == "" || r.Name == "" {
		return nil, Invalid("a requisition needs requisitionCode and name")
	}
	for _, id := range r.Postings {
		if _, err := a.Posting(id); err != nil {
			return nil, err
		}
	}
	r.ID, r.CreatedAt, r.UpdatedAt = a.newID(), a.now(), a.now()
	if r.Status == "" {
		r.Status = "open"
	}
	if r.Confidentiality == "" {
		r.Confidentiality = nonConfidential
	}
	if r.HeadcountTotal == nil {
		r.HeadcountTotal = 1.0
	}
	r.HeadcountInfinite = r.HeadcountTotal == "unlimited"
	r.Postings, r.OfferIDs = full(r.Postings), full(r.OfferIDs)
	if r.CustomFields == nil {
		r.CustomFields = map[string]any{}
	}
	a.requisitions.Add(&r)
	return &r, nil
}

// Requisition is the requisition with the id.
func (a *Account) Requisition(id string) (*Requisition, error) {
	return found(a.requisitions.Take(id), "requisitions", id)
}

// RequisitionFilter selects requisitions; empty members select all.
type RequisitionFilter struct {
	Codes, Statuses               []string
	Created                       Range
	Confidential, NonConfidential bool
}

// Requisitions are those that the filter lets through, oldest first.
func (a *Account) Requisitions(f RequisitionFilter) []*Requisition {
	return slices.DeleteFunc(slices.Clone(a.requisitions.All()), func(r *Requisition) bool {
		hidden := r.Confidentiality == confidential && !f.Confidential || r.Confidentiality != confidential && !f.NonConfidential
		return hidden || !allows(f.Codes, r.RequisitionCode) || !allows(f.Statuses, r.Status) || !f.Created.Allows(r.CreatedAt)
	})
}

// requirement is what the application records of a hire against a requisition.
// Lever refuses closed ones, and those hires whose extended offer is not signed.
func (a *Account) requirement(o *Opportunity, reason *Reason, id string) (*Requirement, error) {
	if id == "" {
		return nil, nil
	}
	r, err := a.Requisition(id)
	if err != nil {
		return nil, err
	}
	switch {
	case reason.Type != Hired:
		return nil, Invalid("requisitionId needs an archive reason of type hired")
	case o.Application == nil:
		return nil, Invalid("a hire against a requisition needs an application")
	case r.Status == "closed":
		return nil, Invalid("requisition %s is closed", id)
	case slices.ContainsFunc(
		o.offers, func(x *Offer) bool { return x.SentAt != nil && x.Status != "signed" && x.Status != "denied" },
	):
		return nil, Invalid("an extended offer is not signed")
	case !slices.Contains(r.Postings, o.Application.Posting):
		return nil, Invalid("requisition %s is not linked to the posting", id)
	}
	r.HeadcountHired++
	r.UpdatedAt = a.now()
	return &Requirement{ID: r.ID, RequisitionCode: r.RequisitionCode, HiringManagerOnHire: r.HiringManager}, nil
}
