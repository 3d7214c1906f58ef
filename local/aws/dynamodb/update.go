package dynamodb

import (
	"slices"
	"strings"
)

// update is the meaning of an UpdateExpression: its changes in the order of the
// expression.
type update []change

// change is one action of a clause.
type change struct {
	clause  string // "SET", "REMOVE", "ADD" or "DELETE"
	path    path
	operand operand // what SET sets
	value   value   // what ADD and DELETE add and delete
}

// arithmetic is the sum or the difference that SET may set.
type arithmetic struct {
	operator    string
	left, right operand
}

func updateRules() rules {
	return rules{functions: updateFunctions(), within: "if_not_exists", usage: anUpdate, names: overlap}
}

// update parses an update expression; nil if there is none.
func (r *references) update(e expression) update {
	var u update
	r.parse(e, func(p *parser) {
		p.rules = updateRules()
		u = p.clauses()
	})
	return u
}

func (p *parser) clauses() update {
	var u update
	read := map[string]func() change{"SET": p.set, "REMOVE": p.remove, "ADD": p.add, "DELETE": p.delete}
	for first := true; first || p.peek().class != eof; first = false {
		clause := strings.ToUpper(p.peek().text)
		if read[clause] == nil {
			p.failSyntax()
			return nil
		}
		p.next()
		if slices.ContainsFunc(u, func(c change) bool { return c.clause == clause }) {
			p.fail(sections, "The %q section can only be used once in an update expression;", clause)
		}
		u = append(u, p.changes(clause, read[clause])...)
	}
	if how := clash(convert(u, func(c change) path { return c.path })); how != "" {
		p.fail(overlap, "%s", how)
	}
	return u
}

func (p *parser) changes(clause string, read func() change) []change {
	var all []change
	for first := true; first || p.accept(","); first = false {
		c := read()
		c.clause = clause
		all = append(all, c)
	}
	return all
}

func (p *parser) set() change {
	c := change{path: p.path()}
	p.expect("=")
	c.operand = p.sum()
	return c
}

func (p *parser) remove() change { return change{path: p.path()} }

func (p *parser) add() change {
	c := change{path: p.path(), value: p.value()}
	p.checkAmount("ADD", c.value, "N")
	return c
}

func (p *parser) delete() change {
	c := change{path: p.path(), value: p.value()}
	p.checkAmount("DELETE", c.value, "")
	return c
}

// checkAmount refuses what is neither a set nor of the kind also.
func (p *parser) checkAmount(operator string, v value, also string) {
	_, isSet := v.(set)
	if v == nil || isSet || v.kind() == also {
		return
	}
	long := map[string]string{"S": "STRING", "N": "NUMBER", "B": "BINARY", "NULL": "NULL", "BOOL": "BOOLEAN", "L": "LIST", "M": "MAP"}
	p.fail(meaning, "Incorrect operand type for operator or function; operator: %s, operand type: %s", operator, long[v.kind()])
}

// sum reads what SET sets: an operand, or two with + or - between them.
func (p *parser) sum() operand {
	if end, ok := p.closing[p.pos]; ok && p.peek().text == "(" && !isSign(p.tokens[end+1]) {
		p.next()
		o := p.sum()
		p.expect(")")
		return o
	}
	left := p.operand()
	if !isSign(p.peek()) {
		return left
	}
	p.operators++
	a := arithmetic{operator: p.next().text, left: left, right: p.operand()}
	sides := []operand{a.left, a.right}
	p.checkNesting(sides)
	p.checkKinds(a.operator, sides, "N")
	return a
}

func isSign(t token) bool { return t.text == "+" || t.text == "-" }

// creates reports whether the update makes an item where there is none. One
// that only takes away does not.
func (u update) creates() bool {
	return u == nil || slices.ContainsFunc(u, func(c change) bool { return c.clause == "SET" || c.clause == "ADD" })
}

func (u update) paths() []path { return convert(u, func(c change) path { return c.path }) }

// checkKeys refuses an update of the table's key, and of a part of an index's.
func (u update) checkKeys(t *table) error {
	for _, p := range t.key {
		if slices.ContainsFunc(u, func(c change) bool { return c.path[0].name == p.name }) {
			return invalid("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", p.name)
		}
	}
	return t.checkScalars(u.paths())
}

// checkEmptyIndexKeys refuses a value of the request that no index may have as
// its key.
func (u update) checkEmptyIndexKeys(t *table) error {
	for name, v := range u.literals() {
		if what := emptiness(v); what != "" && t.isIndexKey(name) {
			return invalid("One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty %s value.", what)
		}
	}
	return nil
}

// literals are the attributes that the update sets to values of the request.
func (u update) literals() document {
	out := document{}
	for _, c := range u {
		if l, ok := c.operand.(literal); ok && len(c.path) == 1 {
			out[c.path[0].name] = l.value
		}
	}
	return out
}
