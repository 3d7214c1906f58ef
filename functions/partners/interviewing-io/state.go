package interviewingio

import (
	"cmp"
	"slices"

	"fulcrum/shared/lever"
	"fulcrum/shared/partner"
)

// The kinds of the objects that are kept: an interview by interviewing.io's id of
// it, and what is known of the opportunity that was made of it.
const (
	interviewKind = "interview"
	candidacyKind = "candidacy"
)

// The reasons why something is gone. It stays gone: nothing that comes late brings
// it back.
const (
	deleted    = partner.Deleted
	anonymized = partner.Anonymized
)

// interviewState is what is known of an interview. What a result says is forgotten
// when it is written, or when it may not be; who is not revealed was never in it.
type interviewState struct {
	// Gone is why the interview's candidate was forgotten, empty while there is one.
	Gone string `json:"gone,omitempty"`
	// Waiting says that a result without feedback was there.
	Waiting  bool           `json:"waiting,omitempty"`
	Versions []versionState `json:"versions,omitempty"`
	// Profile is where the interview stands in Lever, nil while it does not.
	Profile *profileState `json:"profile,omitempty"`
}

// versionState is a version of a result that was asked for.
type versionState struct {
	Version int    `json:"version"`
	Action  string `json:"action"`
	Hash    string `json:"hash"`
	// Result is nil once it has ended.
	Result *Result `json:"result,omitempty"`
}

// profileState is an opportunity that was made of an interview, and the note on it.
type profileState struct {
	OpportunityID string `json:"opportunityId"`
	NoteID        string `json:"noteId,omitempty"`
	// Revealed says that it has the candidate's identity, and not the pseudonym.
	Revealed bool `json:"revealed"`
	// As is Lever's id of the user in whose name the note was written last.
	As string `json:"as,omitempty"`
	// Version is that of the result that was written last.
	Version int `json:"version"`
}

func (s *interviewState) version(n int) *versionState {
	i := slices.IndexFunc(s.Versions, func(v versionState) bool { return v.Version == n })
	if i < 0 {
		return nil
	}
	return &s.Versions[i]
}

func (s *interviewState) latest() versionState {
	if len(s.Versions) == 0 {
		return versionState{}
	}
	return s.Versions[len(s.Versions)-1]
}

// note has a version be there.
func (s *interviewState) note(v versionState) {
	if i := s.version(v.Version); i != nil {
		*i = v
		return
	}
	s.Versions = append(s.Versions, v)
	slices.SortFunc(s.Versions, func(a, b versionState) int { return cmp.Compare(a.Version, b.Version) })
}

// forget drops what a version says, and with its end those of earlier ones.
func (s *interviewState) forget(version int, earlier bool) {
	for i := range s.Versions {
		if v := &s.Versions[i]; v.Version == version || earlier && v.Version < version {
			v.Result = nil
		}
	}
}

// candidacyState is what is known of an opportunity that was made of an interview.
type candidacyState struct {
	Gone        string `json:"gone,omitempty"`
	InterviewID string `json:"interviewId"`
	// ContactID is empty until Lever was asked.
	ContactID string   `json:"contactId,omitempty"`
	Progress  Progress `json:"progress"`
}

// Progress is how far a candidate has come.
type Progress struct {
	Stage Stage `json:"stage"`
	// Outcome is hired of who was archived as hired, archived of who was archived
	// otherwise, and empty while active.
	Outcome string `json:"outcome"`
	// ChangedAt is when it last changed in Lever.
	ChangedAt lever.Time `json:"changedAt"`
}
