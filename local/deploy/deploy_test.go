package deploy_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fulcrum/functions/partners"
	"fulcrum/local/deploy"
	"fulcrum/local/rig"
	"fulcrum/local/template"
)

// environments are the ways in which the bundle is deployed.
func environments(t testing.TB) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{
		"dev":     {"Environment": "dev"},
		"staging": {"Environment": "staging"},
		"prod":    {"Environment": "prod"},
		"prod with all that is the operator's own": {
			"Environment": "prod", "DomainName": "integrations.example.com", "CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/1",
			"KeyArn": "arn:aws:kms:us-east-1:000000000000:key/1", "PermissionsBoundary": "arn:aws:iam::000000000000:policy/boundary",
			"CodeSigningConfig": "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-1", "AlarmMail": "oncall@example.com", "MailFrom": "a@example.com",
		},
		"a small account": {"Environment": "dev", "Reservations": "no"},
	}
	for _, some := range choices(t) {
		all["prod for "+some] = map[string]string{"Environment": "prod", "Partners": some}
	}
	return all
}

// choices are all ways to choose some of the partners.
func choices(t testing.TB) []string {
	t.Helper()
	definitions, err := partners.All()
	if err != nil {
		t.Fatal(err)
	}
	var names, all []string
	for _, d := range definitions {
		names = append(names, d.Name)
	}
	for bits := 1; bits < 1<<len(names); bits++ {
		var some []string
		for i, name := range names {
			if bits&(1<<i) != 0 {
				some = append(some, name)
			}
		}
		all = append(all, strings.Join(some, ","))
	}
	return all
}

func read(t testing.TB, path string, parameters map[string]string) *deploy.Bundle {
	t.Helper()
	b, err := deploy.Read(path, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheTemplateHasNoFindings(t *testing.T) {
	for name, parameters := range environments(t) {
		t.Run(name, func(t *testing.T) {
			found, err := read(t, rig.Root("template.yaml"), parameters).Findings()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				t.Error(f)
			}
		})
	}
}

// What a stack for one partner has is what this partner's definition asks for.
func TestWhatOnlyOtherPartnersNeedIsNotMade(t *testing.T) {
	definitions, err := partners.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range definitions {
		t.Run(d.Name, func(t *testing.T) {
			b := read(t, rig.Root("template.yaml"), map[string]string{"Partners": d.Name})
			var want, got []string
			for _, e := range d.Webhooks.Events {
				name := string(e.Event)
				want = append(want, "Webhook"+strings.ToUpper(name[:1])+name[1:])
			}
			stanza := "Partner" + studly(d.Name)
			for _, r := range b.Resources {
				if r.Type == template.FunctionType && strings.HasPrefix(r.ID, "Webhook") {
					got = append(got, r.ID)
				}
				if strings.HasPrefix(r.ID, "Partner") && !strings.HasPrefix(r.ID, stanza) && r.ID != "PartnersPolicy" {
					t.Errorf("%s is made", r.ID)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("webhooks %v, want %v", got, want)
			}
			if len(b.Wiring.Queues) != 2 {
				t.Errorf("queues %v, want the partner's and the deliveries'", b.Wiring.Queues)
			}
		})
	}
}

func studly(name string) string {
	var out strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		out.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return out.String()
}

func TestEveryPartnerCanBeChosen(t *testing.T) {
	definitions, err := partners.All()
	if err != nil {
		t.Fatal(err)
	}
	read, err := template.Read(rig.Root("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	parameter, _ := read.Section("Parameters")["Partners"].(map[string]any)
	all := strings.Split(fmt.Sprint(parameter["Default"]), ",")
	var want []string
	for _, d := range definitions {
		want = append(want, d.Name)
	}
	slices.Sort(all)
	if !slices.Equal(all, want) {
		t.Errorf("deployed by default are %v, want %v", all, want)
	}
	for _, wrong := range []string{"", "nobody", "joinedly,", "joinedly, brainner", "joinedly brainner"} {
		_, err := deploy.Read(rig.Root("template.yaml"), map[string]string{"Partners": wrong})
		var refused *template.Error
		if !errors.As(err, &refused) {
			t.Errorf("%q is taken: %v", wrong, err)
		}
	}
}

// Misspelt keys of samconfig.toml are nothing to the SAM CLI: they only have no
// effect.
func TestSamconfigHasOnlyWhatSAMKnows(t *testing.T) {
	text, err := os.ReadFile(rig.Root("samconfig.toml"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{
		"global":   {"stack_name"},
		"build":    {"parallel", "build_in_source"},
		"validate": {"lint"},
		"deploy":   {"capabilities", "confirm_changeset", "resolve_s3", "disable_rollback", "parameter_overrides", "tags", "fail_on_empty_changeset"},
	}
	sections := map[string][]string{}
	var section string
	for _, line := range strings.Split(string(text), "\n") {
		if found := regexp.MustCompile(`^\[(\w+)\.(\w+)\.parameters\]$`).FindStringSubmatch(line); found != nil {
			section = found[2]
			sections[found[1]] = append(sections[found[1]], section)
			if known[section] == nil {
				t.Errorf("%s: SAM has no such command here", line)
			}
			continue
		}
		key, _, isKey := strings.Cut(line, " = ")
		if isKey && !strings.HasPrefix(line, "#") && key != "version" && !slices.Contains(known[section], key) {
			t.Errorf("%q is no key of %s", key, section)
		}
	}
	for _, environment := range []string{"default", "staging", "prod"} {
		for _, needed := range []string{"global", "build", "deploy"} {
			if !slices.Contains(sections[environment], needed) {
				t.Errorf("%s says nothing of %s; environments inherit nothing", environment, needed)
			}
		}
	}
}

// The repository's files that AWS asks for exist, and the licence is the one named.
func TestTheApplicationCanBePublished(t *testing.T) {
	read, err := template.Read(rig.Root("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	app, _ := read.Section("Metadata")["AWS::ServerlessRepo::Application"].(map[string]any)
	for key, want := range map[string]string{
		"Name": `^[a-zA-Z0-9-]{1,140}$`, "Description": `^.{1,256}$`, "Author": `^[a-z0-9](-?[a-z0-9]){0,126}$`,
		"SpdxLicenseId": `^Apache-2\.0$`, "SemanticVersion": `^\d+\.\d+\.\d+$`,
	} {
		if !regexp.MustCompile(want).MatchString(fmt.Sprint(app[key])) {
			t.Errorf("%s is %v", key, app[key])
		}
	}
	for _, key := range []string{"LicenseUrl", "ReadmeUrl"} {
		if _, err := os.Stat(rig.Root(fmt.Sprint(app[key]))); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	license, err := os.ReadFile(filepath.Join(rig.Root(""), "LICENSE"))
	if err != nil || !strings.Contains(string(license), "Apache License") {
		t.Errorf("the licence is another one (%v)", err)
	}
}

// Every entry of the runbook is an alarm's.
func TestTheRunbookHasNoEntryThatNoAlarmNames(t *testing.T) {
	b := read(t, rig.Root("template.yaml"), map[string]string{"Environment": "prod"})
	named := map[string]bool{}
	for _, r := range b.Resources {
		var a struct {
			Description string `yaml:"AlarmDescription"`
		}
		if r.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		if err := r.Decode(&a); err != nil {
			t.Fatal(err)
		}
		_, anchor, _ := strings.Cut(a.Description, "#")
		named[anchor] = true
	}
	for _, entry := range b.Runbook() {
		if !named[entry] {
			t.Errorf("no alarm leads to the entry %s; there are %v", entry, slices.Sorted(maps.Keys(named)))
		}
	}
}

// sources is the text of all code that is deployed, without its tests.
func sources(t *testing.T) string {
	t.Helper()
	var code strings.Builder
	for _, folder := range []string{"functions", "shared"} {
		err := filepath.WalkDir(rig.Root(folder), func(path string, _ os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			source, err := os.ReadFile(path)
			code.Write(source)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return code.String()
}

// Every message that the runbook looks for is one that a function logs.
func TestTheRunbookLooksForWhatIsLogged(t *testing.T) {
	text, err := os.ReadFile(rig.Root("docs/runbook.md"))
	if err != nil {
		t.Fatal(err)
	}
	looked := regexp.MustCompile(`message = "([^"]+)"`).FindAllStringSubmatch(string(text), -1)
	if len(looked) < 5 {
		t.Fatalf("the runbook looks for %q only", looked)
	}
	code := sources(t)
	for _, message := range looked {
		if !strings.Contains(code, `"`+message[1]+`"`) {
			t.Errorf("nothing logs %q", message[1])
		}
	}
}

// Every count of what is wrong has an alarm, and every figure a place where somebody
// looks; no alarm looks at what nobody counts.
func TestWhatIsCountedIsWatched(t *testing.T) {
	b, code := read(t, rig.Root("template.yaml"), nil), sources(t)
	watched, dashboard := map[string]bool{}, ""
	for _, r := range b.Resources {
		var p struct {
			Namespace string `yaml:"Namespace"`
			Metric    string `yaml:"MetricName"`
			Dashboard string `yaml:"DashboardBody"`
		}
		if err := r.Decode(&p); err != nil || r.Type != "AWS::CloudWatch::Alarm" && r.Type != "AWS::CloudWatch::Dashboard" {
			continue
		}
		if dashboard += p.Dashboard; p.Namespace == "Fulcrum" {
			watched[p.Metric] = true
		}
	}
	for _, figure := range regexp.MustCompile(`metric\.(Count|Age)\(ctx, "(\w+)"`).FindAllStringSubmatch(code, -1) {
		kind, name := figure[1], figure[2]
		if !watched[name] && (kind == "Count" || !strings.Contains(dashboard, `"`+name+`"`)) {
			t.Errorf("nobody looks at %s", name)
		}
		delete(watched, name)
	}
	if len(watched) > 0 {
		t.Errorf("nobody counts %v", slices.Sorted(maps.Keys(watched)))
	}
}
