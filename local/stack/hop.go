package stack

import (
	"net/http"
	"strconv"
	"time"

	"fulcrum/local/aws"
	"fulcrum/local/lambda"
	"fulcrum/local/sandbox"
)

// Hop is something that happened on the way of an event.
type Hop struct {
	// At is when it began, Ended when it was done.
	At, Ended time.Time
	// Where is the function, or the server.
	Where string
	What  string
	// Call is set for a call of AWS by a function.
	Call bool
}

func (s *Stack) sawAWS(r aws.Record) {
	what := r.Service + " " + r.Action
	if r.Code != "" {
		what += " → " + r.Code
	}
	s.options.Observe(Hop{At: r.At, Ended: time.Now(), Where: r.Caller, What: what, Call: true})
}

func (s *Stack) sawDelivery(a sandbox.Attempt) {
	s.options.Observe(Hop{At: a.At, Ended: time.Now(), Where: "sandbox", What: a.Partner + " receives " + a.ID + " → " + strconv.Itoa(a.Status)})
}

// watched tells of each request to the gateway.
func (s *Stack) watched(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start, out := time.Now(), &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(out, r)
		s.options.Observe(Hop{At: start, Ended: time.Now(), Where: "gateway", What: r.Method + " " + r.URL.Path + " → " + strconv.Itoa(out.status)})
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func outcome(a lambda.Answer, err error) string {
	switch {
	case err != nil:
		return "not run: " + err.Error()
	case a.Failed:
		return "failed"
	}
	return "done"
}
