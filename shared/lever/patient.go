package lever

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// patient is a transport for answers that may take long. It gives one up when
// nothing of it arrives for attemptTime.
type patient struct{ next http.RoundTripper }

func (p patient) RoundTrip(req *http.Request) (*http.Response, error) {
	next := p.next
	if next == nil {
		next = http.DefaultTransport
	}
	ctx, stop := context.WithCancelCause(req.Context())
	timer := time.AfterFunc(attemptTime, func() { stop(os.ErrDeadlineExceeded) })
	res, err := next.RoundTrip(req.WithContext(ctx))
	timer.Stop()
	if err != nil {
		defer stop(nil)
		return nil, late(ctx, err)
	}
	res.Body = &arriving{body: res.Body, ctx: ctx, stop: stop, timer: timer}
	return res, nil
}

// late is the time-out if that is why there is an error. Transports differ in
// what they say of a context that ended.
func late(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), os.ErrDeadlineExceeded) {
		return os.ErrDeadlineExceeded
	}
	return err
}

// arriving is a body whose time runs while somebody waits for it.
type arriving struct {
	body  io.ReadCloser
	ctx   context.Context
	stop  context.CancelCauseFunc
	timer *time.Timer
}

func (a *arriving) Read(p []byte) (int, error) {
	a.timer.Reset(attemptTime)
	n, err := a.body.Read(p)
	a.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = late(a.ctx, err)
	}
	return n, err
}

func (a *arriving) Close() error {
	a.stop(nil)
	return a.body.Close()
}
