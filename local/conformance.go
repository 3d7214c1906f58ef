package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// conformance runs the checks of local/aws/conformance against the embedded AWS
// and against what else is installed, and says what is not.
func conformance(ctx context.Context, root string, _ []string) error {
	var endpoints []string
	started, stop := foreigners(ctx, root)
	defer stop()
	for _, f := range started {
		endpoints = append(endpoints, f.name+"="+f.url)
	}
	test := exec.CommandContext(ctx, "go", "test", "-count=1", "-v", "./local/aws/conformance")
	test.Dir = root
	test.Env = append(os.Environ(), "CONFORMANCE="+strings.Join(endpoints, ","))
	out, err := test.CombinedOutput()
	return errors.Join(summarize(string(out)), err)
}

// summarize prints what each implementation passed.
func summarize(out string) error {
	passed, skipped := map[string]int{}, map[string]int{}
	var failures []string
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		verdict, name, ok := strings.Cut(strings.TrimSpace(line), ": Test")
		if !ok || !strings.Contains(name, "/") {
			continue
		}
		endpoint, _, _ := strings.Cut(name[strings.Index(name, "/")+1:], " ")
		switch verdict {
		case "--- PASS":
			passed[endpoint]++
		case "--- SKIP":
			skipped[endpoint]++
		case "--- FAIL":
			failures = append(failures, "Test"+name)
		}
	}
	for _, endpoint := range []string{"embedded", "dynamodb-local", "moto"} {
		if passed[endpoint]+skipped[endpoint] > 0 {
			fmt.Printf("  %-16s %3d checks passed, %d differ as listed\n", endpoint, passed[endpoint], skipped[endpoint])
		}
	}
	if len(failures) > 0 {
		fmt.Println(out)
		return fmt.Errorf("failed: %s", strings.Join(failures, ", "))
	}
	return nil
}
