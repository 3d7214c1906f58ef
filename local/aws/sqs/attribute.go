package sqs

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

// settings are the attributes of a queue that its owner chooses, by their names
// in the API. Those with a default are always there.
type settings map[string]string

func (s settings) number(name string) int {
	n, err := strconv.Atoi(s[name])
	if err != nil {
		return 0 // only of a name that is not in limits
	}
	return n
}

func (s settings) seconds(name string) time.Duration {
	return time.Duration(s.number(name)) * time.Second
}

// limit is what a number may be, and what it is unless chosen.
type limit struct{ least, most, initial int }

func (l limit) check(name, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < l.least || n > l.most {
		return invalidAttribute(name)
	}
	return nil
}

// limits are those of
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
func limits() map[string]limit {
	return map[string]limit{
		"DelaySeconds":                  {0, 900, 0},
		"MaximumMessageSize":            {1024, maxSize, maxSize},
		"MessageRetentionPeriod":        {60, 1209600, 345600},
		"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
		"VisibilityTimeout":             {0, maxVisibility, 30},
	}
}

// choices are the attributes that have one of a few values; the first is the
// default.
func choices(fifo bool) map[string][]string {
	c := map[string][]string{"SqsManagedSseEnabled": {"true", "false"}}
	if fifo {
		c["FifoQueue"] = []string{"true"}
		c["ContentBasedDeduplication"] = []string{"false", "true"}
		c["DeduplicationScope"] = []string{"queue", "messageGroup"}
		c["FifoThroughputLimit"] = []string{"perQueue", "perMessageGroupId"}
	}
	return c
}

// optional are the attributes that a queue may be asked for and not have.
func optional() []string {
	names := []string{"Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"}
	return slices.AppendSeq(names, maps.Keys(choices(true)))
}

func defaults(fifo bool) settings {
	s := settings{}
	for name, l := range limits() {
		s[name] = strconv.Itoa(l.initial)
	}
	for name, c := range choices(fifo) {
		s[name] = c[0]
	}
	return s
}

// change is one set of attributes that are to be set on a queue.
type change struct {
	settings settings
	fifo     bool
}

// apply is the settings with the change made, or why it cannot be made. The
// redrive policies are checked for their form only: see Service.checkRedrive.
func (c change) apply(to settings) (settings, error) {
	out := maps.Clone(to)
	for _, name := range slices.Sorted(maps.Keys(c.settings)) {
		value := c.settings[name]
		if err := c.check(name, value); err != nil {
			return nil, err
		}
		out[name] = value
		if value == "" { // an empty policy takes it away
			delete(out, name)
		}
	}
	return out, c.combine(out)
}

func (c change) check(name, value string) error {
	if l, ok := limits()[name]; ok {
		return l.check(name, value)
	}
	if options, ok := choices(c.fifo)[name]; ok {
		if !slices.Contains(options, value) {
			return invalidAttribute(name)
		}
		return nil
	}
	switch name {
	case "KmsMasterKeyId":
		return nil
	case "KmsDataKeyReusePeriodSeconds":
		return limit{least: 60, most: 86400}.check(name, value)
	case "Policy", "RedrivePolicy", "RedriveAllowPolicy":
		if value != "" && !json.Valid([]byte(value)) {
			return invalidAttribute(name)
		}
		return nil
	}
	return unknownAttribute(name)
}

// combine refuses what does not go together, and fills in what goes along.
// Nothing is encrypted here; the choice of a key is only remembered.
func (c change) combine(out settings) error {
	if out["FifoThroughputLimit"] == "perMessageGroupId" && out["DeduplicationScope"] != "messageGroup" {
		return invalidAttribute("FifoThroughputLimit")
	}
	if out["KmsMasterKeyId"] == "" {
		return nil
	}
	if c.settings["SqsManagedSseEnabled"] == "true" {
		return wire.Errorf("InvalidAttributeName", "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	out["SqsManagedSseEnabled"] = "false"
	if out["KmsDataKeyReusePeriodSeconds"] == "" {
		out["KmsDataKeyReusePeriodSeconds"] = "300"
	}
	return nil
}

// redrivePolicy says when a message is a dead letter and where it goes then.
type redrivePolicy struct {
	Target string `json:"deadLetterTargetArn"`
	// Max is written as a number or, by CloudFormation, as a string.
	Max json.Number `json:"maxReceiveCount"`
}

// maxReceives is 0 if the policy's number is none.
func (p redrivePolicy) maxReceives() int {
	n, err := strconv.Atoi(p.Max.String())
	if err != nil {
		return 0
	}
	return n
}

// redrive is the queue's redrive policy, nil without one.
func (s settings) redrive() *redrivePolicy {
	var p redrivePolicy
	if s["RedrivePolicy"] == "" || json.Unmarshal([]byte(s["RedrivePolicy"]), &p) != nil || p.Target == "" {
		return nil
	}
	return &p
}

// allows reports whether the queue with these settings may be the dead-letter
// queue of source.
func (s settings) allows(source string) bool {
	var p struct {
		Permission string   `json:"redrivePermission"`
		Sources    []string `json:"sourceQueueArns"`
	}
	if s["RedriveAllowPolicy"] == "" {
		return true
	}
	if json.Unmarshal([]byte(s["RedriveAllowPolicy"]), &p) != nil {
		return false
	}
	return p.Permission == "allowAll" || p.Permission == "byQueue" && slices.Contains(p.Sources, source)
}

// checkName refuses what cannot be a queue's name.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
func checkName(name string, fifo bool) error {
	stem, isFifo := strings.CutSuffix(name, ".fifo")
	switch {
	case fifo && !isFifo:
		return invalid("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	case isFifo != fifo, stem == "", len(name) > 80, !made(stem, alphanumeric+"-_"):
		return invalid("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// made reports whether s is made of the letters only.
func made(s, letters string) bool { return strings.Trim(s, letters) == "" }
