package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// mutant is one change.
type mutant struct {
	n    int // from 1
	at   string
	what string
}

// edit puts text in the place of some bytes of a file, which may be none.
type edit struct {
	from, to int
	text     string
}

// changer writes the changes of one file, each behind its number.
type changer struct {
	*pkg
	edits   []edit
	mutants *[]mutant
}

// changed gives the files that match as they are with all changes in them, by path, and
// the changes.
func (p *pkg) changed(only *regexp.Regexp) (map[string][]byte, []mutant) {
	files := map[string][]byte{}
	var all []mutant
	for _, file := range p.files {
		path := p.fset.File(file.Pos()).Name()
		if !only.MatchString(filepath.Base(path)) {
			continue
		}
		c := &changer{pkg: p, mutants: &all}
		ast.Inspect(file, c.visit)
		files[path] = apply(p.source[path], c.edits)
	}
	return files, all
}

// apply makes the edits. Of those at one place that only put something in, the first
// made is the outer one: openings stay in their order.
func apply(source []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.from, b.from) })
	var out []byte
	at := 0
	for _, e := range edits {
		out = append(append(out, source[at:e.from]...), e.text...)
		at = e.to
	}
	return append(out, source[at:]...)
}

// add notes a change, and gives its number.
func (c *changer) add(at token.Pos, what string) int {
	where := c.fset.Position(at)
	*c.mutants = append(*c.mutants, mutant{n: len(*c.mutants) + 1, at: fmt.Sprintf("%s:%d:%d", filepath.Base(where.Filename), where.Line, where.Column), what: what})
	return len(*c.mutants)
}

func (c *changer) offset(p token.Pos) int { return c.fset.Position(p).Offset }

func (c *changer) put(at token.Pos, text string) {
	c.edits = append(c.edits, edit{c.offset(at), c.offset(at), text})
}

// close puts text behind what ends at a place, before what is there of outer ones.
func (c *changer) close(at token.Pos, text string) {
	first := slices.IndexFunc(c.edits, func(e edit) bool { return e.from == c.offset(at) })
	if first < 0 {
		first = len(c.edits)
	}
	c.edits = slices.Insert(c.edits, first, edit{c.offset(at), c.offset(at), text})
}

func (c *changer) replace(at token.Pos, length int, text string) {
	c.edits = append(c.edits, edit{c.offset(at), c.offset(at) + length, text})
}

// visit changes a node; what is inside is changed after it. Constants stay.
func (c *changer) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok != token.CONST && n.Tok != token.IMPORT && n.Tok != token.TYPE
	case *ast.IfStmt:
		c.condition(n.Cond)
	case *ast.BinaryExpr:
		return c.binary(n)
	case *ast.UnaryExpr:
		c.unary(n)
	case *ast.IncDecStmt:
		c.step(n.X, n.TokPos, n.Tok, nil)
	case *ast.AssignStmt:
		if len(n.Lhs) == 1 {
			c.step(n.Lhs[0], n.TokPos, n.Tok, n.Rhs[0])
		}
	case *ast.BasicLit:
		c.expression(n)
	}
	return true
}

// is reports whether an expression is of a basic kind and no constant.
func (c *changer) is(e ast.Expr, kind types.BasicInfo) bool {
	t, known := c.info.Types[e]
	if !known || t.Value != nil || t.Type == nil {
		return false
	}
	basic, ok := t.Type.Underlying().(*types.Basic)
	return ok && basic.Info()&kind != 0
}

// turn turns a condition around.
func (c *changer) turn(e ast.Expr, what string) {
	n := c.add(e.Pos(), what)
	c.put(e.Pos(), "((")
	c.close(e.End(), fmt.Sprintf(") != mutantIs(%d))", n))
}

// condition turns around what is no comparison: those are changed by themselves.
func (c *changer) condition(e ast.Expr) {
	switch e.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr, *ast.ParenExpr:
		return
	}
	if t := c.info.Types[e].Type; t != nil && types.Identical(types.Default(t), types.Typ[types.Bool]) && c.is(e, types.IsBoolean) {
		c.turn(e, "the condition is turned around")
	}
}

func (c *changer) binary(e *ast.BinaryExpr) bool {
	if t := c.info.Types[e]; t.Value != nil {
		_, text := e.X.(*ast.BasicLit)
		return text || c.info.Types[e].Type.Underlying() == types.Typ[types.UntypedString]
	}
	switch e.Op {
	case token.EQL, token.NEQ:
		c.turn(e, e.Op.String()+" is turned around")
	case token.LSS, token.LEQ, token.GTR, token.GEQ:
		c.compare(e)
	case token.LAND, token.LOR:
		n := c.add(e.OpPos, e.Op.String()+" is the other")
		is := fmt.Sprintf(") != mutantIs(%d))", n)
		c.put(e.Pos(), "((((")
		c.close(e.X.End(), is)
		c.put(e.Y.Pos(), "((")
		c.close(e.End(), is+is)
	case token.ADD, token.SUB, token.MUL, token.QUO:
		if c.is(e, types.IsInteger|types.IsFloat) {
			c.call(e, "mutantNumber", c.add(e.OpPos, e.Op.String()+" is its opposite"), "")
		}
	case token.REM:
		c.call(e, "mutantRest", c.add(e.OpPos, "% is *"), "")
	}
	return true
}

// compare changes where a comparison ends, and turns it around.
func (c *changer) compare(e *ast.BinaryExpr) {
	edge := c.add(e.OpPos, e.Op.String()+" has another edge")
	around := c.add(e.OpPos, e.Op.String()+" is turned around")
	c.call(e, "(mutantOrder", edge, fmt.Sprintf(" != mutantIs(%d))", around))
}

// call has a function do what the operator does.
func (c *changer) call(e *ast.BinaryExpr, name string, n int, behind string) {
	c.put(e.Pos(), fmt.Sprintf("%s(%d, %q, ", name, n, e.Op))
	c.replace(e.OpPos, len(e.Op.String()), ",")
	c.close(e.End(), ")"+behind)
}

func (c *changer) unary(e *ast.UnaryExpr) {
	switch {
	case e.Op == token.NOT:
		c.turn(e, "! is left out")
	case e.Op == token.SUB && c.is(e, types.IsInteger|types.IsFloat):
		n := c.add(e.Pos(), "- is left out")
		c.replace(e.OpPos, 1, fmt.Sprintf("mutantMinus(%d, ", n))
		c.close(e.End(), ")")
	}
}

// step changes x++ and x += y, and their opposites.
func (c *changer) step(x ast.Expr, at token.Pos, op token.Token, y ast.Expr) {
	if t := c.info.Types[x]; !t.Addressable() || !c.is(x, types.IsInteger|types.IsFloat) {
		return
	}
	sign, known := map[token.Token]string{token.INC: "+", token.ADD_ASSIGN: "+", token.DEC: "-", token.SUB_ASSIGN: "-"}[op]
	if !known {
		return
	}
	n := c.add(at, op.String()+" is its opposite")
	c.put(x.Pos(), fmt.Sprintf("mutantStep(%d, %q, &", n, sign))
	if y == nil {
		c.replace(at, 2, ", 1)")
		return
	}
	c.replace(at, 2, ",")
	c.close(y.End(), ")")
}

// expression changes a condition that the table is asked with.
func (c *changer) expression(lit *ast.BasicLit) {
	variants := conditions(lit)
	if len(variants) == 0 {
		return
	}
	var all []string
	first := 0
	for _, v := range variants {
		if n := c.add(lit.Pos(), v.what); first == 0 {
			first = n
		}
		all = append(all, fmt.Sprintf("%q", v.text))
	}
	c.put(lit.Pos(), fmt.Sprintf("mutantText(%d, []string{%s}, ", first, strings.Join(all, ", ")))
	c.close(lit.End(), ")")
}
