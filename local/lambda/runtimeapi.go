package lambda

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"
)

// runtimeAPI serves all environments: the first segment of the path is the
// environment's id, so that AWS_LAMBDA_RUNTIME_API is host:port/id.
// Source: Lambda developer guide, "Using the Lambda runtime API for custom
// runtimes", and its OpenAPI specification.
func (p *Pool) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, f func(*environment, http.ResponseWriter, *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			p.mu.Lock()
			env := p.environments[r.PathValue("environment")]
			p.mu.Unlock()
			if env == nil {
				refuse(w, http.StatusForbidden, "InvalidEnvironment", "there is no such environment")
				return
			}
			f(env, w, r)
		})
	}
	handle("GET /{environment}/2018-06-01/runtime/invocation/next", p.next)
	handle("POST /{environment}/2018-06-01/runtime/invocation/{id}/response", p.response)
	handle("POST /{environment}/2018-06-01/runtime/invocation/{id}/error", p.failure)
	handle("POST /{environment}/2018-06-01/runtime/init/error", p.initError)
	handle("POST /{environment}/2020-01-01/extension/register", p.register)
	handle("GET /{environment}/2020-01-01/extension/event/next", p.extension)
	return mux
}

// next says that the environment is ready, and answers with its next event.
func (p *Pool) next(env *environment, w http.ResponseWriter, r *http.Request) {
	if env.working() != nil {
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "the last event has not been answered")
		return
	}
	select {
	case env.ready <- struct{}{}:
	case <-r.Context().Done():
		return
	}
	select {
	case inv := <-env.work:
		p.give(env, inv, w)
	case <-r.Context().Done():
	}
}

func (p *Pool) give(env *environment, inv *invocation, w http.ResponseWriter) {
	env.mu.Lock()
	env.current = inv
	env.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(inv.event)))
	h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:"+p.options.Region+":"+p.options.Account+":function:"+env.fn.Name)
	h.Set("Lambda-Runtime-Trace-Id", inv.trace)
	if _, err := w.Write(inv.event); err != nil {
		// The process is gone; whoever follows the event sees it end.
		return
	}
}

func (env *environment) working() *invocation {
	env.mu.Lock()
	defer env.mu.Unlock()
	return env.current
}

// finish takes the invocation with that id out of the environment's hands. It is
// false if the environment works on another one or on none.
func (env *environment) finish(id string) bool {
	env.mu.Lock()
	defer env.mu.Unlock()
	if env.current == nil || env.current.id != id {
		return false
	}
	env.current = nil
	return true
}

func (p *Pool) response(env *environment, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxAnswer))
	var large *http.MaxBytesError
	if err != nil && !errors.As(err, &large) {
		return // the process is gone
	}
	answer := Answer{RequestID: r.PathValue("id"), Payload: body}
	// A function that fails while its answer is on the way says so behind it.
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		answer.Failed = true
		if answer.Payload, err = base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body")); err != nil {
			answer.Payload = errorJSON(kind, "")
		}
	}
	if large != nil {
		answer.Failed = true
		answer.Payload = errorJSON("Function.ResponseSizeTooLarge", fmt.Sprintf("Response payload size exceeded maximum allowed payload size (%d bytes).", maxAnswer))
	}
	if !env.finish(answer.RequestID) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	env.answers <- answer
	if large != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", fmt.Sprintf("Exceeded maximum allowed payload size (%d bytes).", maxAnswer))
		return
	}
	accept(w)
}

func (p *Pool) failure(env *environment, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxAnswer))
	if err != nil {
		return
	}
	id := r.PathValue("id")
	if !env.finish(id) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	env.answers <- Answer{RequestID: id, Payload: body, Failed: true}
	accept(w)
}

func (p *Pool) initError(env *environment, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxAnswer))
	if err != nil {
		return
	}
	select {
	case env.failed <- body:
		accept(w)
	default:
		refuse(w, http.StatusForbidden, "InvalidStateTransition", "init has failed already")
	}
}

// register takes the extension that aws-lambda-go makes of a function that wants
// SIGTERM. Every process gets SIGTERM here, so nothing depends on it.
func (p *Pool) register(env *environment, w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Lambda-Extension-Identifier", NewID())
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"functionName":%q,"functionVersion":"$LATEST","handler":"bootstrap"}`, env.fn.Name)
}

// extension never has an event for that extension.
func (p *Pool) extension(_ *environment, _ http.ResponseWriter, r *http.Request) {
	<-r.Context().Done()
}

func accept(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	io.WriteString(w, `{"status":"OK"}`)
}

func refuse(w http.ResponseWriter, status int, kind, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(errorJSON(kind, text))
}

// errorJSON is an error as Lambda writes it.
func errorJSON(kind, text string) []byte {
	body, err := json.Marshal(struct {
		Type string `json:"errorType"`
		Text string `json:"errorMessage"`
	}{kind, text})
	if err != nil {
		return []byte(`{}`)
	}
	return body
}

// NewID is a random UUID, as AWS gives requests and events.
func NewID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// newTrace is an X-Ray trace header that is not sampled.
func newTrace(now time.Time) string {
	var b [20]byte
	rand.Read(b[:])
	s := hex.EncodeToString(b[:])
	return fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", now.Unix(), s[:24], s[24:])
}
