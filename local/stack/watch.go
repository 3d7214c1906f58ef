package stack

import (
	"context"
	"path/filepath"
	"time"

	"fulcrum/local/build"
)

// Change is what a change of the sources led to.
type Change struct {
	// Template tells that template.yaml changed, which the running stack does not
	// follow.
	Template bool
	// Replaced are the functions that now run a new binary.
	Replaced []string
	Took     time.Duration
	// Err is what the compiler says; the functions run on as they were.
	Err error
}

// Watch rebuilds what a change of the sources concerns, until ctx ends.
func (s *Stack) Watch(ctx context.Context, tell func(Change)) error {
	return s.builder.Watch(ctx, filepath.Join(s.options.Root, "template.yaml"), func(c build.Change) {
		if c.Template {
			tell(Change{Template: true})
		}
		if len(c.Functions) == 0 {
			return
		}
		start := time.Now()
		replaced, err := s.builder.Build(ctx)
		for _, id := range replaced {
			s.pool.Replace(id)
		}
		tell(Change{Replaced: replaced, Took: time.Since(start), Err: err})
	})
}
