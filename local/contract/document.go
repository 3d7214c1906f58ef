// Package contract holds the bundle to openapi.yaml: in tests every answer that
// passes the gateway, and every document that reaches the partner's endpoint, is
// checked against it, so that any test anywhere that breaks the contract fails.
//
// The document is OpenAPI 3.1. The checking is kin-openapi's, which takes 3.1's
// schemas as JSON Schema 2020-12 (const, type lists, if/then, unevaluated…,
// examples) and has its webhooks. Formats other than date-time are not checked.
package contract

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// File is the document's name at the root of the project.
const File = "openapi.yaml"

// Part is the name of a part of the document in the folder of a function or a
// partner. A part has paths, webhooks and components; it is taken for a member of
// the whole, and wins where both have the same member.
const Part = "openapi.part.yaml"

// Read reads the document below root, its parts included, and checks that it is
// OpenAPI.
func Read(root string) (*openapi3.T, error) {
	text, err := Whole(root)
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	if err := doc.Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	return doc, nil
}

// Parts are the paths of the document's parts below root.
func Parts(root string) ([]string, error) {
	parts, err := filepath.Glob(filepath.Join(root, "functions", "*", "*", Part))
	if err != nil {
		return nil, err
	}
	partners, err := filepath.Glob(filepath.Join(root, "functions", "*", Part))
	return append(partners, parts...), err
}

// Whole is the text of the document with its parts in it.
func Whole(root string) ([]byte, error) {
	whole, err := parse(filepath.Join(root, File))
	if err != nil {
		return nil, err
	}
	parts, err := Parts(root)
	if err != nil {
		return nil, err
	}
	for _, path := range parts {
		part, err := parse(path)
		if err != nil {
			return nil, err
		}
		merge(whole, part)
	}
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	if err := e.Encode(whole); err != nil {
		return nil, fmt.Errorf("%s: %w", File, err)
	}
	return out.Bytes(), e.Close()
}

// parse reads a YAML file whose root is a mapping.
func parse(path string) (*yaml.Node, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: not a mapping", path)
	}
	return doc.Content[0], nil
}

// groups are the members that are merged member by member, and not as a whole.
func groups() []string {
	return []string{"paths", "webhooks", "components", "schemas", "responses", "parameters", "requestBodies", "headers", "examples"}
}

// merge adds part's members to whole's.
func merge(whole, part *yaml.Node) {
	for i := 0; i+1 < len(part.Content); i += 2 {
		name, value := part.Content[i], part.Content[i+1]
		there := member(whole, name.Value)
		switch {
		case there == nil:
			whole.Content = append(whole.Content, name, value)
		case there.Kind == yaml.MappingNode && value.Kind == yaml.MappingNode && slices.Contains(groups(), name.Value):
			merge(there, value)
		default:
			*there = *value
		}
	}
}

func member(of *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(of.Content); i += 2 {
		if of.Content[i].Value == name {
			return of.Content[i+1]
		}
	}
	return nil
}
