package contract_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/contract"
	"fulcrum/local/rig"
	"fulcrum/local/template"
)

func TestTheDocumentIsOpenAPI(t *testing.T) {
	doc, err := contract.Read(rig.Root(""))
	if err != nil {
		t.Fatal(err)
	}
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("it is OpenAPI %s", doc.OpenAPI)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.OperationID == "" || op.Summary == "" {
				t.Errorf("%s %s has no operationId or no summary", method, path)
			}
		}
	}
}

// The template's routes below /v1 are the document's, in both directions.
func TestTheTemplateHasTheDocumentsRoutesAndTheReverse(t *testing.T) {
	doc, err := contract.Read(rig.Root(""))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	routed := routes(t)
	for _, route := range documented {
		if !slices.Contains(routed, route) {
			t.Errorf("%s is in the document and not in the template", route)
		}
	}
	for _, route := range routed {
		if !slices.Contains(documented, route) {
			t.Errorf("%s is in the template and not in the document", route)
		}
	}
}

// routes are the template's routes below /v1, each of which needs an API key.
func routes(t *testing.T) []string {
	t.Helper()
	read, err := template.Read(rig.Root("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.NewStack(read, template.Settings{StackName: rig.StackName})
	if err != nil {
		t.Fatal(err)
	}
	wiring, err := stack.Wiring(stack.Values())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range wiring.API.Routes {
		if !strings.HasPrefix(r.Path, "/v1/") {
			continue
		}
		if r.Authorizer != "Partner" {
			t.Errorf("%s needs no API key", r.Key())
		}
		all = append(all, r.Key())
	}
	return all
}

func TestWhatIsNoDocumentIsAnError(t *testing.T) {
	for name, text := range map[string]string{
		"not YAML":             "paths: [",
		"a list":               "- 1",
		"nothing":              "",
		"no OpenAPI":           "paths: {}",
		"a reference to none":  "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: { /v1/a: { $ref: '#/components/pathItems/none' } }",
		"an unknown parameter": "openapi: 3.1.0\ninfo: { title: T, version: '1' }\npaths: { '/v1/{a}': { get: { responses: { '200': { description: A. } } } } }",
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, contract.File), text)
			if _, err := contract.Read(root); err == nil {
				t.Error("it is taken")
			}
		})
	}
	if _, err := contract.Read(t.TempDir()); err == nil {
		t.Error("no file at all is taken")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
