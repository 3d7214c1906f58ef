package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	joinNot = '\u200c' // zero width non-joiner: Persian spells with it
	join    = '\u200d' // zero width joiner: so does Sinhala
	// maxMarks is how many marks one letter carries; Hebrew and Vietnamese need
	// three, what climbs over the lines above needs more.
	maxMarks = 4
)

// Plain makes one line of a text that a stranger typed, fit for a subject and for
// both parts of a mail (the HTML part is escaped by html/template besides). Line
// breaks and control characters become blanks, invisible characters and those that
// turn the reading direction go, and so do marks heaped on a letter. A mail
// program finds nothing in it to make a link of: after a dot or a colon in the
// middle comes a blank. Longer than limit characters it is cut and ends in "…". It
// is empty where nothing can be seen.
func Plain(text string, limit int) string {
	text = strings.Map(visible, strings.ToValidUTF8(text, "\ufffd"))
	// Thin again: a blank that unlink puts in may take its letter from a mark.
	text = strings.Join(strings.Fields(thin(unlink(thin(text)))), " ")
	if !strings.ContainsFunc(text, unicode.IsGraphic) {
		return ""
	}
	return cut(text, limit)
}

// visible is what a mail shows of a character; below zero is nothing.
func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.IsControl(r), r == '\\', r == '\u2800': // Outlook links \\server; U+2800 is an empty Braille cell
		return ' '
	case unicode.In(r, unicode.Zl, unicode.Zp, unicode.Zs):
		return ' '
	case isHidden(r):
		return -1
	}
	return r
}

// isHidden tells characters that are not seen, or that change how others are.
func isHidden(r rune) bool {
	if r == join || r == joinNot {
		return false
	}
	return !unicode.IsGraphic(r) && !unicode.IsControl(r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// thin drops marks without end, marks that stand on nothing, and joiners that join
// nothing.
func thin(text string) string {
	runes, out := []rune(text), make([]rune, 0, len(text))
	marks := maxMarks
	for i, r := range runes {
		switch {
		case r == join || r == joinNot:
			if len(out) == 0 || i+1 == len(runes) || !isJoined(out[len(out)-1]) || !isJoined(runes[i+1]) {
				continue
			}
		case unicode.IsMark(r):
			if marks++; marks > maxMarks {
				continue
			}
		case r == ' ':
			marks = maxMarks
		default:
			marks = 0
		}
		out = append(out, r)
	}
	return string(out)
}

func isJoined(r rune) bool { return unicode.In(r, unicode.L, unicode.M, unicode.S) }

// dots are those that browsers take for the dot between the labels of a domain
// (UTS 46), and one more that looks the same.
const dots = ".\u3002\uff0e\uff61\u2024"

// colons are those that look like the one behind a scheme.
const colons = ":\uff1a\ufe55"

// unlink takes away what mail programs make links of: domains, addresses and
// schemes.
func unlink(text string) string {
	var b strings.Builder
	for i, r := range text {
		rest := text[i+utf8.RuneLen(r):]
		switch {
		case strings.ContainsRune("@\uff20\ufe6b", r):
			b.WriteString(" at ")
			continue
		case strings.ContainsRune(dots, r) && (domainFollows(rest) || strings.EqualFold(text[max(i-3, 0):i], "www")),
			strings.ContainsRune(colons, r):
			b.WriteRune(r)
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// domainFollows tells whether what stands behind a dot may be a domain: no top
// domain has one letter only, as initials have.
func domainFollows(rest string) bool {
	first, n := utf8.DecodeRuneInString(rest)
	second, _ := utf8.DecodeRuneInString(rest[n:])
	return isLabel(first) && (isLabel(second) || unicode.IsMark(second))
}

func isLabel(r rune) bool { return r == '-' || unicode.In(r, unicode.L, unicode.N) }

// cut shortens a text, never between a letter and its marks.
func cut(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	end := max(limit-1, 0)
	for end > 0 && (unicode.IsMark(runes[end]) || runes[end] == join || runes[end] == joinNot) {
		end--
	}
	return strings.TrimRight(string(runes[:end]), " "+colons+dots) + "…"
}
