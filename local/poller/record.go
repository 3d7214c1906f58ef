package poller

import (
	"encoding/json"
	"errors"
	"fmt"

	"fulcrum/local/lambda"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// record is a message as a function is given it.
type record struct {
	MessageID              string               `json:"messageId"`
	ReceiptHandle          string               `json:"receiptHandle"`
	Body                   string               `json:"body"`
	Attributes             map[string]string    `json:"attributes"`
	MessageAttributes      map[string]attribute `json:"messageAttributes"`
	MD5OfMessageAttributes string               `json:"md5OfMessageAttributes,omitempty"`
	MD5OfBody              string               `json:"md5OfBody"`
	EventSource            string               `json:"eventSource"`
	EventSourceARN         string               `json:"eventSourceARN"`
	AWSRegion              string               `json:"awsRegion"`
}

type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

func (s *source) record(m types.Message) record {
	r := record{MessageID: value(m.MessageId), ReceiptHandle: value(m.ReceiptHandle), Body: value(m.Body),
		Attributes: m.Attributes, MessageAttributes: map[string]attribute{},
		MD5OfMessageAttributes: value(m.MD5OfMessageAttributes), MD5OfBody: value(m.MD5OfBody),
		EventSource: "aws:sqs", EventSourceARN: s.Queue, AWSRegion: s.options.Region}
	for name, a := range m.MessageAttributes {
		r.MessageAttributes[name] = attribute{StringValue: a.StringValue, BinaryValue: a.BinaryValue,
			StringListValues: []string{}, BinaryListValues: [][]byte{}, DataType: value(a.DataType)}
	}
	return r
}

func value(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

const envelope = `{"Records":[]}`

// batches turns messages into records, and cuts them where one event would be
// larger than Lambda takes.
func (s *source) batches(messages []types.Message) [][]record {
	var out [][]record
	size := lambda.MaxPayload
	for _, m := range messages {
		r := s.record(m)
		own := len(",")
		if text, err := json.Marshal(r); err == nil {
			own += len(text)
		}
		if size+own > lambda.MaxPayload {
			out, size = append(out, nil), len(envelope)
		}
		size += own
		out[len(out)-1] = append(out[len(out)-1], r)
	}
	return out
}

func encode(batch []record) ([]byte, error) {
	return json.Marshal(struct{ Records []record }{batch})
}

// failures are the ids of the messages that the function reports as failed. An
// answer that says nothing means that none did; one that cannot be read, or that
// names a message that is not in the batch, is an error: then all did.
func failures(answer []byte, batch []record) (map[string]bool, error) {
	if len(answer) == 0 {
		return nil, nil
	}
	var report struct {
		BatchItemFailures []struct {
			ItemIdentifier string `json:"itemIdentifier"`
		} `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(answer, &report); err != nil {
		return nil, errors.New("the answer is no report of failures")
	}
	known, failed := map[string]bool{}, map[string]bool{}
	for _, r := range batch {
		known[r.MessageID] = true
	}
	for _, f := range report.BatchItemFailures {
		if !known[f.ItemIdentifier] {
			return nil, fmt.Errorf("the batch has no message %q", f.ItemIdentifier)
		}
		failed[f.ItemIdentifier] = true
	}
	return failed, nil
}
