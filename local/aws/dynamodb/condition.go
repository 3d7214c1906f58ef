package dynamodb

import (
	"fmt"
	"slices"
	"strings"
)

// condition is the meaning of a ConditionExpression or FilterExpression.
type condition interface {
	// holds reports whether it is true of an item, which may be empty.
	holds(item document) bool
}

type (
	either     struct{ left, right condition }
	both       struct{ left, right condition }
	negation   struct{ of condition }
	comparison struct {
		operator    string
		left, right operand
	}
	between struct{ operand, low, high operand }
	among   struct {
		operand operand
		values  []operand
	}
	test struct{ call *call }
)

const (
	aCondition = "a condition expression"
	anUpdate   = "an update expression"
)

func conditionRules() rules {
	return rules{functions: conditionFunctions(), within: "size", usage: aCondition, names: meaning}
}

// condition parses an expression of conditions; nil if there is none.
func (r *references) condition(e expression) condition {
	var c condition
	r.parse(e, func(p *parser) {
		p.rules = conditionRules()
		c = p.disjunction()
	})
	return c
}

func (p *parser) disjunction() condition {
	c := p.conjunction()
	for p.keyword("OR") {
		p.operators++
		c = either{c, p.conjunction()}
	}
	return c
}

func (p *parser) conjunction() condition {
	c := p.negation()
	for p.keyword("AND") {
		p.operators++
		c = both{c, p.negation()}
	}
	return c
}

func (p *parser) negation() condition {
	if p.keyword("NOT") {
		p.operators++
		return negation{p.negation()}
	}
	if p.groups() {
		p.next()
		c := p.disjunction()
		p.expect(")")
		return c
	}
	return p.predicate()
}

// groups reports whether the parenthesis here holds a condition, not an
// operand: behind an operand comes something to compare it with.
func (p *parser) groups() bool {
	if p.peek().text != "(" {
		return false
	}
	end, closed := p.closing[p.pos]
	if !closed {
		return true
	}
	after := strings.ToUpper(p.tokens[end+1].text)
	return !isComparator(after) && !slices.Contains([]string{"BETWEEN", "IN", ".", "["}, after)
}

func isComparator(s string) bool {
	return slices.Contains([]string{"=", "<>", "<", "<=", ">", ">="}, s)
}

// predicate reads a comparison, BETWEEN, IN or a function.
func (p *parser) predicate() condition {
	left := p.operand()
	switch {
	case isComparator(p.peek().text):
		return p.comparison(left)
	case p.keyword("BETWEEN"):
		return p.between(left)
	case p.keyword("IN"):
		return p.among(left)
	}
	c, ok := left.(*call)
	if !ok {
		p.failSyntax()
		return nil
	}
	if c.function == "size" {
		p.fail(placement, "The function is not allowed to be used this way in an expression; function: size")
	}
	return test{c}
}

func (p *parser) comparison(left operand) condition {
	p.operators++
	c := comparison{operator: p.next().text, left: left, right: p.operand()}
	sides := []operand{c.left, c.right}
	p.checkNesting(sides)
	p.checkDistinct(c.operator, sides)
	if c.operator != "=" && c.operator != "<>" {
		p.checkKinds(c.operator, sides, "S", "N", "B")
	}
	return c
}

func (p *parser) between(o operand) condition {
	p.operators++
	c := between{operand: o, low: p.operand()}
	if !p.keyword("AND") {
		p.failSyntax()
	}
	c.high = p.operand()
	all := []operand{c.operand, c.low, c.high}
	p.checkNesting(all)
	p.checkKinds("BETWEEN", all, "S", "N", "B")
	p.checkDistinct("BETWEEN", all)
	p.checkBounds(c.low, c.high)
	return c
}

func (p *parser) checkBounds(low, high operand) {
	l, _ := low.(literal)
	h, _ := high.(literal)
	if l.value == nil || h.value == nil {
		return
	}
	n, ok := compare(l.value, h.value)
	bounds := fmt.Sprintf("lower bound operand: %s, upper bound operand: %s", describe(l.value), describe(h.value))
	switch {
	case !ok:
		p.fail(meaning, "The BETWEEN operator requires same data type for lower and upper bounds; %s", bounds)
	case n > 0:
		p.fail(meaning, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; %s", bounds)
	}
}

func describe(v value) string { return fmt.Sprintf("AttributeValue: {%s:%v}", v.kind(), v) }

// maxAmong is how many operands IN has at most, with the one before it.
const maxAmong = 100

func (p *parser) among(o operand) condition {
	p.operators++
	c := among{operand: o, values: p.operands()}
	all := append([]operand{o}, c.values...)
	p.checkNesting(all)
	p.checkDistinct("IN", all)
	if len(all) > maxAmong {
		p.fail(meaning, "The IN operator is provided with too many operands; number of operands: %d", len(all))
	}
	return c
}
