package dynamodb

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxExpression is the longest expression, in bytes; maxOperators the most
// operators in one. Both are in "Quotas in Amazon DynamoDB".
const (
	maxExpression = 4096
	maxOperators  = 300
)

// references are the names and values that the expressions of one request refer
// to. The first error stays, so a caller asks for it once, with err, after all
// expressions.
type references struct {
	names   map[string]string
	values  map[string]value
	unused  map[string]bool
	problem error
}

// expression is one of a request's expressions, nil if it is not there.
type expression struct {
	parameter string
	source    *string
}

// newReferences checks the names and values against the expressions that may
// use them. A projection uses no values.
func newReferences(names map[string]string, values map[string]attribute, expressions ...expression) *references {
	r := &references{names: names, values: map[string]value{}, unused: map[string]bool{}}
	if values != nil {
		r.checkUse("ExpressionAttributeValues", len(values), withValues(expressions))
		r.readValues(values)
	}
	if names != nil {
		r.checkUse("ExpressionAttributeNames", len(names), expressions)
		r.readNames(names)
	}
	return r
}

func withValues(expressions []expression) []expression {
	return slices.DeleteFunc(slices.Clone(expressions), func(e expression) bool { return e.parameter == "ProjectionExpression" })
}

// checkUse refuses a parameter that is empty or has no expression to serve.
func (r *references) checkUse(parameter string, n int, expressions []expression) {
	if slices.ContainsFunc(expressions, func(e expression) bool { return e.source != nil }) {
		if n == 0 {
			r.fail("%s must not be empty", parameter)
		}
		return
	}
	missing := convert(expressions, func(e expression) string { return e.parameter })
	verb := "is"
	if len(missing) > 1 {
		verb = "are"
	}
	if parameter == "ExpressionAttributeNames" || len(missing) == 0 {
		r.fail("%s can only be specified when using expressions", parameter)
		return
	}
	r.fail("%s can only be specified when using expressions: %s %s null", parameter, strings.Join(missing, " and "), verb)
}

func (r *references) readNames(names map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r.provide("ExpressionAttributeNames", name, '#')
		if err := checkAttributeName(names[name]); err != nil {
			r.fail("ExpressionAttributeNames contains invalid value: %s for key %s", message(err), name)
		}
	}
}

func (r *references) readValues(values map[string]attribute) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		r.provide("ExpressionAttributeValues", name, ':')
		v, err := values[name].value(0)
		if err != nil {
			r.fail("ExpressionAttributeValues contains invalid value: %s for key %s", message(err), name)
		}
		r.values[name] = v
	}
}

func (r *references) provide(parameter, name string, mark byte) {
	if len(name) < 2 || name[0] != mark || run(name, 1, isWordPart) < len(name) {
		r.fail("%s contains invalid key: Syntax error; key: %q", parameter, name)
	}
	r.unused[name] = true
}

func (r *references) fail(format string, args ...any) {
	if r.problem == nil {
		r.problem = invalid(format, args...)
	}
}

// parse hands the expression to read, unless it is missing. The rest of the
// expression's own errors begin with its parameter's name.
func (r *references) parse(e expression, read func(*parser)) {
	if e.source == nil || r.problem != nil {
		return
	}
	if problem := r.parseSource(*e.source, read); problem != "" {
		r.fail("Invalid %s: %s", e.parameter, problem)
	}
}

func (r *references) parseSource(src string, read func(*parser)) string {
	switch {
	case src == "":
		return "The expression can not be empty;"
	case len(src) > maxExpression:
		return fmt.Sprintf("Expression size has exceeded the maximum allowed size; expression size: %d", len(src))
	}
	p := newParser(src, r)
	read(p)
	return p.verdict()
}

// size is how many bytes the values have.
func (r *references) size() int {
	sum := 0
	for _, v := range r.values {
		sum += sizeOf(v)
	}
	return sum
}

// err is the first error, or names what was provided and not used.
func (r *references) err() error {
	if r.problem != nil || len(r.unused) == 0 {
		return r.problem
	}
	left := slices.Sorted(maps.Keys(r.unused))
	parameter, mark := "ExpressionAttributeNames", "#"
	if left[0][0] != '#' {
		parameter, mark = "ExpressionAttributeValues", ":"
	}
	left = slices.DeleteFunc(left, func(name string) bool { return !strings.HasPrefix(name, mark) })
	return invalid("Value provided in %s unused in expressions: keys: {%s}", parameter, strings.Join(left, ", "))
}
