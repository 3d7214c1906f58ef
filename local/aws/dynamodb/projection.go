package dynamodb

import "slices"

// projection are the paths that a ProjectionExpression asks for; nil asks for
// everything.
type projection []path

// projection parses a list of paths; nil if there is none.
func (r *references) projection(e expression) projection {
	var paths projection
	r.parse(e, func(p *parser) {
		p.rules = rules{names: overlap}
		for first := true; first || p.accept(","); first = false {
			paths = append(paths, p.path())
		}
		if how := clash(paths); how != "" {
			p.fail(overlap, "%s", how)
		}
	})
	return paths
}

// of is what an item has of the paths, in the shape of the item. Members of a
// list move together.
func (p projection) of(item document) document {
	if p == nil {
		return item
	}
	out, _ := project(item, p).(document)
	if out == nil {
		return document{}
	}
	return out
}

// project follows all paths one step at a time. It is nil if none leads
// anywhere.
func project(v value, paths []path) value {
	if slices.ContainsFunc(paths, func(p path) bool { return len(p) == 0 }) {
		return v
	}
	switch v := v.(type) {
	case document:
		return projectDocument(v, paths)
	case list:
		return projectList(v, paths)
	}
	return nil
}

func projectDocument(v document, paths []path) value {
	out := document{}
	for first, rest := range byFirstStep(paths) {
		if child := first.in(v); child != nil {
			if child = project(child, rest); child != nil {
				out[first.name] = child
			}
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func projectList(v list, paths []path) value {
	steps := byFirstStep(paths)
	var out list
	for i, child := range v {
		rest, asked := steps[step{place: i, inList: true}]
		if !asked {
			continue
		}
		if child = project(child, rest); child != nil {
			out = append(out, child)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

func byFirstStep(paths []path) map[step][]path {
	steps := map[step][]path{}
	for _, p := range paths {
		steps[p[0]] = append(steps[p[0]], p[1:])
	}
	return steps
}
