// Package aws is an AWS on one machine: DynamoDB, SQS, Secrets Manager and SES
// over their real wire protocols, in process, for the operations and options that
// the bundle uses. Anything else answers 501 NotSupportedHere.
//
// It is one http.Handler for all four. The header X-Amz-Target tells which service
// is meant; SES speaks REST, below /v2/email/. Requests are not authenticated: the
// access key id in the Authorization header only names the caller in the record of
// calls.
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
	"fulcrum/local/aws/ses"
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
	// Landed has messages that are in flight in Dir received again at once: whoever
	// received them has ended with the engine that kept them.
	Landed bool
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Mood is NewMood's for a hostile engine; nil is a polite one.
	Mood wire.Mood
	// Observe is called once for every call, just before its answer goes out.
	Observe func(Record)
}

// Record is what the engine remembers of one call.
type Record struct {
	Caller  string `json:"function"`
	Service string `json:"service"`
	Action  string `json:"action"`
	// Resource is the ARN that was worked on, of several all with a space between.
	Resource string `json:"resource"`
	// Parts are the single actions of a transaction, with spaces between.
	Parts string `json:"parts,omitempty"`
	// Code is empty for a success, else the error's code.
	Code string    `json:"code,omitempty"`
	At   time.Time `json:"at"`
}

// Engine answers the calls.
type Engine struct {
	services map[string]wire.Service
	mail     *ses.Service
	queues   *sqs.Service
	mood     wire.Mood
	now      func() time.Time
	observe  func(Record)
	store    *keep.Store
	faults   faults
	answers  atomic.Uint64
}

// protocol is how a service is spoken to.
type protocol struct{ service, contentType string }

// restType is the content type of a REST service, where method and path name the
// action and a header names the error.
const restType = "application/json"

// jsonTarget is AWS JSON of a version.
func jsonTarget(service, version string) protocol {
	return protocol{service, "application/x-amz-json-" + version}
}

// targets are the protocols by the prefix of X-Amz-Target.
var targets = map[string]protocol{
	"DynamoDB_20120810": jsonTarget("dynamodb", "1.0"),
	"AmazonSQS":         jsonTarget("sqs", "1.0"),
	"secretsmanager":    jsonTarget("secretsmanager", "1.1"),
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
	if err := e.open(o.Landed); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return e, nil
}

func (e *Engine) open(landed bool) error {
	ddb, err := dynamodb.New(dynamodb.Options{Region: Region, Account: Account, Now: e.now, Mood: e.mood, Store: e.store})
	if err != nil {
		return fmt.Errorf("load tables: %w", err)
	}
	e.queues, err = sqs.New(sqs.Options{Region: Region, Account: Account, Now: e.now, Mood: e.mood, Store: e.store, Landed: landed})
	if err != nil {
		return fmt.Errorf("load queues: %w", err)
	}
	secrets, err := secretsmanager.New(secretsmanager.Options{Region: Region, Account: Account, Now: e.now, Store: e.store})
	if err != nil {
		return fmt.Errorf("load secrets: %w", err)
	}
	if e.mail, err = ses.New(ses.Options{Region: Region, Account: Account, Now: e.now, Store: e.store}); err != nil {
		return fmt.Errorf("load mails: %w", err)
	}
	e.services = map[string]wire.Service{"dynamodb": ddb, "sqs": e.queues, "secretsmanager": secrets, "ses": e.mail}
	return nil
}

// Mails are the mails that were sent through SES, oldest first.
func (e *Engine) Mails() []ses.Mail { return e.mail.Mails() }

// Await returns when a queue has something to receive, or ctx is over. It is no call,
// and costs nothing while the queue is empty: a test that lets days pass would spend
// most of them on polls that get nothing.
func (e *Engine) Await(ctx context.Context, url string) { e.queues.Await(ctx, url) }

// Close releases the data folder. No call may be under way.
func (e *Engine) Close() error { return e.store.Close() }

// Ask has a service do an action for who looks at the engine from its own process: in
// is the action's input and out its answer, as AWS's JSON has them. Nobody observes it,
// and it costs a tenth of a call.
func (e *Engine) Ask(ctx context.Context, service, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := e.services[service].Do(ctx, &wire.Call{Service: service, Action: action, Host: "aws.test", Body: body, Now: e.now()})
	if err != nil {
		return err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// ServeHTTP answers one call.
func (e *Engine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call, spoken, err := e.read(r)
	if err != nil {
		e.answer(w, spoken, nil, err)
		return
	}
	answer, err := e.do(r.Context(), call)
	var cut *cutError
	rec := Record{Caller: call.Caller, Service: call.Service, Action: call.Action, Resource: call.Resource, Parts: call.Parts, At: call.Now}
	if err != nil {
		rec.Code = codeOf(err)
	}
	e.observe(rec)
	if errors.As(err, &cut) {
		panic(http.ErrAbortHandler)
	}
	e.answer(w, spoken, answer, err)
}

func (e *Engine) read(r *http.Request) (*wire.Call, protocol, error) {
	spoken, action, err := target(r)
	if err != nil {
		return nil, spoken, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 17<<20))
	if err != nil {
		return nil, spoken, wire.Errorf("SerializationException", "the body cannot be read")
	}
	return &wire.Call{Service: spoken.service, Action: action, Caller: caller(r), Host: r.Host, Body: body, Now: e.now()}, spoken, nil
}

func target(r *http.Request) (protocol, string, error) {
	if strings.HasPrefix(r.URL.Path, "/v2/email/") {
		return protocol{"ses", restType}, ses.Action(r.Method, r.URL.Path), nil
	}
	prefix, action, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	spoken, known := targets[prefix]
	if !ok || !known {
		return jsonTarget("", "1.0"), "", wire.NotSupported("a request without a known X-Amz-Target")
	}
	return spoken, action, nil
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
	e := &wire.Error{Message: "Rate exceeded (hostile mode)", Status: http.StatusBadRequest}
	switch service {
	case "dynamodb":
		e.Code = "ProvisionedThroughputExceededException"
	case "sqs":
		e.Code = "RequestThrottled"
	case "ses":
		e.Code, e.Status = "TooManyRequestsException", http.StatusTooManyRequests
	default:
		e.Code = "ThrottlingException"
	}
	return e
}

func codeOf(err error) string {
	var e *wire.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return err.Error()
}

func (e *Engine) answer(w http.ResponseWriter, spoken protocol, answer any, err error) {
	status, body := http.StatusOK, []byte("{}")
	w.Header().Set("Content-Type", spoken.contentType)
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
	if h.Get("Content-Type") == restType {
		h.Set("X-Amzn-Errortype", e.Code)
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
