package lambda

import (
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// announce writes the line START, once for an invocation.
func (p *Pool) announce(fn *function, inv *invocation) {
	if !inv.announced {
		inv.announced = true
		p.console.line(fn.Name, "START RequestId: "+inv.id+" Version: $LATEST")
	}
}

// initReport writes the line for an init that failed.
func (p *Pool) initReport(fn *function, took time.Duration, phase string, bad *fault) {
	out := bad.outcome("")
	p.console.line(fn.Name, fmt.Sprintf("INIT_REPORT Init Duration: %.2f ms\tPhase: %s\tStatus: %s\tError Type: %s", milliseconds(took), phase, out.status, bad.kind))
}

// report writes the lines END and REPORT, in the order of sam local. Init is
// billed, as it is for custom runtimes.
func (p *Pool) report(fn *function, inv *invocation, out outcome, memory int) {
	took := milliseconds(time.Since(inv.begin))
	line := "END RequestId: " + inv.id + "\nREPORT RequestId: " + inv.id
	if inv.init > 0 {
		line += fmt.Sprintf("\tInit Duration: %.2f ms", milliseconds(inv.init))
	}
	line += fmt.Sprintf("\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB\tMax Memory Used: %d MB",
		took, math.Ceil(took+milliseconds(inv.init)), fn.Memory, memory)
	if out.status != "" {
		line += "\tStatus: " + out.status
	}
	if out.status == "error" {
		line += "\tError Type: " + out.fault
	}
	p.console.line(fn.Name, line)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// variables are the environment of a function. The access key is its name, so
// that the embedded AWS knows who calls.
func (p *Pool) variables(fn *function, runtimeAPI string) []string {
	all := map[string]string{
		"_HANDLER":                        "bootstrap",
		"AWS_ACCESS_KEY_ID":               fn.Name,
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"AWS_REGION":                      p.options.Region,
		"AWS_DEFAULT_REGION":              p.options.Region,
		"AWS_LAMBDA_FUNCTION_NAME":        fn.Name,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(fn.Memory),
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + fn.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      "local",
		"AWS_LAMBDA_LOG_FORMAT":           fn.LogFormat,
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"LAMBDA_TASK_ROOT":                filepath.Dir(fn.Bootstrap),
		"LAMBDA_RUNTIME_DIR":              filepath.Dir(fn.Bootstrap),
		"LANG":                            "en_US.UTF-8",
		"PATH":                            os.Getenv("PATH"),
		"TZ":                              ":UTC",
	}
	if fn.LogLevel != "" {
		all["AWS_LAMBDA_LOG_LEVEL"] = fn.LogLevel
	}
	maps.Copy(all, p.options.Variables)
	maps.Copy(all, fn.Variables)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] != "" || !strings.HasPrefix(name, "AWS_") {
			out = append(out, name+"="+all[name])
		}
	}
	return out
}
