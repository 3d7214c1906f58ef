package dynamodb

import (
	"strings"
	"unicode/utf8"
)

// token is a piece of an expression.
type token struct {
	text       string // "<EOF>" at the end
	class      class
	start, end int
}

type class int

const (
	symbol      class = iota // ( ) [ ] . , = <> < <= > >= + - and what nobody knows
	identifier               // a name as it stands, a function or a keyword
	placeholder              // #name
	reference                // :value
	integer
	eof
)

// tokenize cuts an expression into tokens; the last one is eof.
func tokenize(src string) []token {
	var all []token
	for i := 0; i < len(src); {
		if strings.IndexByte(" \t\r\n", src[i]) >= 0 {
			i++
			continue
		}
		t := scan(src, i)
		all = append(all, t)
		i = t.end
	}
	return append(all, token{text: "<EOF>", class: eof, start: len(src), end: len(src)})
}

func scan(src string, i int) token {
	_, width := utf8.DecodeRuneInString(src[i:])
	c, end := symbol, i+width
	switch first := src[i]; {
	case isLetter(first):
		c, end = identifier, run(src, i+1, isWordPart)
	case first == '#' && run(src, i+1, isWordPart) > i+1:
		c, end = placeholder, run(src, i+1, isWordPart)
	case first == ':' && run(src, i+1, isWordPart) > i+1:
		c, end = reference, run(src, i+1, isWordPart)
	case first == '0':
		c = integer
	case isDigit(first):
		c, end = integer, run(src, i, isDigit)
	case strings.HasPrefix(src[i:], "<>"), strings.HasPrefix(src[i:], "<="), strings.HasPrefix(src[i:], ">="):
		end = i + 2
	case first == '"', first == '\'':
		end = i + quoted(src[i:])
	}
	return token{text: src[i:end], class: c, start: i, end: end}
}

// quoted is the length of a text in quotes, which DynamoDB reads as one token
// and then refuses.
func quoted(src string) int {
	end := strings.IndexByte(src[1:], src[0])
	if end < 0 {
		return 1
	}
	return end + 2
}

// run is the end of the bytes from i on for which is holds.
func run(src string, i int, is func(byte) bool) int {
	for i < len(src) && is(src[i]) {
		i++
	}
	return i
}

func isLetter(c byte) bool   { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isWordPart(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' }

// partners gives for each opening parenthesis the place of the closing one.
func partners(all []token) map[int]int {
	closing := map[int]int{}
	var open []int
	for i, t := range all {
		switch {
		case t.text == "(":
			open = append(open, i)
		case t.text == ")" && len(open) > 0:
			closing[open[len(open)-1]] = i
			open = open[:len(open)-1]
		}
	}
	return closing
}

// redundant reports whether a pair of parentheses has nothing in it but another
// pair. Those of functions and of IN do not count.
func redundant(all []token, closing map[int]int) bool {
	for i, end := range closing {
		if calls(all, i) {
			continue
		}
		if inner, ok := closing[i+1]; ok && inner == end-1 {
			return true
		}
	}
	return false
}

// calls reports whether the parenthesis at i opens the operands of a function
// or of IN.
func calls(all []token, i int) bool {
	if i == 0 || all[i-1].class != identifier {
		return false
	}
	switch strings.ToUpper(all[i-1].text) {
	case "AND", "OR", "NOT", "BETWEEN":
		return false
	}
	return true
}
