package elsewhere_test

import (
	"os"
	"strings"
)

// differences are what an implementation does otherwise than AWS, as far as the
// bundle notices, by its name in ELSEWHERE and what was tried: a part of what the
// bundle says then. What it does otherwise beside that is in expectedFailures of
// local/aws/conformance.
var differences = map[string]map[string]string{
	"moto": {
		"redrive": "StartMessageMoveTask", // moto 5.2.1 does not have it
	},
}

// unlessOtherwise fails if something failed that is not known to, and if something
// works by now that is known not to.
func (b bundle) unlessOtherwise(what, failed string) {
	b.Helper()
	for name := range strings.SplitSeq(os.Getenv("ELSEWHERE"), ",") {
		known, ok := differences[name][what]
		switch {
		case !ok:
		case strings.Contains(failed, known):
			b.Skipf("%s does otherwise than AWS, as is known: %s", name, known)
		default:
			b.Fatalf("%s: %q, and not %q as differences says", name, failed, known)
		}
	}
	if failed != "" {
		b.Errorf("%s: %s", what, failed)
	}
}
