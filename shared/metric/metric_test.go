package metric_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"fulcrum/shared/metric"
)

func TestAMetricIsWrittenAsCloudWatchReadsIt(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	metric.Count(context.Background(), "LedgerGap", 3)
	var line struct {
		LedgerGap int
		AWS       struct {
			Timestamp         int64
			CloudWatchMetrics []struct {
				Namespace  string
				Dimensions [][]string
				Metrics    []struct{ Name, Unit string }
			}
		} `json:"_aws"`
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if m := line.AWS.CloudWatchMetrics; line.LedgerGap != 3 || line.AWS.Timestamp == 0 || len(m) != 1 || m[0].Namespace != "Fulcrum" || fmt.Sprint(m[0].Dimensions) != "[[FunctionName]]" || m[0].Metrics[0].Name != "LedgerGap" {
		t.Errorf("line %s", out.String())
	}
}
