package contract_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/contract"
	"fulcrum/local/rig"
	"fulcrum/local/template"
)

var merge = flag.Bool("merge", false, "write the parts into openapi.yaml and delete them")

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

func TestPartsAreMembersOfTheWhole(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, contract.File), `
openapi: 3.1.0
info: { title: Whole, version: "1" }
paths:
  /v1/a: { get: { responses: { "200": { description: A. } } } }
  /v1/b: { get: { responses: { "200": { description: Old. } } } }
components: { schemas: { A: { type: string } } }
`)
	write(t, filepath.Join(root, "functions", "partners", "acme", contract.Part), `
paths:
  /v1/b: { get: { responses: { "200": { description: New. } } } }
  /v1/c: { get: { responses: { "200": { description: C., content: { application/json: { schema: { $ref: "#/components/schemas/C" } } } } } } }
components: { schemas: { C: { $ref: "#/components/schemas/A" } } }
webhooks:
  c.done: { post: { responses: { "200": { description: C. } } } }
`)
	doc, err := contract.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Paths.Value("/v1/b").Get.Responses.Value("200").Value.Description; *got != "New." {
		t.Errorf("the part does not win: %s", *got)
	}
	if doc.Paths.Len() != 3 || len(doc.Components.Schemas) != 2 || doc.Webhooks["c.done"] == nil {
		t.Errorf("%d paths, %d schemas, webhooks %v", doc.Paths.Len(), len(doc.Components.Schemas), doc.Webhooks)
	}
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

// go test ./local/contract -run Merge -merge
func TestMergeTheParts(t *testing.T) {
	if !*merge {
		t.Skip("asked for by -merge")
	}
	text, err := contract.Whole(rig.Root(""))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := contract.Parts(rig.Root(""))
	if err != nil {
		t.Fatal(err)
	}
	write(t, rig.Root(contract.File), string(text))
	for _, part := range parts {
		if err := os.Remove(part); err != nil {
			t.Fatal(err)
		}
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
