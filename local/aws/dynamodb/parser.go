package dynamodb

import (
	"fmt"
	"strconv"
	"strings"
)

// parser reads one expression by recursive descent. An error of syntax moves it
// to the end, where nothing more is accepted, so the reading functions need not
// look after errors. All others are kept until the syntax is known to be right,
// as DynamoDB does.
type parser struct {
	src       string
	tokens    []token
	closing   map[int]int
	pos       int
	refs      *references
	rules     rules
	operators int
	syntax    string
	problems  [stages]string
}

// stage is when DynamoDB looks for a problem: of several it tells that of the
// earliest stage. The order was found by trying pairs of them on DynamoDB Local.
type stage int

const (
	placement stage = iota // reserved words, and functions where they cannot stand
	sections               // of an update
	overlap                // of paths
	meaning
	stages
)

// rules are what differs between conditions, updates and projections.
type rules struct {
	functions map[string]function
	within    string // the functions that may stand as operand
	usage     string // how messages call such an expression
	names     stage  // when an undefined name is found
}

// operand is a path, a literal or a *call.
type operand any

// literal is a value of the request.
type literal struct{ value value }

// call is a function with its operands.
type call struct {
	function string
	operands []operand
}

func newParser(src string, refs *references) *parser {
	all := tokenize(src)
	return &parser{src: src, tokens: all, closing: partners(all), refs: refs}
}

// verdict is the message of the error that DynamoDB would report, or empty.
func (p *parser) verdict() string {
	if p.syntax == "" && p.peek().class != eof {
		p.failSyntax()
	}
	switch {
	case p.syntax != "":
		return p.syntax
	case redundant(p.tokens, p.closing):
		return "The expression has redundant parentheses;"
	case p.operators > maxOperators:
		return fmt.Sprintf("The expression contains too many operators; operator count: %d", p.operators)
	}
	for _, problem := range p.problems {
		if problem != "" {
			return problem
		}
	}
	return ""
}

// failSyntax reports the token that cannot stand where it stands, with those
// beside it.
func (p *parser) failSyntax() {
	if p.syntax == "" {
		from, to := 0, p.tokens[min(p.pos+1, len(p.tokens)-1)].end
		if p.pos > 0 {
			from = p.tokens[p.pos-1].start
		}
		p.syntax = fmt.Sprintf(`Syntax error; token: "%s", near: "%s"`, p.peek().text, p.src[from:to])
	}
	p.pos = len(p.tokens) - 1
}

// fail keeps the first problem of a stage.
func (p *parser) fail(s stage, format string, args ...any) {
	if p.problems[s] == "" {
		p.problems[s] = fmt.Sprintf(format, args...)
	}
}

func (p *parser) peek() token { return p.tokens[p.pos] }

func (p *parser) next() token {
	t := p.peek()
	if t.class != eof {
		p.pos++
	}
	return t
}

func (p *parser) accept(symbol string) bool {
	if p.peek().text != symbol {
		return false
	}
	p.pos++
	return true
}

func (p *parser) expect(symbol string) {
	if !p.accept(symbol) {
		p.failSyntax()
	}
}

// keyword accepts a word, in any case of letters.
func (p *parser) keyword(word string) bool {
	if t := p.peek(); t.class != identifier || !strings.EqualFold(t.text, word) {
		return false
	}
	p.pos++
	return true
}

// keywords are the words that are no names in any expression, each with a space
// on both sides.
const keywords = " AND OR NOT IN BETWEEN SET REMOVE ADD DELETE "

func isKeyword(t token) bool {
	return t.class == identifier && strings.Contains(keywords, " "+strings.ToUpper(t.text)+" ")
}

// operand reads a path, a value, a function, or one of them in parentheses.
func (p *parser) operand() operand {
	switch t := p.peek(); {
	case t.text == "(":
		p.next()
		o := p.operand()
		p.expect(")")
		return o
	case t.class == reference:
		return literal{p.value()}
	case t.class == identifier && p.tokens[p.pos+1].text == "(" && !isKeyword(t):
		return p.call()
	}
	return p.path()
}

// operands reads what stands between the parentheses of a function or of IN.
func (p *parser) operands() []operand {
	p.expect("(")
	all := []operand{p.operand()}
	for p.accept(",") {
		all = append(all, p.operand())
	}
	p.expect(")")
	return all
}

func (p *parser) call() operand {
	c := &call{function: p.next().text}
	c.operands = p.operands()
	p.checkCall(c)
	return c
}

func (p *parser) value() value {
	t := p.peek()
	if t.class != reference {
		p.failSyntax()
		return nil
	}
	p.next()
	v, ok := p.refs.values[t.text]
	if !ok {
		p.fail(meaning, "An expression attribute value used in expression is not defined; attribute value: %s", t.text)
	}
	delete(p.refs.unused, t.text)
	return v
}

func (p *parser) path() path {
	way := path{p.name()}
	for {
		switch {
		case p.accept("."):
			way = append(way, p.name())
		case p.accept("["):
			way = append(way, p.place())
			p.expect("]")
		default:
			return way
		}
	}
}

func (p *parser) name() step {
	t := p.peek()
	switch {
	case t.class == placeholder:
		p.next()
		return step{name: p.placeholder(t.text)}
	case t.class != identifier || isKeyword(t):
		p.failSyntax()
	case isReserved(t.text):
		p.fail(placement, "Attribute name is a reserved keyword; reserved keyword: %s", t.text)
	}
	p.next()
	return step{name: t.text}
}

func (p *parser) placeholder(name string) string {
	resolved, ok := p.refs.names[name]
	if !ok {
		p.fail(p.rules.names, "An expression attribute name used in the document path is not defined; attribute name: %s", name)
	}
	delete(p.refs.unused, name)
	return resolved
}

func (p *parser) place() step {
	n, err := strconv.Atoi(p.peek().text)
	if p.peek().class != integer || err != nil {
		p.failSyntax()
	}
	p.next()
	return step{place: n, inList: true}
}
