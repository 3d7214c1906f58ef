package justworks

// Status is how a pending hire is.
type Status string

// The statuses. A hire is pending until an admin reviews it, and open until it is
// invited or dismissed; a newer hire of the same person supersedes it, an un-hire
// in Lever withdraws it. What is deleted or anonymized in Lever is erased, and
// stays so.
const (
	Pending    Status = "pending"
	InReview   Status = "in_review"
	Invited    Status = "invited"
	Dismissed  Status = "dismissed"
	Superseded Status = "superseded"
	Withdrawn  Status = "withdrawn"
	Erased     Status = "erased"
)

func statuses() []Status {
	return []Status{Pending, InReview, Invited, Dismissed, Superseded, Withdrawn, Erased}
}

// Open reports whether the hire waits for an admin.
func (s Status) Open() bool { return s == Pending || s == InReview }
