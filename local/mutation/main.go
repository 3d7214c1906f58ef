// Command mutation changes a package's code piece by piece, and counts which changes
// its tests see:
//
//	go run ./local/mutation [-files REGEXP] [-every N] [-by PACKAGE,…] [-short=false] PACKAGE
//
// A change is another comparison, another sign, another operator, a condition that is
// turned around, and, in the expressions that the table is asked with, a condition that
// always holds. Constants are left as they are: they are figures, and a test that
// repeats them says nothing.
//
// All changes of a package are compiled into one test binary at once, each behind a
// number; a run of it has one of them. So a change costs a run of the tests, and no
// compiling, and what none of the tests reaches costs nothing. With -by the tests of
// other packages are run as well.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
