package reconcile

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// Namespace is the bundle's namespace in CloudWatch.
const Namespace = "Fulcrum"

// Metric writes a count as a log line in CloudWatch's embedded metric format, from
// which CloudWatch makes the metric (AWS: "Specification: Embedded metric format").
// Its dimension is the function, so that two stacks of an account are two metrics.
func Metric(ctx context.Context, name string, value int) {
	slog.InfoContext(ctx, "metric", name, value, "FunctionName", lambdacontext.FunctionName, slog.Group("_aws",
		"Timestamp", time.Now().UnixMilli(),
		"CloudWatchMetrics", []map[string]any{{
			"Namespace": Namespace, "Dimensions": [][]string{{"FunctionName"}}, "Metrics": []map[string]string{{"Name": name, "Unit": "Count"}},
		}},
	))
}
