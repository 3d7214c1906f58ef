package lever

import "strings"

// Event is the name of one of Lever's webhook events, as it stands in the
// envelope and in a webhook's configuration.
type Event string

// The ten events of hire.lever.co/developer/documentation#webhooks. The bundle
// has a function for each of the first eight; there is none for offers,
// postings, notes, feedback or users.
const (
	ApplicationCreated     Event = "applicationCreated"
	CandidateStageChange   Event = "candidateStageChange"
	CandidateArchiveChange Event = "candidateArchiveChange"
	CandidateHired         Event = "candidateHired"
	CandidateDeleted       Event = "candidateDeleted"
	InterviewCreated       Event = "interviewCreated"
	InterviewUpdated       Event = "interviewUpdated"
	InterviewDeleted       Event = "interviewDeleted"
	ContactCreated         Event = "contactCreated"
	ContactUpdated         Event = "contactUpdated"
)

// Slug is the event's name in addresses and folders: candidate-hired.
func (e Event) Slug() string {
	var b strings.Builder
	for _, r := range string(e) {
		if 'A' <= r && r <= 'Z' {
			b.WriteByte('-')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
