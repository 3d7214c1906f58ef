package transformed_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/rig"
	"fulcrum/local/transformed"
)

// lacks are the types that moto 5.2.1's CloudFormation does not make. It says nothing
// when it leaves one out.
var lacks = []string{
	"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::ApiMapping", "AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::Stage",
	"AWS::CloudWatch::Alarm",
	"AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup",
	"AWS::Lambda::Alias", "AWS::Lambda::EventInvokeConfig",
	"AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition",
	"AWS::SNS::Subscription", "AWS::SNS::TopicPolicy",
	"AWS::SQS::QueuePolicy",
	"AWS::Scheduler::Schedule",
	"AWS::SecretsManager::Secret",
}

// stack is what is looked at of a transformed template.
type stack struct {
	Resources map[string]resource
}

type resource struct {
	Type       string
	Properties map[string]any
}

// changed is the template with what moto cannot take as it is:
//   - it wants other names in the tags of a key than CloudFormation has, fails inside,
//     and then says that nothing is known of the key;
//   - it has no aliases, so that what is for an alias of a function is for the function;
//   - it fails inside over an output of an attribute of what it does not make.
func changed(t *testing.T, text []byte) (whole map[string]any, resources map[string]resource) {
	t.Helper()
	must(t, json.Unmarshal(text, &whole))
	var s stack
	must(t, json.Unmarshal(text, &s))
	functions := map[string]any{}
	for id, r := range s.Resources {
		if r.Type == "AWS::Lambda::Alias" {
			functions[id] = r.Properties["FunctionName"]
		}
	}
	delete(whole, "Outputs")
	all, _ := whole["Resources"].(map[string]any)
	for id, r := range s.Resources {
		if r.Type == "AWS::KMS::Key" {
			delete(r.Properties, "Tags")
		}
		if r.Type != "AWS::Lambda::Alias" {
			all[id].(map[string]any)["Properties"] = withoutAliases(r.Properties, functions)
		}
	}
	return whole, s.Resources
}

// withoutAliases replaces each Ref of an alias by one of its function.
func withoutAliases(node any, functions map[string]any) any {
	switch node := node.(type) {
	case map[string]any:
		if name, ok := node["Ref"].(string); ok && functions[name] != nil {
			return functions[name]
		}
		out := map[string]any{}
		for key, value := range node {
			out[key] = withoutAliases(value, functions)
		}
		return out
	case []any:
		out := make([]any, len(node))
		for i, value := range node {
			out[i] = withoutAliases(value, functions)
		}
		return out
	}
	return node
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The transformed template deploys into moto as far as moto goes, with a key of its
// own and with one that is given.
func TestTheTemplateDeploysIntoMoto(t *testing.T) {
	if !strings.Contains(os.Getenv("ELSEWHERE"), "moto") {
		t.Skip("no moto runs; make elsewhere starts it where it is installed")
	}
	text, err := transformed.Of(t.Context(), rig.Root(""))
	if errors.Is(err, transformed.ErrMissing) {
		t.Skip(err)
	}
	must(t, err)
	whole, resources := changed(t, text)
	m := moto{t, os.Getenv("AWS_ENDPOINT_URL")}
	m.uploadCode(resources)
	parameters := map[string]string{
		"Environment": "prod", "DomainName": "integrations.example.com", "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/1", "AlarmMail": "oncall@example.com",
	}
	m.deploy("own-key", whole, parameters, resources, lacks)
	parameters["KeyArn"] = "arn:aws:kms:us-east-1:123456789012:key/1"
	m.deploy("given-key", whole, parameters, resources, append([]string{"AWS::KMS::Key"}, lacks...))
}

// moto is a moto server.
type moto struct {
	*testing.T
	url string
}

// call makes a request of a service. moto asks for no signature, only for what it
// names.
func (m moto) call(service, method, path, content string, body io.Reader) []byte {
	m.Helper()
	req, err := http.NewRequestWithContext(m.Context(), method, m.url+path, body)
	must(m.T, err)
	req.Header.Set("Content-Type", content)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(req)
	must(m.T, err)
	defer res.Body.Close()
	said, err := io.ReadAll(res.Body)
	must(m.T, err)
	if res.StatusCode != http.StatusOK {
		m.Fatalf("%s %s is answered %d: %s", service, path, res.StatusCode, said)
	}
	return said
}

// uploadCode puts something into the bucket for each function.
func (m moto) uploadCode(resources map[string]resource) {
	m.Helper()
	var code bytes.Buffer
	z := zip.NewWriter(&code)
	_, err := z.Create("bootstrap")
	must(m.T, errors.Join(err, z.Close()))
	m.call("s3", http.MethodPut, "/code", "", nil)
	for id, r := range resources {
		if r.Type == "AWS::Lambda::Function" {
			m.call("s3", http.MethodPut, "/code/"+id+".zip", "application/zip", bytes.NewReader(code.Bytes()))
		}
	}
}

// ask calls an action of CloudFormation and reads its answer.
func (m moto) ask(action string, form url.Values, answer any) {
	m.Helper()
	form.Set("Action", action)
	form.Set("Version", "2010-05-15")
	said := m.call("cloudformation", http.MethodPost, "/", "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if answer != nil {
		must(m.T, xml.Unmarshal(said, answer))
	}
}

// deploy makes a stack, and fails unless all types of resources are made but those
// that moto lacks.
func (m moto) deploy(name string, whole map[string]any, parameters map[string]string, resources map[string]resource, lacks []string) {
	m.Helper()
	text, err := json.Marshal(whole)
	must(m.T, err)
	form := url.Values{"StackName": {name}, "TemplateBody": {string(text)}, "Capabilities.member.1": {"CAPABILITY_IAM"}}
	for i, key := range slices.Sorted(maps.Keys(parameters)) {
		form.Set(fmt.Sprintf("Parameters.member.%d.ParameterKey", i+1), key)
		form.Set(fmt.Sprintf("Parameters.member.%d.ParameterValue", i+1), parameters[key])
	}
	m.ask("CreateStack", form, nil)
	made := m.made(name)
	missing := map[string]int{}
	for id, r := range resources {
		if !made[id] {
			missing[r.Type]++
		}
	}
	m.Logf("%s: %d of %d resources are made; not made are %v", name, len(made), len(resources), missing)
	want := slices.Sorted(slices.Values(lacks))
	if got := slices.Sorted(maps.Keys(missing)); !slices.Equal(got, want) {
		m.Errorf("%s: moto does not make %v; it is known for %v", name, got, want)
	}
}

// made are the logical ids of a stack's resources.
func (m moto) made(name string) map[string]bool {
	m.Helper()
	all := map[string]bool{}
	for next := ""; ; {
		var page struct {
			Result struct {
				IDs  []string `xml:"StackResourceSummaries>member>LogicalResourceId"`
				Next string   `xml:"NextToken"`
			} `xml:"ListStackResourcesResult"`
		}
		form := url.Values{"StackName": {name}}
		if next != "" {
			form.Set("NextToken", next)
		}
		m.ask("ListStackResources", form, &page)
		for _, id := range page.Result.IDs {
			all[id] = true
		}
		if next = page.Result.Next; next == "" {
			return all
		}
	}
}
