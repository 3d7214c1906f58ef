package dynamodb

import (
	"maps"
	"slices"
)

// maxPage is how many bytes of items a Query or Scan reads at once.
const maxPage = 1 << 20

// itemsRead is a Query or Scan of one page.
type itemsRead struct {
	span       span
	reverse    bool
	limit      int // 0 is none
	start      document
	filter     condition
	filtered   []path // those in the filter
	projection projection
	choice     string // Select
}

// read checks what Query and Scan have in common. keys are the expressions that
// only one of them has.
func (in *readInput) read(keys ...expression) (*itemsRead, *references, error) {
	r := &itemsRead{choice: in.Select}
	if in.Limit != nil {
		if r.limit = *in.Limit; r.limit < 1 {
			return nil, nil, constraint(r.limit, "limit", "Member must have value greater than or equal to 1")
		}
	}
	if in.ExclusiveStartKey != nil {
		var err error
		if r.start, err = readItem(in.ExclusiveStartKey); err != nil {
			return nil, nil, invalid("The provided starting key is invalid: %s", message(err))
		}
	}
	all := append([]expression{in.projection(), in.filter()}, keys...)
	return r, newReferences(in.ExpressionAttributeNames, in.ExpressionAttributeValues, all...), in.checkSelect()
}

func (in *readInput) projection() expression {
	return expression{"ProjectionExpression", in.ProjectionExpression}
}

func (in *readInput) filter() expression {
	return expression{"FilterExpression", in.FilterExpression}
}

// finish parses the filter and the projection, and reports the first error of
// all expressions.
func (r *itemsRead) finish(in *readInput, refs *references) error {
	r.filter = refs.condition(in.filter())
	r.filtered = pathsOf(r.filter)
	r.projection = refs.projection(in.projection())
	return refs.err()
}

func (in *readInput) checkSelect() error {
	projects := in.ProjectionExpression != nil
	if err := checkChoice(in.Select, "select", "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"); err != nil {
		return err
	}
	switch {
	case in.Select == "SPECIFIC_ATTRIBUTES" && !projects:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.Select == "ALL_PROJECTED_ATTRIBUTES" && in.IndexName == "":
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	case in.Select == "COUNT" && projects:
		return invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case in.Select != "" && in.Select != "SPECIFIC_ATTRIBUTES" && projects:
		return invalid("Cannot specify the ProjectionExpression when choosing to get %s", in.Select)
	}
	return nil
}

// check refuses what the source does not hold.
func (r *itemsRead) check(s *source) error {
	if err := s.checkScalars(slices.Concat(r.projection, projection(r.filtered))); err != nil || s.index == nil || s.index.attributes == nil {
		return err
	}
	if r.choice == "ALL_ATTRIBUTES" {
		return invalid("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", s.index.name)
	}
	if left := s.index.lacks(r.projection); left != "" {
		return invalid("One or more parameter values were invalid: Global secondary index %s does not project %s", s.index.name, left)
	}
	if left := s.index.lacks(r.filtered); left != "" {
		return invalid("One or more parameter values were invalid: Secondary index %s does not project one or more filter attributes: %s", s.index.name, left)
	}
	return nil
}

// lacks lists the attributes that an index does not hold; empty if it holds
// all.
func (i *index) lacks(paths []path) string {
	left := map[string]bool{}
	for _, p := range paths {
		if name := p[0].name; !i.attributes[name] {
			left[name] = true
		}
	}
	if len(left) == 0 {
		return ""
	}
	return listed(slices.Sorted(maps.Keys(left)))
}

// resume moves the span behind a key.
func (r *itemsRead) resume(key string) {
	if r.reverse {
		r.span.to = key
		return
	}
	r.span.from = key + "\x00"
}

// page reads until the limit, a megabyte or the end. The filter comes after
// both: what it leaves out counts as read.
func (r *itemsRead) page(s *source) map[string]any {
	items, scanned, bytes := []document{}, 0, 0
	answer := map[string]any{}
	var last document
	for _, record := range s.entries.records(r.span, r.reverse) {
		if bytes+record.size > maxPage {
			answer["LastEvaluatedKey"] = s.keyOf(last)
			break
		}
		last, bytes, scanned = record.item, bytes+record.size, scanned+1
		if r.filter == nil || r.filter.holds(record.item) {
			items = append(items, r.projection.of(record.item))
		}
		if scanned == r.limit {
			answer["LastEvaluatedKey"] = s.keyOf(last)
			break
		}
	}
	answer["Count"], answer["ScannedCount"] = len(items), scanned
	if r.choice != "COUNT" {
		answer["Items"] = items
	}
	return answer
}

// pathsOf are the paths in a condition.
func pathsOf(c condition) []path {
	switch c := c.(type) {
	case either:
		return slices.Concat(pathsOf(c.left), pathsOf(c.right))
	case both:
		return slices.Concat(pathsOf(c.left), pathsOf(c.right))
	case negation:
		return pathsOf(c.of)
	case comparison:
		return pathsAmong(c.left, c.right)
	case between:
		return pathsAmong(c.operand, c.low, c.high)
	case among:
		return pathsAmong(slices.Concat(c.values, []operand{c.operand})...)
	case test:
		return pathsAmong(c.call.operands...)
	}
	return nil
}

func pathsAmong(operands ...operand) []path {
	var all []path
	for _, o := range operands {
		switch o := o.(type) {
		case path:
			all = append(all, o)
		case *call:
			all = append(all, pathsAmong(o.operands...)...)
		}
	}
	return all
}
