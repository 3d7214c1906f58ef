package sqs

import (
	"errors"

	"fulcrum/local/aws/wire"
)

// entry is one part of a batch.
type entry interface{ id() string }

// checkEntries refuses a batch as a whole.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html#API_SendMessageBatch_Errors
func checkEntries[E entry](entries []E) error {
	switch {
	case len(entries) == 0:
		return named("EmptyBatchRequest", "There should be at least one entry in the request.")
	case len(entries) > maxEntries:
		return named("TooManyEntriesInBatchRequest", "Maximum number of entries per request are %d. You have sent %d.", maxEntries, len(entries))
	}
	seen := map[string]bool{}
	for _, e := range entries {
		if id := e.id(); id == "" || len(id) > 80 || !made(id, alphanumeric+"-_") {
			return named("InvalidBatchEntryId", "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.")
		}
		if seen[e.id()] {
			return named("BatchEntryIdsNotDistinct", "Id %s repeated.", e.id())
		}
		seen[e.id()] = true
	}
	return nil
}

// batchOutput is the answer to a batch. Both lists are there even when empty.
type batchOutput struct {
	Successful []any
	Failed     []entryFailure
}

type entryFailure struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

// done is what a batch says of an entry that has nothing to tell but success.
type done struct {
	ID string `json:"Id"`
}

// each does the entries one by one; the failure of one is no matter of another.
func each[E entry](entries []E, do func(E) (any, error)) batchOutput {
	out := batchOutput{Successful: []any{}, Failed: []entryFailure{}}
	for _, e := range entries {
		answer, err := do(e)
		if err == nil {
			out.Successful = append(out.Successful, answer)
			continue
		}
		failure := entryFailure{ID: e.id(), Code: "InternalError", Message: err.Error()}
		if known := new(wire.Error); errors.As(err, &known) {
			failure = entryFailure{ID: e.id(), Code: known.Code, Message: known.Message, SenderFault: true}
			if known.Query != "" {
				failure.Code = known.Query
			}
		}
		out.Failed = append(out.Failed, failure)
	}
	return out
}
