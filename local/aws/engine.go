// Package aws is an AWS on one machine: DynamoDB, SQS and Secrets Manager over
// their real wire protocols, in process, for the operations and options that the
// bundle uses. Anything else answers 501 NotSupportedHere.
//
// It is one http.Handler for all three; the header X-Amz-Target tells which
// service is meant. Requests are not authenticated: the access key id in the
// Authorization header only names the caller in the record of calls.
package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"fulcrum/local/aws/dynamodb"
	"fulcrum/local/aws/secretsmanager"
	"fulcrum/local/aws/sqs"
	"fulcrum/local/aws/wire"
	"fulcrum/local/keep"
)

// Region and Account stand in every ARN.
const (
	Region  = "us-east-1"
	Account = "000000000000"
)

// Options are what a test or the runner may choose. The zero Options are a
// polite engine that forgets everything when the process ends.
type Options struct {
	// Dir keeps the state over restarts; empty keeps nothing.
	Dir string
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Mood is NewMood's for a hostile engine; nil is a polite one.
	Mood wire.Mood
	// Observe is called once for every call, just before its answer goes out.
	Observe func(Record)
}

// Record is what the engine remembers of one call.
type Record struct {
	Caller   string `json:"function"`
	Service  string `json:"service"`
	Action   string `json:"action"`
	Resource string `json:"resource"`
	// Code is empty for a success, else the error's code.
	Code string    `json:"code,omitempty"`
	At   time.Time `json:"at"`
}

// Engine answers the calls.
type Engine struct {
	services map[string]wire.Service
	mood     wire.Mood
	now      func() time.Time
	observe  func(Record)
	store    *keep.Store
	faults   faults
	answers  atomic.Uint64
}

// targets maps the prefix of X-Amz-Target to the service and its JSON version.
var targets = map[string]struct{ service, version string }{
	"DynamoDB_20120810": {"dynamodb", "1.0"},
	"AmazonSQS":         {"sqs", "1.0"},
	"secretsmanager":    {"secretsmanager", "1.1"},
}

// New opens an engine. It fails when the data folder cannot be used.
func New(o Options) (*Engine, error) {
	store, err := keep.Open(o.Dir, "aws.db")
	if err != nil {
		return nil, err
	}
	e := &Engine{mood: wire.Calm{}, now: time.Now, observe: func(Record) {}, store: store}
	if o.Now != nil {
		e.now = o.Now
	}
	if o.Observe != nil {
		e.observe = o.Observe
	}
	if o.Mood != nil {
		e.mood = o.Mood
	}
	if err := e.open(); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return e, nil
}

func (e *Engine) open() error {
	ddb, err := dynamodb.New(dynamodb.Options{Region: Region, Account: Account, Now: e.now, Mood: e.mood, Store: e.store})
	if err != nil {
		return fmt.Errorf("load tables: %w", err)
	}
	queues, err := sqs.New(sqs.Options{Region: Region, Account: Account, Now: e.now, Mood: e.mood, Store: e.store})
	if err != nil {
		return fmt.Errorf("load queues: %w", err)
	}
	secrets, err := secretsmanager.New(secretsmanager.Options{Region: Region, Account: Account, Now: e.now, Store: e.store})
	if err != nil {
		return fmt.Errorf("load secrets: %w", err)
	}
	e.services = map[string]wire.Service{"dynamodb": ddb, "sqs": queues, "secretsmanager": secrets}
	return nil
}

// Close releases the data folder. No call may be under way.
func (e *Engine) Close() error { return e.store.Close() }

// ServeHTTP answers one call.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, version, err := e.read(r)
	if err != nil {
		e.answer(w, "1.0", nil, err)
		return
	}
	answer, err := e.do(r.Context(), call)
	var cut *cutError
	rec := Record{Caller: call.Caller, Service: call.Service, Action: call.Action, Resource: call.Resource, At: call.Now}
	if err != nil {
		rec.Code = codeOf(err)
	}
	e.observe(rec)
	if errors.As(err, &cut) {
		panic(http.ErrAbortHandler)
	}
	e.answer(w, version, answer, err)
}

func (e *Engine) read(r *http.Request) (*wire.Call, string, error) {
	prefix, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	target, known := targets[prefix]
	if !ok || !known {
		return nil, "", wire.NotSupported("a request without a known X-Amz-Target")
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 17<<20))
	if err != nil {
		return nil, "", wire.Errorf("SerializationException", "the body cannot be read")
	}
	return &wire.Call{Service: target.service, Action: action, Caller: caller(r), Host: r.Host, Body: body, Now: e.now()}, target.version, nil
}

// caller is the access key id of a SigV4 Authorization header.
func caller(r *http.Request) string {
	_, rest, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// cutError stands for an answer that is lost on the way.
type cutError struct{}

func (*cutError) Error() string { return "answer lost" }

func (e *Engine) do(ctx context.Context, c *wire.Call) (any, error) {
	fault := e.faults.take(c)
	if err := fault.before(ctx); err != nil {
		return nil, err
	}
	switch {
	case e.mood.Strikes(wire.Throttle):
		return nil, throttled(c.Service)
	case e.mood.Strikes(wire.Fail):
		return nil, &wire.Error{Code: "InternalServerError", Message: "hostile mode", Status: http.StatusInternalServerError}
	}
	answer, err := e.services[c.Service].Do(ctx, c)
	if err == nil && (fault.DropAnswer || e.mood.Strikes(wire.LoseAnswer)) {
		return nil, &cutError{}
	}
	return answer, err
}

func throttled(service string) *wire.Error {
	code := map[string]string{"dynamodb": "ProvisionedThroughputExceededException", "sqs": "RequestThrottled", "secretsmanager": "ThrottlingException"}[service]
	return &wire.Error{Code: code, Message: "Rate exceeded (hostile mode)", Status: http.StatusBadRequest}
}

func codeOf(err error) string {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return err.Error()
}

func (e *Engine) answer(w http.ResponseWriter, version string, answer any, err error) {
	status, body := http.StatusOK, []byte("{}")
	w.Header().Set("Content-Type", "application/x-amz-json-"+version)
	w.Header().Set("X-Amzn-Requestid", fmt.Sprintf("local-%08d", e.answers.Add(1)))
	switch {
	case err != nil:
		status, body = failure(w.Header(), err)
	case answer != nil:
		var encodeErr error
		if body, encodeErr = json.Marshal(answer); encodeErr != nil {
			status, body = failure(w.Header(), encodeErr)
		}
	}
	// DynamoDB's clients check this sum of every answer.
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	w.WriteHeader(status)
	w.Write(body)
}

func failure(h http.Header, err error) (int, []byte) {
	var e *wire.Error
	if !errors.As(err, &e) {
		e = &wire.Error{Code: "InternalServerError", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	members := map[string]any{"__type": e.Code, "message": e.Message}
	for k, v := range e.Members {
		members[k] = v
	}
	if e.Query != "" {
		h.Set("X-Amzn-Query-Error", e.Query+";Sender")
	}
	body, encodeErr := json.Marshal(members)
	if encodeErr != nil {
		body = []byte(`{"__type":"InternalServerError"}`)
	}
	if e.Status == 0 {
		return http.StatusBadRequest, body
	}
	return e.Status, body
}
