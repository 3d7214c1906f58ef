// Package iam holds what functions do against what their roles let them do: the
// calls that the embedded AWS has seen, as IAM would name them, and the roles of
// template.yaml. It knows as much of IAM as the template uses: statements that
// allow, with actions written out and resources that may hold stars. Of conditions it
// knows kms:ViaService: the use of a key through one service is another action
// ("kms:Decrypt@dynamodb") than through the next.
package iam

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fulcrum/local/aws"
	"fulcrum/local/template"
)

// Permission is one action on one resource. In a Grant the resource may hold
// stars; in a call it is an ARN.
type Permission struct {
	Action   string // "sqs:SendMessage"
	Resource string
}

// String is action and resource with a space between.
func (p Permission) String() string { return p.Action + " " + p.Resource }

// Roles are the grants of each function, by logical id.
type Roles map[string][]Permission

// suffix is what Secrets Manager writes behind the name of a secret in its ARN.
var suffix = regexp.MustCompile(`(:secret:.+)-[A-Za-z0-9]{6}$`)

// arn is an ARN without what is random in it.
func arn(text string) string { return suffix.ReplaceAllString(text, "$1") }

// Calls are the permissions that a call asks for. SQS API reference, "Actions":
// batches ask for the permission of the single action; "StartMessageMoveTask"
// lists its own. DynamoDB developer guide, "IAM and transactions".
func Calls(r aws.Record) []Permission {
	var all []Permission
	for resource := range strings.FieldsSeq(r.Resource) {
		for _, action := range actions(r) {
			all = append(all, Permission{r.Service + ":" + action, arn(resource)})
		}
	}
	return all
}

func actions(r aws.Record) []string {
	switch {
	case r.Parts != "":
		return strings.Fields(r.Parts)
	case r.Service == "sqs" && r.Action == "StartMessageMoveTask":
		return []string{r.Action, "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"}
	case r.Service == "sqs":
		return []string{strings.TrimSuffix(r.Action, "Batch")}
	case r.Action == "TransactGetItems":
		return []string{"GetItem"}
	}
	return []string{r.Action}
}

// names are one or more.
type names []string

// UnmarshalYAML reads a list, or one alone.
func (n *names) UnmarshalYAML(decode func(any) error) error {
	var list []string
	if decode(&list) == nil {
		*n = list
		return nil
	}
	var one string
	if err := decode(&one); err != nil {
		return err
	}
	*n = names{one}
	return nil
}

type document struct {
	Statement []struct {
		Effect   string `yaml:"Effect"`
		Action   names  `yaml:"Action"`
		Resource names  `yaml:"Resource"`
		// Condition is by operator and key.
		Condition map[string]map[string]any `yaml:"Condition"`
	} `yaml:"Statement"`
}

func (d document) grants() ([]Permission, error) {
	var all []Permission
	for _, s := range d.Statement {
		if s.Effect != "Allow" {
			return nil, fmt.Errorf("statements that %s are not understood here", s.Effect)
		}
		via := ""
		if service, ok := s.Condition["StringEquals"]["kms:ViaService"].(string); ok {
			name, _, _ := strings.Cut(service, ".")
			via = "@" + name
		}
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				all = append(all, Permission{action + via, arn(resource)})
			}
		}
	}
	return all, nil
}

type properties struct {
	Role     string   `yaml:"Role"`
	Managed  []string `yaml:"ManagedPolicyArns"`
	Policies []struct {
		Document document `yaml:"PolicyDocument"`
	} `yaml:"Policies"`
	Document document `yaml:"PolicyDocument"`
}

// New reads the roles of a template's functions from its evaluated resources.
// values are those that they were evaluated with.
func New(resources []template.Resource, values template.Values) (Roles, error) {
	policies := map[string][]Permission{} // by ARN
	byARN := map[string]properties{}      // the roles
	roles, functions := Roles{}, map[string]string{}
	for _, r := range resources {
		var p properties
		if !slices.Contains([]string{"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", template.FunctionType}, r.Type) {
			continue
		}
		if err := r.Decode(&p); err != nil {
			return nil, err
		}
		switch r.Type {
		case template.FunctionType:
			functions[r.ID] = p.Role
		case "AWS::IAM::ManagedPolicy":
			var err error
			if policies[values[r.ID][""]], err = p.Document.grants(); err != nil {
				return nil, fmt.Errorf("%s: %w", r.ID, err)
			}
		default:
			byARN[values[r.ID]["Arn"]] = p
		}
	}
	for id, role := range functions {
		p := byARN[role]
		for _, inline := range p.Policies {
			grants, err := inline.Document.grants()
			if err != nil {
				return nil, fmt.Errorf("role of %s: %w", id, err)
			}
			roles[id] = append(roles[id], grants...)
		}
		for _, managed := range p.Managed {
			roles[id] = append(roles[id], policies[managed]...)
		}
	}
	return roles, nil
}

// Allows reports whether a function's role has a grant for a call.
func (r Roles) Allows(function string, call Permission) bool {
	return slices.ContainsFunc(r[function], func(grant Permission) bool { return grant.Covers(call) })
}

// Covers reports whether a grant lets a call through.
func (p Permission) Covers(call Permission) bool {
	return p.Action == call.Action && matches(p.Resource, call.Resource)
}

// matches reports whether text is like pattern, in which a star stands for any text.
func matches(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	if !strings.HasPrefix(text, first) {
		return false
	}
	for text = text[len(first):]; ; text = text[1:] {
		if matches(rest, text) {
			return true
		}
		if text == "" {
			return false
		}
	}
}
