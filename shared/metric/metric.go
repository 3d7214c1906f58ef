// Package metric counts for CloudWatch, by lines on stdout: nothing is called, so what
// tells of a failure cannot fail with it.
package metric

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Namespace is the bundle's namespace in CloudWatch.
const Namespace = "Fulcrum"

// Count writes a count as a log line in CloudWatch's embedded metric format, from
// which CloudWatch makes the metric (AWS: "Specification: Embedded metric format").
// Its dimension is the function, so that two stacks of an account are two metrics.
func Count(ctx context.Context, name string, value int) { write(ctx, name, value, "Count") }

// Age writes how old something is, in the same way and in seconds.
func Age(ctx context.Context, name string, age time.Duration) {
	write(ctx, name, int(age/time.Second), "Seconds")
}

func write(ctx context.Context, name string, value int, unit string) {
	slog.InfoContext(ctx, "metric", name, value, "FunctionName", lambdacontext.FunctionName, slog.Group("_aws",
		"Timestamp", time.Now().UnixMilli(),
		"CloudWatchMetrics", []map[string]any{{
			"Namespace": Namespace, "Dimensions": [][]string{{"FunctionName"}}, "Metrics": []map[string]string{{"Name": name, "Unit": unit}},
		}},
	))
}
