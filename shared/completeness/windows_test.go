package completeness_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"fulcrum/shared/lever"
)

// run runs the clock's task once, in so much time.
func (o office) run(long time.Duration) {
	o.t.Helper()
	ctx, stop := context.WithTimeout(o.t.Context(), long)
	defer stop()
	_, err := o.Invoke(ctx, "HubReconcile", []byte(`{"task":"windows"}`))
	o.must(err)
}

// due counts the windows that are due.
func (o office) due() int {
	o.t.Helper()
	due, err := o.Table.DueWindows(o.t.Context(), lever.At(time.Now()), 10_000)
	o.must(err)
	return len(due)
}

// However many connections there are, one run looks at all that are due, as long as
// it has time.
func TestARunLooksAtAllWindowsThatAreDue(t *testing.T) {
	in(t, func(o office) {
		const gone = 2500 // more than one list has
		for n := range gone {
			o.must(o.Table.StartWindows(o.t.Context(), fmt.Sprintf("con_gone%d", n)))
		}
		o.Stop()
		time.Sleep(20 * time.Minute)
		before := o.due()
		if o.run(59 * time.Second); o.due() != before || before < gone {
			t.Errorf("%d windows of %d are due after a run without time", o.due(), before)
		}
		if o.run(5 * time.Minute); o.due() != 0 {
			t.Errorf("%d windows are due after a run", o.due())
		}
	})
}
