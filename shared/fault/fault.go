// Package fault tells failures that another try may mend from those that none
// can. An error that says nothing deserves another try; the queue bounds how
// many. Whoever knows that no try can help marks the error with the reason under
// which its work is parked. Only the rooms that end work (worker and delivery)
// act on the mark.
package fault

import "errors"

// Reason names why work is parked, in lower case with underscores. People see
// it, group by it and search for it, so a reason keeps its name.
type Reason string

type permanent struct {
	reason Reason
	err    error
}

func (p *permanent) Error() string { return p.err.Error() }
func (p *permanent) Unwrap() error { return p.err }

// Permanent marks err as one that no further try can mend. Nil stays nil.
func Permanent(reason Reason, err error) error {
	if err == nil {
		return nil
	}
	return &permanent{reason: reason, err: err}
}

// Parks reports whether err, or an error it wraps, is marked permanent, and
// under which reason. The outermost mark counts.
func Parks(err error) (Reason, bool) {
	var p *permanent
	if !errors.As(err, &p) {
		return "", false
	}
	return p.reason, true
}
