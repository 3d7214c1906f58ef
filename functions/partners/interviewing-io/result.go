package interviewingio

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"fulcrum/shared/api"
	"fulcrum/shared/lever"
)

// Result is what came of an interview, as interviewing.io sends it.
type Result struct {
	// InterviewID is interviewing.io's own. A later version of the same interview's
	// result takes the place of what was written of an earlier one.
	InterviewID string `json:"interviewId"`
	Version     int    `json:"version"`
	// Outcome is yes where the interviewer would advance the candidate, else no.
	Outcome string `json:"outcome"`
	// Consents says that the candidate wants to go on, and to be known.
	Consents  bool   `json:"candidateConsents"`
	Pseudonym string `json:"pseudonym"`
	// Candidate is who it is. Of one who is not revealed it is not kept.
	Candidate *Candidate `json:"candidate,omitempty"`
	// Feedback is nil until it has been given: until then nothing is written.
	Feedback    *Feedback   `json:"feedback,omitempty"`
	Interviewer Interviewer `json:"interviewer"`
	// Requester is the e-mail of the Lever user who asked for the export; it may be
	// empty.
	Requester     string `json:"requester"`
	InterviewedAt string `json:"interviewedAt"` // RFC 3339
	// PostingID is Lever's id of the posting that it was for; it may be empty.
	PostingID string `json:"postingId"`
	// RecordingURL is where the interview can be heard; it may be empty.
	RecordingURL string `json:"recordingUrl"`
}

// Candidate is who was interviewed.
type Candidate struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`
	LinkedIn string `json:"linkedIn"`
	// Employer is only there to be kept out of what must not tell who it is.
	Employer string `json:"employer"`
}

// Feedback are scores from 1 to 4, which is best, and free text.
type Feedback struct {
	Technical      int    `json:"technical"`
	Communication  int    `json:"communication"`
	ProblemSolving int    `json:"problemSolving"`
	Text           string `json:"text"`
}

// Interviewer is who interviewed.
type Interviewer struct {
	Name string `json:"name"`
}

const (
	yes = "yes"
	no  = "no"
	// best is the best score.
	best = 4
	// longest is the longest free text in bytes, longestName the longest name.
	longest     = 10_000
	longestName = 200
)

// score is one of a feedback's scores.
type score struct {
	field, title string
	value        int
}

func (f *Feedback) scores() []score {
	return []score{
		{"technical", "Technical skills", f.Technical},
		{"communication", "Communication skills", f.Communication},
		{"problemSolving", "Problem solving", f.ProblemSolving},
	}
}

// revealed reports whether the candidate's identity may be known.
func (r *Result) revealed() bool { return r.Outcome == yes && r.Consents }

// checking collects what is wrong with a result.
type checking []api.Wrong

func (c *checking) must(ok bool, field, detail string) {
	if !ok {
		*c = append(*c, api.Wrong{Field: field, Detail: detail})
	}
}

// check says what is wrong with a result.
func (r *Result) check() error {
	var c checking
	c.must(lever.ValidID(r.InterviewID), "interviewId", "has to be 1 to 64 letters, digits, hyphens and underscores")
	c.must(r.Version >= 1, "version", "has to be 1 or more")
	c.must(r.Outcome == yes || r.Outcome == no, "outcome", "has to be yes or no")
	c.must(r.Requester == "" || isEmail(r.Requester), "requester", "has to be an e-mail address, or empty")
	c.must(r.PostingID == "" || lever.ValidID(r.PostingID), "postingId", "has to be the id of a posting, or empty")
	c.must(r.RecordingURL == "" || isLink(r.RecordingURL), "recordingUrl", "has to be an https address, or empty")
	c.must(isName(r.Interviewer.Name) || r.Interviewer.Name == "", "interviewer.name", "has to be one line")
	_, err := time.Parse(time.RFC3339, r.InterviewedAt)
	c.must(err == nil || r.InterviewedAt == "", "interviewedAt", "has to be a time such as 2026-11-21T12:00:00Z, or empty")
	c.person(r)
	c.feedback(r.Feedback)
	if c == nil {
		return nil
	}
	return api.InvalidAll(c...)
}

// person checks who it is: the candidate of one who is revealed, else the pseudonym.
func (c *checking) person(r *Result) {
	p := r.Candidate
	if p != nil {
		c.must(len(p.Phone) <= longestName && utf8.ValidString(p.Phone), "candidate.phone", "has to be a number, or empty")
		c.must(p.LinkedIn == "" || isLink(p.LinkedIn), "candidate.linkedIn", "has to be an https address, or empty")
	}
	if r.revealed() {
		c.must(p != nil && isName(p.Name), "candidate.name", "has to be there")
		c.must(p != nil && isEmail(p.Email), "candidate.email", "has to be an e-mail address")
		return
	}
	c.must(isName(r.Pseudonym), "pseudonym", "has to be there")
	c.must(newVeil(p).cover(r.Pseudonym) == r.Pseudonym, "pseudonym", "must not tell who the candidate is")
}

func (c *checking) feedback(f *Feedback) {
	if f == nil {
		return
	}
	for _, s := range f.scores() {
		c.must(s.value >= 1 && s.value <= best, "feedback."+s.field, "has to be 1 to "+strconv.Itoa(best))
	}
	c.must(len(f.Text) <= longest, "feedback.text", "has to be "+strconv.Itoa(longest)+" bytes at most")
}

func isName(s string) bool {
	return strings.TrimSpace(s) != "" && len(s) <= longestName && !strings.ContainsAny(s, "\r\n")
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// hash tells whether two versions say the same.
func (r *Result) hash() (string, error) {
	same := *r
	same.Version = 0
	text, err := json.Marshal(same)
	if err != nil {
		return "", fmt.Errorf("result: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
