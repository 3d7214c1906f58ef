package template

import "go.yaml.in/yaml/v3"

// Resource is a resource with all that the template says of it, also what means
// nothing on one machine.
type Resource struct {
	ID   string
	Type string
	// DeletionPolicy and UpdateReplacePolicy are empty where the template has none.
	DeletionPolicy, UpdateReplacePolicy string
	// Metadata is what the template notes beside the resource.
	Metadata map[string]any

	stack      *Stack
	properties *yaml.Node
}

// Decode reads the resource's properties, with those of Globals, into v.
func (r Resource) Decode(v any) error {
	if err := r.properties.Decode(v); err != nil {
		return r.stack.yamlError(err)
	}
	return nil
}

// Resources evaluates every resource that is there, in the order of the file. A
// reference to what is not there is an *Error.
func (s *Stack) Resources(values Values) ([]Resource, error) {
	resolver := s.resolver(values)
	var all []Resource
	for _, id := range s.ids {
		res := s.resources[id]
		r := Resource{ID: id, Type: res.typ, stack: s, properties: only(res.at, nil, nil)}
		if res.all != nil {
			var err error
			if r.properties, err = resolver.node(res.all); err != nil {
				return nil, err
			}
		}
		for name, into := range map[string]any{
			"DeletionPolicy": &r.DeletionPolicy, "UpdateReplacePolicy": &r.UpdateReplacePolicy, "Metadata": &r.Metadata,
		} {
			at := member(res.node, name)
			if at == nil {
				continue
			}
			if err := resolver.decode(at, into); err != nil {
				return nil, err
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// Section is a section of the template as it was written, with its intrinsic
// functions as they stand there; nil where there is none.
func (t *Template) Section(name string) map[string]any {
	var out map[string]any
	section := t.top[name]
	if section == nil || section.Decode(&out) != nil {
		return nil
	}
	return out
}

// Text is a section as it stands in the template, its intrinsic functions in the
// form that they have there.
func (t *Template) Text(section string) string {
	if t.top[section] == nil {
		return ""
	}
	text, err := yaml.Marshal(t.top[section])
	if err != nil {
		return ""
	}
	return string(text)
}

// Dir is the folder in which the template lies.
func (t *Template) Dir() string { return t.dir }
