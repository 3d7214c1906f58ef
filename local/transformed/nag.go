package transformed

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Finding is something that cdk-nag finds.
type Finding struct {
	// Rule is as cdk-nag writes it: AwsSolutions-IAM5[Resource::*], where what is
	// in brackets tells the finding from others of the rule.
	Rule string `json:"rule"`
	// At is the logical id of the resource.
	At   string `json:"at"`
	Says string `json:"says"`
}

// Acknowledgement says that something is meant to be as cdk-nag finds it.
type Acknowledgement struct {
	// Rule is a rule, with what is in brackets or for all of it.
	Rule string `yaml:"rule"`
	// At are logical ids, in which * stands for any letters.
	At     []string `yaml:"at"`
	Reason string   `yaml:"reason"`
}

// modules is where Install puts cdk-nag, below the root.
const modules = ".local/nag"

// packages are cdk-nag and what it needs, in the versions that acknowledged.yaml is
// about.
func packages() []string {
	return []string{"aws-cdk-lib@2.276.0", "cdk-nag@3.0.2", "constructs@10.8.1"}
}

// Install brings cdk-nag from the npm registry, some 190 MB below .local, unless it is
// there.
func Install(ctx context.Context, root string) error {
	if _, err := os.Stat(filepath.Join(root, modules, "node_modules", "cdk-nag")); err == nil {
		return nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return missing("npm", "it brings cdk-nag")
	}
	if err := os.MkdirAll(filepath.Join(root, modules), 0o755); err != nil {
		return err
	}
	arguments := append([]string{"install", "--silent", "--no-audit", "--no-fund", "--no-package-lock", "--prefix", "."}, packages()...)
	cmd := exec.CommandContext(ctx, npm, arguments...)
	cmd.Dir = filepath.Join(root, modules)
	_, err = run(cmd)
	return err
}

// Nag is what cdk-nag's packs AwsSolutions and Serverless find in a template that is
// transformed, in a file.
func Nag(ctx context.Context, root, template string) ([]Finding, error) {
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, missing("node", "cdk-nag is written for it")
	}
	if _, err := os.Stat(filepath.Join(root, modules, "node_modules", "cdk-nag")); err != nil {
		return nil, missing("cdk-nag", "make nag brings it")
	}
	text, err := run(exec.CommandContext(ctx, node, filepath.Join(root, folder, "nag.mjs"), template, filepath.Join(root, modules)))
	if err != nil {
		return nil, err
	}
	var found []Finding
	return found, json.Unmarshal(text, &found)
}

// Acknowledged reads acknowledged.yaml.
func Acknowledged(root string) ([]Acknowledgement, error) {
	text, err := os.ReadFile(filepath.Join(root, folder, "acknowledged.yaml"))
	if err != nil {
		return nil, err
	}
	var all []Acknowledgement
	return all, yaml.Unmarshal(text, &all)
}

// Open are the findings that nobody has acknowledged, and the acknowledgements of what
// is not found any more, a line each.
func Open(found []Finding, acknowledged []Acknowledgement) []string {
	var open []string
	used := map[string]bool{}
	for _, f := range found {
		name, ok := covers(acknowledged, f)
		if used[name] = true; !ok {
			open = append(open, fmt.Sprintf("%s: %s: %s", f.Rule, f.At, f.Says))
		}
	}
	for _, a := range acknowledged {
		for _, at := range a.At {
			if !used[a.Rule+" "+at] {
				open = append(open, fmt.Sprintf("%s: %s: acknowledged, and not found", a.Rule, at))
			}
		}
	}
	return open
}

// covers names the acknowledgement of a finding.
func covers(acknowledged []Acknowledgement, f Finding) (name string, ok bool) {
	for _, a := range acknowledged {
		rule, _, _ := strings.Cut(f.Rule, "[")
		if a.Rule != f.Rule && a.Rule != rule {
			continue
		}
		i := slices.IndexFunc(a.At, func(pattern string) bool {
			fits, err := path.Match(pattern, f.At)
			return err == nil && fits
		})
		if i >= 0 {
			return a.Rule + " " + a.At[i], true
		}
	}
	return "", false
}
