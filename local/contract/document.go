// Package contract holds the bundle to openapi.yaml: in tests every answer that
// passes the gateway, and every document that reaches the partner's endpoint, is
// checked against it, so that any test anywhere that breaks the contract fails.
//
// The document is OpenAPI 3.1. The checking is kin-openapi's, which takes 3.1's
// schemas as JSON Schema 2020-12 (const, type lists, if/then, unevaluated…,
// examples) and has its webhooks. Of requests' and answers' formats only date-time is
// checked, of documents' all.
package contract

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/getkin/kin-openapi/openapi3"
)

// File is the document's name at the root of the project.
const File = "openapi.yaml"

// Read reads the document below root and checks that it is OpenAPI.
func Read(root string) (*openapi3.T, error) {
	text, err := os.ReadFile(filepath.Join(root, File))
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
