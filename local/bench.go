package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"fulcrum/local/bench"
)

// measure prints the benchmark table; with "check" it fails where a count or a
// ratio misses its goal. With "node" or "python" it prints the webhook function beside
// the same work in that language.
func measure(ctx context.Context, root string, args []string) error {
	if len(args) > 0 && args[0] != "check" {
		return beside(ctx, root, args[0])
	}
	report, err := bench.Run(ctx, root, bench.File(root))
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	missed := report.Missed()
	if len(missed) > 0 && len(args) > 0 {
		return fmt.Errorf("%d counts or ratios miss their goals, the first: %s", len(missed), missed[0].Metric)
	}
	return nil
}

func beside(ctx context.Context, root, language string) error {
	report, err := bench.Beside(ctx, root, language)
	if errors.Is(err, bench.ErrMissing) {
		fmt.Println("skipped:", err)
		return nil
	}
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	return nil
}
