package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
)

// variant is another text in the place of a condition.
type variant struct{ text, what string }

var (
	// atom is the smallest condition of DynamoDB's expressions that is used here.
	atom = regexp.MustCompile(`attribute_(?:not_)?exists\([^)]*\)|[#\w.]+ (?:=|<>|<=|<|>=|>) :\w+`)
	// atKey is a condition on a key, which DynamoDB takes in few forms only.
	atKey = regexp.MustCompile(`\b[dt]?[ps]k (?:=|<|BETWEEN)|begins_with`)
	// sets are the beginnings of what is no condition.
	sets = regexp.MustCompile(`^\s*(?:SET|ADD|REMOVE|,)|, #?\w+ = `)
)

// conditions are the changes of a condition of DynamoDB's: each part of it holds always,
// one of two alternatives never does, and each order has another edge.
func conditions(lit *ast.BasicLit) []variant {
	text, err := strconv.Unquote(lit.Value)
	if lit.Kind != token.STRING || err != nil || sets.MatchString(text) {
		return nil
	}
	var all []variant
	for _, at := range atom.FindAllStringIndex(text, -1) {
		part := text[at[0]:at[1]]
		if atKey.MatchString(part) {
			continue
		}
		with := func(other string) string { return text[:at[0]] + other + text[at[1]:] }
		all = append(all, variant{with("(" + part + " OR NOT " + part + ")"), "always: " + part})
		if strings.Contains(text, " OR ") {
			all = append(all, variant{with("(" + part + " AND NOT " + part + ")"), "never: " + part})
		}
		if edge := edges.Replace(part); edge != part {
			all = append(all, variant{with(edge), "another edge: " + part})
		}
	}
	return all
}

var edges = strings.NewReplacer(" <= ", " < ", " >= ", " > ", " < ", " <= ", " > ", " >= ")
