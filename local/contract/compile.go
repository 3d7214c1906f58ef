package contract

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// compile are the schemas of the webhooks' documents, by type. kin-openapi compiles a
// schema for every value, which for documents takes longer than anything else about
// them; these are compiled once. They lie beside the components that they refer to.
func compile(doc *openapi3.T) (map[string]*jsonschema.Schema, error) {
	types := map[string]*openapi3.SchemaRef{}
	for of, item := range doc.Webhooks {
		if schema := document(item); schema != nil {
			types[of] = schema
		}
	}
	text, err := json.Marshal(map[string]any{"components": doc.Components, "documents": types})
	if err != nil {
		return nil, err
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(File, whole); err != nil {
		return nil, err
	}
	all := map[string]*jsonschema.Schema{}
	for of := range types {
		if all[of], err = c.Compile(File + "#/documents/" + pointer(of)); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// document is the schema of a webhook's document, nil where it has none.
func document(item *openapi3.PathItem) *openapi3.SchemaRef {
	if item == nil || item.Post == nil || item.Post.RequestBody == nil || item.Post.RequestBody.Value == nil {
		return nil
	}
	media := item.Post.RequestBody.Value.Content["application/json"]
	if media == nil {
		return nil
	}
	return media.Schema
}

// pointer is a member's name in a JSON pointer.
func pointer(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }
