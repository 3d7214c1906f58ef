package template

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Values are what Ref and GetAtt give: logical id, attribute, value. Ref is the
// attribute "".
type Values map[string]map[string]string

// Stack is a template with its parameters chosen: the resources that are there,
// their properties not yet evaluated.
type Stack struct {
	*Template
	settings   Settings
	params     map[string]*yaml.Node
	conditions map[string]bool
	evaluating []string
	resources  map[string]*resource
	// ids are those of resources, in the order of the file; absent are those
	// whose condition is false.
	ids    []string
	absent map[string]bool
}

type resource struct {
	typ        string
	at         *yaml.Node // its logical id
	properties *yaml.Node // with those of Globals, and only those that are meant
	all        *yaml.Node // with those of Globals
	metadata   *yaml.Node
	node       *yaml.Node
}

// NewStack chooses the parameters of a template and leaves out the resources whose condition is
// false. A wrong parameter, a condition that cannot be evaluated and a type of
// resource that is not known here are an *Error.
func NewStack(t *Template, settings Settings) (*Stack, error) {
	params, err := t.parameters(settings.Parameters)
	if err != nil {
		return nil, err
	}
	s := &Stack{Template: t, settings: settings, params: params,
		conditions: map[string]bool{}, resources: map[string]*resource{}, absent: map[string]bool{}}
	for id, node := range pairs(t.top["Resources"]) {
		if err := s.add(id, node); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Stack) add(id, node *yaml.Node) error {
	typ := member(node, "Type")
	if typ == nil {
		return s.errorf(id, "resource %s has no Type", id.Value)
	}
	meant, refused := properties(typ.Value)
	if meant == nil && !isIgnored(typ.Value) {
		return s.errorf(typ, "resources of the type %s are not run here", typ.Value)
	}
	if condition := member(node, "Condition"); condition != nil {
		holds, err := s.resolver(nil).condition(condition, condition.Value)
		if err != nil {
			return err
		}
		if !holds {
			s.absent[id.Value] = true
			return nil
		}
	}
	own := member(node, "Properties")
	if section, ok := strings.CutPrefix(typ.Value, "AWS::Serverless::"); ok {
		own = merge(member(s.top["Globals"], section), own)
	}
	for _, name := range refused {
		if at := member(own, name); at != nil {
			return s.errorf(at, "%s: %s is not supported here", id.Value, name)
		}
	}
	s.ids = append(s.ids, id.Value)
	s.resources[id.Value] = &resource{typ: typ.Value, at: id, properties: only(id, own, meant), all: own, metadata: member(node, "Metadata"), node: node}
	return nil
}

// merge lays a resource's own properties over those of Globals: mappings are
// merged, lists are joined with the global items first, anything else is
// replaced. Source: SAM developer guide, "Globals section", "Overridable".
func merge(global, own *yaml.Node) *yaml.Node {
	global, own = target(global), target(own)
	if global == nil || own == nil {
		if own == nil {
			return global
		}
		return own
	}
	if !isPlain(global) || !isPlain(own) || global.Kind != own.Kind || own.Kind == yaml.ScalarNode {
		return own
	}
	out := &yaml.Node{Kind: own.Kind, Tag: own.Tag, Line: own.Line}
	if own.Kind == yaml.SequenceNode {
		out.Content = slices.Concat(global.Content, own.Content)
		return out
	}
	for key, value := range pairs(global) {
		out.Content = append(out.Content, key, merge(value, member(own, key.Value)))
	}
	for key, value := range pairs(own) {
		if member(global, key.Value) == nil {
			out.Content = append(out.Content, key, value)
		}
	}
	return out
}

// only is a mapping of the keys of n that are among names; of no mapping it is an
// empty one at that place.
func only(at, n *yaml.Node, names []string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: at.Line}
	for key, value := range pairs(n) {
		if slices.Contains(names, key.Value) {
			out.Content = append(out.Content, key, value)
		}
	}
	return out
}

// isPlain reports that a node is no intrinsic function.
func isPlain(n *yaml.Node) bool {
	name, _ := intrinsic(n)
	return name == ""
}

// resolver evaluates against values; nil knows no resource.
func (s *Stack) resolver(values Values) *resolver {
	return &resolver{s, func(id, attribute string) (string, bool) {
		value, ok := values[id][attribute]
		return value, ok
	}}
}

// of are the ids of the present resources of a type, in the order of the file.
func (s *Stack) of(typ string) []string {
	var ids []string
	for _, id := range s.ids {
		if s.resources[id].typ == typ {
			ids = append(ids, id)
		}
	}
	return ids
}

// name is the physical name of a resource that the template does not name.
func (s *Stack) name(id string) string { return s.settings.StackName + "-" + id }

func (s *Stack) arn(service, rest string) string {
	return "arn:aws:" + service + ":" + s.settings.Region + ":" + s.settings.Account + ":" + rest
}

// Store is a queue, a table or a secret that has to exist before the functions
// run.
type Store struct {
	ID   string
	Type string // QueueType, TableType or SecretType
}

// Stores are the queues, tables and secrets of the stack, each behind those that
// its properties refer to. A circle of them is an *Error.
func (s *Stack) Stores() ([]Store, error) {
	order := &ordering{stack: s, values: s.Values(), done: map[string]bool{}}
	for _, id := range s.ids {
		if err := order.visit(id); err != nil {
			return nil, err
		}
	}
	return order.stores, nil
}

// ordering walks resources depth first. What a resource depends on is found by
// evaluating it with values that stand in for the real ones.
type ordering struct {
	stack  *Stack
	values Values
	done   map[string]bool
	path   []string
	stores []Store
}

func (o *ordering) visit(id string) error {
	res := o.stack.resources[id]
	if o.done[id] || !slices.Contains([]string{QueueType, TableType, SecretType}, res.typ) {
		return nil
	}
	if slices.Contains(o.path, id) {
		return o.stack.errorf(res.at, "circular dependency between resources: %s", strings.Join(append(o.path, id), ", "))
	}
	o.path = append(o.path, id)
	needs := map[string]bool{}
	r := &resolver{o.stack, func(id, attribute string) (string, bool) {
		needs[id] = true
		value, ok := o.values[id][attribute]
		return value, ok
	}}
	if _, err := r.node(res.properties); err != nil {
		return err
	}
	for _, needed := range slices.Sorted(maps.Keys(needs)) {
		if err := o.visit(needed); err != nil {
			return err
		}
	}
	o.path = o.path[:len(o.path)-1]
	o.done[id] = true
	o.stores = append(o.stores, Store{id, res.typ})
	return nil
}
