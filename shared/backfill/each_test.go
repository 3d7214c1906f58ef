package backfill_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fulcrum/shared/backfill"
)

func TestThingsOfAPageAreWorkedOnSideBySide(t *testing.T) {
	broken := errors.New("it cannot be done")
	things := make([]int, 20)
	for i := range things {
		things[i] = i
	}
	tests := map[string]struct {
		fails int
		want  int
		took  time.Duration
	}{
		"all of them, eight at a time":        {-1, 10, 3 * time.Second},
		"until one of the first fails":        {3, 0, time.Second},
		"and an error of the last is no less": {19, 8, 3 * time.Second},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				n, err := backfill.Each(t.Context(), things, func(ctx context.Context, i int) (bool, error) {
					wait := time.NewTimer(time.Second)
					if i == tt.fails {
						wait.Reset(time.Second - time.Millisecond)
					}
					select {
					case <-ctx.Done():
						return false, ctx.Err()
					case <-wait.C:
					}
					if i == tt.fails {
						return false, broken
					}
					return i%2 == 0, nil
				})
				if took := time.Since(began).Round(time.Second); n != tt.want || took != tt.took || errors.Is(err, broken) != (tt.fails >= 0) {
					t.Errorf("got %d, %v after %v", n, err, took)
				}
			})
		})
	}
}
