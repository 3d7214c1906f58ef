// Package wire is what the services of the embedded AWS have in common: a call
// as it arrives, the error that AWS answers, and the moods a service may ask
// for. Input and output are JSON objects. The action stands in the header
// X-Amz-Target (AWS JSON 1.0 or 1.1), or is method and path (SES, which is REST).
package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Call is one request to a service.
type Call struct {
	Service string // "dynamodb", "sqs", "secretsmanager" or "ses"
	Action  string // "PutItem"
	// Caller is the access key id that signed the request. The runner gives
	// every function its own, so this is the function's name.
	Caller string
	// Host is where the engine was reached ("127.0.0.1:4566"); queue URLs begin
	// with it.
	Host string
	// Resource is the ARN that the action works on. The service fills it in.
	Resource string
	// Parts are the single actions of a transaction, with spaces between. The
	// service fills it in.
	Parts string
	Body  []byte
	Now   time.Time
}

// Decode reads the call's input into v.
func (c *Call) Decode(v any) error {
	if err := json.Unmarshal(c.Body, v); err != nil {
		return &Error{Code: "SerializationException", Message: "the input of " + c.Action + " cannot be read: " + err.Error()}
	}
	return nil
}

// Service answers the calls of one AWS service. It is safe for concurrent use.
type Service interface {
	// Do applies one call. The answer encodes to a JSON object; nil is {}.
	// A failure is an *Error.
	Do(ctx context.Context, c *Call) (any, error)
}

// Error is an answer other than 200.
type Error struct {
	Code    string // "ConditionalCheckFailedException"
	Message string
	Status  int // 400 if zero
	// Members stand beside the message in the body, for errors that have more
	// to say (the cancellation reasons of a transaction).
	Members map[string]any
	// Query is the older name of an SQS error ("AWS.SimpleQueueService.NonExistentQueue"),
	// sent in x-amzn-query-error.
	Query string
}

// Error says the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf is an Error of status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// NotSupported is the answer to what the engine does not have. It is never a
// wrong answer instead.
func NotSupported(what string) *Error {
	return &Error{Code: "NotSupportedHere", Status: http.StatusNotImplemented,
		Message: what + " is not supported here: the embedded AWS has what the bundle uses"}
}

// Mood is asked at the places where AWS may behave in more than one way.
type Mood interface {
	// Strikes reports whether the rare thing of that kind happens this time.
	Strikes(kind string) bool
}

// Calm is the mood in which nothing rare happens.
type Calm struct{}

// Strikes is false.
func (Calm) Strikes(string) bool { return false }

// The kinds of rare things that a service asks its Mood about.
const (
	// Reorder gives a message of a standard queue out of its turn.
	Reorder = "reorder"
	// Twice gives a message of a standard queue again although it is in flight.
	Twice = "twice"
	// StaleIndex answers a query of a secondary index, or an eventually
	// consistent read, from a state some writes ago.
	StaleIndex = "stale-index"
	// Conflict cancels a transaction with TransactionConflict.
	Conflict = "conflict"
	// Throttle refuses a call before it is applied.
	Throttle = "throttle"
	// Fail answers 500 before a call is applied.
	Fail = "fail"
	// LoseAnswer applies a call and then cuts the connection.
	LoseAnswer = "lose-answer"
)
