package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"fulcrum/local/bench"
)

// measure prints the benchmark table; with "check" it fails where a count or a
// ratio misses its goal.
func measure(ctx context.Context, root string, args []string) error {
	report, err := bench.Run(ctx, root, bench.File(root))
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	missed := report.Missed()
	if len(missed) > 0 && slices.Contains(args, "check") {
		return fmt.Errorf("%d counts or ratios miss their goals, the first: %s", len(missed), missed[0].Metric)
	}
	return nil
}
