package dynamodb

import (
	"slices"
	"strings"
)

// function is what must hold of a function's operands when it is read.
type function struct {
	operands int
	check    func(*parser, *call)
}

func conditionFunctions() map[string]function {
	return map[string]function{
		"attribute_exists":     {1, checkPath},
		"attribute_not_exists": {1, checkPath},
		"attribute_type":       {2, checkTypeName},
		"begins_with":          {2, checkPrefix},
		"contains":             {2, func(*parser, *call) {}},
		"size":                 {1, checkSized},
	}
}

func updateFunctions() map[string]function {
	return map[string]function{
		"if_not_exists": {2, checkPath},
		"list_append":   {2, func(p *parser, c *call) { p.checkKinds(c.function, c.operands, "L") }},
	}
}

// checkCall refuses a function that is unknown, belongs to another kind of
// expression, or has operands that it cannot have.
func (p *parser) checkCall(c *call) {
	f, ok := p.rules.functions[c.function]
	if !ok {
		p.refuseFunction(c.function)
		return
	}
	p.checkNesting(c.operands)
	if len(c.operands) != f.operands {
		p.failOperandCount(c.function, len(c.operands))
		return
	}
	// Only a list may be doubled.
	if c.function != "list_append" {
		p.checkDistinct(c.function, c.operands)
	}
	f.check(p, c)
}

func (p *parser) refuseFunction(name string) {
	for _, known := range []map[string]function{conditionFunctions(), updateFunctions()} {
		if _, ok := known[name]; ok {
			p.fail(placement, "The function is not allowed in %s; function: %s", p.rules.usage, name)
			return
		}
	}
	p.fail(placement, "Invalid function name; function: %s", name)
}

func (p *parser) failOperandCount(operator string, n int) {
	p.fail(meaning, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", operator, n)
}

// checkNesting refuses a function as an operand, but for size in a condition
// and if_not_exists in an update.
func (p *parser) checkNesting(operands []operand) {
	for _, o := range operands {
		if c, ok := o.(*call); ok && c.function != p.rules.within {
			p.fail(placement, "The function is not allowed to be used this way in an expression; function: %s", c.function)
		}
	}
}

// checkDistinct refuses the comparison of a path with itself.
func (p *parser) checkDistinct(operator string, operands []operand) {
	first, ok := operands[0].(path)
	if !ok {
		return
	}
	for _, o := range operands[1:] {
		if other, ok := o.(path); ok && slices.Equal(first, other) {
			p.fail(meaning, "The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %v", operator, first)
		}
	}
}

// checkKinds refuses operands whose kind is known beforehand and is not among
// the allowed.
func (p *parser) checkKinds(operator string, operands []operand, allowed ...string) {
	for _, o := range operands {
		if kind := kindBeforehand(o); kind != "" && !slices.Contains(allowed, kind) {
			p.fail(meaning, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, kind)
		}
	}
}

// kindBeforehand is the kind of an operand that no item is needed for, or
// empty.
func kindBeforehand(o operand) string {
	switch o := o.(type) {
	case literal:
		if o.value != nil {
			return o.value.kind()
		}
	case *call:
		if o.function == "size" {
			return "N"
		}
	}
	return ""
}

func checkPath(p *parser, c *call) {
	if _, ok := c.operands[0].(path); !ok {
		p.fail(meaning, "Operator or function requires a document path; operator or function: %s", c.function)
	}
}

func checkPrefix(p *parser, c *call) { p.checkKinds(c.function, c.operands, "S", "B") }

func checkSized(p *parser, c *call) {
	p.checkKinds(c.function, c.operands, "S", "B", "SS", "NS", "BS", "L", "M")
}

const typeNames = "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"

// checkTypeName wants a value of the request, which names a type.
func checkTypeName(p *parser, c *call) {
	kind := kindBeforehand(c.operands[1])
	if kind == "" {
		kind = typeNames
	}
	name, ok := typeNamed(c.operands[1])
	switch {
	case !ok:
		p.fail(meaning, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", c.function, kind)
	case !slices.Contains(strings.Split(strings.Trim(typeNames, "{}"), ","), name):
		p.fail(meaning, "Invalid attribute type name found; type: %s, valid types: %s", name, typeNames)
	}
}

func typeNamed(o operand) (string, bool) {
	l, _ := o.(literal)
	name, ok := l.value.(text)
	return string(name), ok
}
