package sqs

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

// quiet is how long after DeleteQueue the name stays taken, and how long after
// PurgeQueue the next one is refused.
const quiet = 60 * time.Second

type createInput struct {
	QueueName  string
	Attributes settings
	Tags       map[string]string `json:"tags"` // accepted; nothing here reads tags
}

func (t *tx) createQueue(in createInput) (any, error) {
	fifo := in.Attributes["FifoQueue"] == "true"
	if err := checkName(in.QueueName, fifo); err != nil {
		return nil, err
	}
	t.call.Resource = t.arn(in.QueueName)
	if q := t.queues[in.QueueName]; q != nil {
		return t.existing(q, in.Attributes)
	}
	if t.now.Before(t.deleted[in.QueueName].Add(quiet)) {
		return nil, named("QueueDeletedRecently", "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
	}
	chosen, err := change{in.Attributes, fifo}.apply(defaults(fifo))
	if err != nil {
		return nil, err
	}
	q := newQueue(in.QueueName, t.arn(in.QueueName))
	q.settings, q.created, q.modified = chosen, t.now, t.now
	if err := t.checkRedrive(q.arn, fifo, chosen); err != nil {
		return nil, err
	}
	t.queues[q.name] = q
	t.saveQueue(q)
	return map[string]string{"QueueUrl": t.urlOf(q.name)}, nil
}

// existing answers a CreateQueue for a queue that is there: fine, unless it
// differs in what was asked for.
func (t *tx) existing(q *queue, asked settings) (any, error) {
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if !same(asked[name], q.settings[name]) {
			return nil, &wire.Error{Code: "QueueNameExists", Query: "QueueAlreadyExists",
				Message: "A queue already exists with the same name and a different value for attribute " + name}
		}
	}
	return map[string]string{"QueueUrl": t.urlOf(q.name)}, nil
}

// same reports whether two values of an attribute are equal, as JSON if they
// are JSON.
func same(a, b string) bool {
	var x, y any
	if a == b || json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return a == b
	}
	return reflect.DeepEqual(x, y)
}

// checkRedrive refuses a redrive policy whose target is not there, is of the
// other type, or does not allow it.
func (t *tx) checkRedrive(arn string, fifo bool, s settings) error {
	raw := s["RedrivePolicy"]
	if raw == "" {
		return nil
	}
	refuse := func(reason string) error { return invalidValue(raw, "RedrivePolicy", reason) }
	p := s.redrive()
	if p == nil || !strings.HasPrefix(p.Target, "arn:aws:sqs:") {
		return refuse("Invalid value for deadLetterTargetArn.")
	}
	if n := p.maxReceives(); n < 1 || n > 1000 {
		return refuse("Invalid value for maxReceiveCount: " + p.Max.String() + ", valid values are from 1 to 1000 both inclusive.")
	}
	dead := t.byARN(p.Target)
	switch {
	case dead == nil:
		return refuse("Dead letter target does not exist.")
	case dead.fifo() != fifo:
		return refuse("Dead-letter queue must be same type of queue as the source.")
	case !dead.settings.allows(arn):
		return refuse("The dead-letter queue's RedriveAllowPolicy does not allow this queue.")
	}
	return nil
}

type urlInput struct {
	QueueName string
	Owner     string `json:"QueueOwnerAWSAccountId"`
}

func (t *tx) queueURL(in urlInput) (any, error) {
	t.call.Resource = t.arn(in.QueueName)
	if t.queues[in.QueueName] == nil || in.Owner != "" && in.Owner != t.options.Account {
		return nil, noQueue()
	}
	return map[string]string{"QueueUrl": t.urlOf(in.QueueName)}, nil
}

type listInput struct {
	QueueNamePrefix string
	MaxResults      *int
	NextToken       string
}

type listOutput struct {
	QueueURLs []string `json:"QueueUrls,omitempty"`
	NextToken string   `json:",omitempty"`
}

// listQueues answers up to 1000 queues, with a token for more only where the
// caller has said how many it wants.
func (t *tx) listQueues(in listInput) (any, error) {
	most := 1000
	if in.MaxResults != nil {
		if most = *in.MaxResults; most < 1 || most > 1000 {
			return nil, invalidValue(most, "MaxResults", "Must be between 1 and 1000.")
		}
	}
	last, err := base64.RawURLEncoding.DecodeString(in.NextToken)
	if err != nil {
		return nil, invalidValue(in.NextToken, "NextToken", "Not a token of ListQueues.")
	}
	var out listOutput
	for _, name := range slices.Sorted(maps.Keys(t.queues)) {
		if !strings.HasPrefix(name, in.QueueNamePrefix) || name <= string(last) {
			continue
		}
		if len(out.QueueURLs) == most {
			if in.MaxResults != nil {
				out.NextToken = base64.RawURLEncoding.EncodeToString(last)
			}
			break
		}
		out.QueueURLs, last = append(out.QueueURLs, t.urlOf(name)), []byte(name)
	}
	return out, nil
}

func (t *tx) deleteQueue(q *queue, _ target) (any, error) {
	for _, m := range q.messages {
		t.remove(q, m)
	}
	delete(t.queues, q.name)
	t.deleted[q.name] = t.now
	t.forgetQueue(q)
	q.wake()
	return nil, nil
}

func (t *tx) purgeQueue(q *queue, _ target) (any, error) {
	if t.now.Before(q.purged.Add(quiet)) {
		err := named("PurgeQueueInProgress", "Only one PurgeQueue operation on %s is allowed every 60 seconds.", q.name)
		err.Status = http.StatusForbidden
		return nil, err
	}
	for _, m := range q.messages {
		t.remove(q, m)
	}
	q.purged = t.now
	return nil, nil
}

type attributesInput struct {
	target
	AttributeNames []string
}

func (t *tx) queueAttributes(q *queue, in attributesInput) (any, error) {
	all := q.attributes()
	out := map[string]string{}
	for _, name := range in.AttributeNames {
		switch value, ok := all[name]; {
		case name == "All":
			out = all
		case ok:
			out[name] = value
		case !slices.Contains(optional(), name):
			return nil, unknownAttribute(name)
		}
	}
	return map[string]any{"Attributes": out}, nil
}

// attributes are all that a queue says of itself.
func (q *queue) attributes() map[string]string {
	all := maps.Clone(map[string]string(q.settings))
	delayed := len(q.hidden.list) - q.inFlight
	maps.Copy(all, map[string]string{
		"QueueArn":                              q.arn,
		"CreatedTimestamp":                      strconv.FormatInt(q.created.Unix(), 10),
		"LastModifiedTimestamp":                 strconv.FormatInt(q.modified.Unix(), 10),
		"ApproximateNumberOfMessages":           strconv.Itoa(len(q.messages) - len(q.hidden.list)),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(q.inFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
	})
	return all
}

type setInput struct {
	target
	Attributes settings
}

func (t *tx) setQueueAttributes(q *queue, in setInput) (any, error) {
	chosen, err := change{in.Attributes, q.fifo()}.apply(q.settings)
	if err != nil {
		return nil, err
	}
	if _, ok := in.Attributes["RedrivePolicy"]; ok {
		if err := t.checkRedrive(q.arn, q.fifo(), chosen); err != nil {
			return nil, err
		}
	}
	delay := chosen.seconds("DelaySeconds")
	redelay := q.fifo() && delay != q.settings.seconds("DelaySeconds")
	q.settings, q.modified = chosen, t.now
	if redelay {
		t.redelay(q, delay)
	}
	t.saveQueue(q)
	q.wake()
	return nil, nil
}

// redelay gives the messages of a FIFO queue that are still delayed the queue's
// new delay. In a standard queue a new delay is for new messages.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html
func (t *tx) redelay(q *queue, delay time.Duration) {
	for _, m := range q.messages {
		if q.isHidden(m) && !m.flight.Received {
			t.fly(q, m, flight{Receives: m.flight.Receives, First: m.flight.First, Until: m.Enqueued.Add(delay)})
		}
	}
}
