package interviewingio

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// removed stands where something was that tells who somebody is.
const removed = "[removed]"

// shortest is the length in letters of the shortest part of a name that is looked
// for by itself: an initial is everywhere.
const shortest = 2

// veil keeps out of texts what tells who somebody is.
type veil struct {
	// words are what is known of the person, the longest first.
	words []*regexp.Regexp
}

// newVeil makes the veil of a candidate, of whom nothing may be known.
func newVeil(c *Candidate) veil {
	if c == nil {
		return veil{}
	}
	local, _, _ := strings.Cut(c.Email, "@")
	all := []string{c.Name, c.Email, local, c.Phone, c.LinkedIn, c.Employer}
	all = append(all, parts(c.Name)...)
	all = append(all, parts(local)...)
	if at := strings.LastIndexByte(strings.TrimRight(c.LinkedIn, "/"), '/'); at >= 0 {
		all = append(all, strings.Trim(c.LinkedIn[at:], "/"))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	var v veil
	for _, word := range slices.Compact(all) {
		if word = strings.TrimSpace(word); utf8.RuneCountInString(word) >= shortest {
			// Blanks of any number are blanks.
			pattern := strings.Join(quoted(strings.Fields(word)), `\s+`)
			v.words = append(v.words, regexp.MustCompile(`(?i)`+pattern))
		}
	}
	return v
}

func parts(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) && r != '\'' && r != '’' })
}

func quoted(words []string) []string {
	for i, w := range words {
		words[i] = regexp.QuoteMeta(w)
	}
	return words
}

// telling are addresses and numbers of whomever: nobody has them in a text but to
// say where somebody is found.
var telling = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+`),
	regexp.MustCompile(`\S+@[\pL\pN-]+(?:\.[\pL\pN-]+)+`),
	regexp.MustCompile(`(?i)\b(?:linkedin\.com|github\.com|gitlab\.com)/\S*`),
	regexp.MustCompile(`\+?\(?\d(?:[\s().-]{0,2}\d){6,14}`),
}

// cover is a text without what tells who somebody is.
func (v veil) cover(text string) string {
	for _, pattern := range telling {
		text = pattern.ReplaceAllString(text, removed)
	}
	for _, word := range v.words {
		text = whole(word, text)
	}
	return text
}

// whole replaces what is no part of a longer word.
func whole(word *regexp.Regexp, text string) string {
	var out strings.Builder
	from := 0
	for _, at := range word.FindAllStringIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:at[0]])
		after, _ := utf8.DecodeRuneInString(text[at[1]:])
		if inWord(before) || inWord(after) {
			continue
		}
		out.WriteString(text[from:at[0]])
		out.WriteString(removed)
		from = at[1]
	}
	return out.String() + text[from:]
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// anonymous is a result of somebody who is not revealed, with nothing in it that
// tells who it is.
func (r *Result) anonymous() *Result {
	v := newVeil(r.Candidate)
	a := *r
	a.Candidate, a.RecordingURL = nil, ""
	a.Interviewer.Name = v.cover(r.Interviewer.Name)
	if r.Feedback != nil {
		feedback := *r.Feedback
		feedback.Text = v.cover(feedback.Text)
		a.Feedback = &feedback
	}
	return &a
}

// kept is what may be kept of a result. Of who is revealed that is no pseudonym:
// nothing has both.
func (r *Result) kept() *Result {
	if !r.revealed() {
		return r.anonymous()
	}
	k := *r
	k.Pseudonym = ""
	return &k
}
