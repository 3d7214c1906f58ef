package sqs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func text(v string) in   { return in{"DataType": "String", "StringValue": v} }
func number(v string) in { return in{"DataType": "Number", "StringValue": v} }

// The digests were recorded from AWS by LocalStack (its tests/aws/services/sqs/
// test_sqs.snapshot.json).
func TestDigestsOfAttributesAreThoseOfAWS(t *testing.T) {
	tests := map[string]struct {
		attributes in
		names      []string
		sent, got  string
	}{
		"strings": {
			attributes: in{"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")},
			names:      []string{"All"},
			sent:       "4c360f3fdafd970e05fae2f149d997f5", got: "4c360f3fdafd970e05fae2f149d997f5",
		},
		"some of them by name": {
			attributes: in{"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")},
			names:      []string{"General", "Hello", "None"},
			sent:       "4c360f3fdafd970e05fae2f149d997f5", got: "fca026605781cb4126a1e9044df24232",
		},
		"some of them by prefix": {
			attributes: in{"Hello": text("There"), "Help.Me": text("Me"), "General": text("Kenobi")},
			names:      []string{"Hel.*"},
			sent:       "4c360f3fdafd970e05fae2f149d997f5", got: "83fee93c1bcd8b9a5a923ffacdc636c7",
		},
		"none of them": {
			attributes: in{"General": text("Kenobi"), "Hello": text("There"), "Help.Me": text("Me")},
			names:      []string{"Foo", "Help"},
			sent:       "4c360f3fdafd970e05fae2f149d997f5",
		},
		"bytes": {
			attributes: in{"attr1": in{"DataType": "Binary", "BinaryValue": []byte("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")}},
			names:      []string{".*"},
			sent:       "8cbe4db156db8a94db8b801b7addb984", got: "8cbe4db156db8a94db8b801b7addb984",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			url := c.create("q", nil)
			if got := c.send(url, "msg", in{"MessageAttributes": tt.attributes}).MD5OfMessageAttributes; got != tt.sent {
				t.Errorf("digest at sending %s, want %s", got, tt.sent)
			}
			got := c.receive(url, in{"MessageAttributeNames": tt.names})
			if len(got) != 1 || got[0].MD5OfMessageAttributes != tt.got || got[0].MD5OfBody != "6e2baaf3b97dbeef01c0043275f9a0e7" {
				t.Errorf("received %+v", got)
			}
		})
	}
}

func TestWhatASenderMaySend(t *testing.T) {
	eleven := in{}
	for i := range 11 {
		eleven[fmt.Sprintf("a%d", i)] = text("x")
	}
	attribute := func(name string, a in) in { return in{"MessageAttributes": in{name: a}} }
	tests := map[string]struct {
		body    string
		more    in
		problem string
	}{
		"a word":                              {body: "x"},
		"all of Unicode that XML has":         {body: "\t\n\r \u00e9\ud7ff\ue000\ufffd\U0001f600\U0010ffff"},
		"nothing":                             {problem: "MissingParameter"},
		"a control character":                 {body: "a\x01", problem: "InvalidMessageContents"},
		"a character that is none":            {body: "a\uffff", problem: "InvalidMessageContents"},
		"1 MiB":                               {body: strings.Repeat("a", 1<<20)},
		"1 MiB and a byte":                    {body: strings.Repeat("a", 1<<20+1), problem: "InvalidParameterValue"},
		"1 MiB in two-byte letters":           {body: strings.Repeat("é", 1<<19)},
		"1 MiB with an attribute":             {body: strings.Repeat("a", 1<<20), more: attribute("a", text("x")), problem: "InvalidParameterValue"},
		"a delay of 15 minutes":               {body: "x", more: in{"DelaySeconds": 900}},
		"a delay of more":                     {body: "x", more: in{"DelaySeconds": 901}, problem: "InvalidParameterValue"},
		"a delay of less than nothing":        {body: "x", more: in{"DelaySeconds": -1}, problem: "InvalidParameterValue"},
		"a group":                             {body: "x", more: in{"MessageGroupId": "customer-1!"}},
		"a group with a space":                {body: "x", more: in{"MessageGroupId": "customer 1"}, problem: "InvalidParameterValue"},
		"a group of 129 letters":              {body: "x", more: in{"MessageGroupId": strings.Repeat("g", 129)}, problem: "InvalidParameterValue"},
		"a deduplication id on a standard q":  {body: "x", more: in{"MessageDeduplicationId": "d"}, problem: "InvalidParameterValue"},
		"ten attributes":                      {body: "x", more: in{"MessageAttributes": without(eleven, "a10")}},
		"eleven attributes":                   {body: "x", more: in{"MessageAttributes": eleven}, problem: "InvalidParameterValue"},
		"an attribute with an own type":       {body: "x", more: attribute("a", in{"DataType": "String.json", "StringValue": "{}"})},
		"an attribute of an unknown type":     {body: "x", more: attribute("a", in{"DataType": "Text", "StringValue": "x"}), problem: "InvalidParameterValue"},
		"an attribute without type":           {body: "x", more: attribute("a", in{"StringValue": "x"}), problem: "InvalidParameterValue"},
		"an attribute without value":          {body: "x", more: attribute("a", in{"DataType": "String"}), problem: "InvalidParameterValue"},
		"an attribute with an empty value":    {body: "x", more: attribute("a", text("")), problem: "InvalidParameterValue"},
		"an empty binary attribute":           {body: "x", more: attribute("a", in{"DataType": "Binary", "BinaryValue": ""}), problem: "InvalidParameterValue"},
		"text where bytes should be":          {body: "x", more: attribute("a", in{"DataType": "Binary", "StringValue": "x"}), problem: "InvalidParameterValue"},
		"a number":                            {body: "x", more: attribute("a", number("-12.5e3"))},
		"a number of 38 digits":               {body: "x", more: attribute("a", number(strings.Repeat("9", 38)))},
		"a number that is none":               {body: "x", more: attribute("a", number("0x10")), problem: "InvalidParameterValue"},
		"a number that never ends":            {body: "x", more: attribute("a", number("Inf")), problem: "InvalidParameterValue"},
		"an attribute name with dots":         {body: "x", more: attribute("a.b-c_d", text("x"))},
		"an attribute name with a space":      {body: "x", more: attribute("a b", text("x")), problem: "InvalidParameterValue"},
		"an attribute name with two dots":     {body: "x", more: attribute("a..b", text("x")), problem: "InvalidParameterValue"},
		"an attribute name that ends in one":  {body: "x", more: attribute("a.", text("x")), problem: "InvalidParameterValue"},
		"an attribute name that is reserved":  {body: "x", more: attribute("AWS.a", text("x")), problem: "InvalidParameterValue"},
		"an attribute name of 257 characters": {body: "x", more: attribute(strings.Repeat("n", 257), text("x")), problem: "InvalidParameterValue"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			url := c.create("q", nil)
			input := in{"QueueUrl": url, "MessageBody": tt.body}
			maps.Copy(input, tt.more)
			c.wantCode(c.try("SendMessage", input, nil), tt.problem)
			a := c.counts(url)
			if kept := a != [3]string{"0", "0", "0"}; kept != (tt.problem == "") {
				t.Errorf("the message is in the queue: %v", kept)
			}
		})
	}
}

func without(m in, name string) in {
	out := maps.Clone(m)
	delete(out, name)
	return out
}

func TestTheQueueLimitsTheSizeOfItsMessages(t *testing.T) {
	c := newClient(t)
	url := c.create("q", map[string]string{"MaximumMessageSize": "1024"})
	c.send(url, strings.Repeat("a", 1024), nil)
	err := c.try("SendMessage", in{"QueueUrl": url, "MessageBody": strings.Repeat("a", 1025)}, nil)
	if err == nil || !strings.HasSuffix(err.Error(), "Reason: Message must be shorter than 1024 bytes.") {
		t.Errorf("error %v", err)
	}
}

// entries are batch entries with the ids given.
func entries(ids ...string) []in {
	out := []in{}
	for _, id := range ids {
		out = append(out, in{"Id": id, "MessageBody": "body of " + id, "ReceiptHandle": "none", "VisibilityTimeout": 0})
	}
	return out
}

func TestABatchThatIsRefusedAsAWhole(t *testing.T) {
	tests := map[string]struct {
		ids     []string
		problem string
	}{
		"none":              {problem: "AWS.SimpleQueueService.EmptyBatchRequest"},
		"eleven":            {ids: strings.Fields("a b c d e f g h i j k"), problem: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"},
		"two alike":         {ids: []string{"a", "a"}, problem: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"},
		"an id with a dot":  {ids: []string{"a.b"}, problem: "AWS.SimpleQueueService.InvalidBatchEntryId"},
		"an empty id":       {ids: []string{""}, problem: "AWS.SimpleQueueService.InvalidBatchEntryId"},
		"an id of 81 signs": {ids: []string{strings.Repeat("a", 81)}, problem: "AWS.SimpleQueueService.InvalidBatchEntryId"},
	}
	fields := map[string][]string{
		"SendMessageBatch":             {"Id", "MessageBody"},
		"DeleteMessageBatch":           {"Id", "ReceiptHandle"},
		"ChangeMessageVisibilityBatch": {"Id", "ReceiptHandle", "VisibilityTimeout"},
	}
	for name, tt := range tests {
		for action, keep := range fields {
			t.Run(action+" of "+name, func(t *testing.T) {
				c := newClient(t)
				list := entries(tt.ids...)
				for _, e := range list {
					maps.DeleteFunc(e, func(k string, _ any) bool { return !slices.Contains(keep, k) })
				}
				c.wantCode(c.try(action, in{"QueueUrl": c.create("q", nil), "Entries": list}, nil), tt.problem)
			})
		}
	}
}

// batch is the answer to a batch.
type batch struct {
	Successful []struct{ Id, MessageId, SequenceNumber string }
	Failed     []struct {
		Id, Code    string
		SenderFault bool
	}
}

func (b batch) split() (well, ill []string) {
	for _, e := range b.Successful {
		well = append(well, e.Id)
	}
	for _, e := range b.Failed {
		ill = append(ill, e.Id+" "+e.Code)
	}
	return well, ill
}

func TestOneEntryFailsForItself(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	var out batch
	c.must("SendMessageBatch", in{"QueueUrl": url, "Entries": []in{
		{"Id": "1", "MessageBody": "one"},
		{"Id": "2", "MessageBody": "two", "DelaySeconds": 901},
		{"Id": "3", "MessageBody": "three\x02"},
		{"Id": "4", "MessageBody": ""},
		{"Id": "5", "MessageBody": "five", "MessageAttributes": in{"a": text("x")}},
	}}, &out)
	well, ill := out.split()
	if !slices.Equal(well, []string{"1", "5"}) || !slices.Equal(ill, []string{"2 InvalidParameterValue", "3 InvalidMessageContents", "4 MissingParameter"}) {
		t.Errorf("well %q, ill %q", well, ill)
	}
	if !out.Failed[0].SenderFault {
		t.Error("a mistake of the sender is not called so")
	}
	c.wantBodies(c.receive(url, nil), "one", "five")
}

func TestABatchOfMoreThanAMiB(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	half := strings.Repeat("a", 1<<19)
	batchOf := func(second string) error {
		return c.try("SendMessageBatch", in{"QueueUrl": url, "Entries": []in{{"Id": "1", "MessageBody": half}, {"Id": "2", "MessageBody": second}}}, nil)
	}
	c.wantCode(batchOf(half), "")
	err := batchOf(half + "a")
	c.wantCode(err, "AWS.SimpleQueueService.BatchRequestTooLong")
	if err != nil && !strings.HasSuffix(err.Error(), "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.") {
		t.Error(err)
	}
}

func TestBatchesOfHandles(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	c.send(url, "a", nil)
	c.send(url, "b", nil)
	got := c.receive(url, nil)
	var out batch
	c.must("ChangeMessageVisibilityBatch", in{"QueueUrl": url, "Entries": []in{
		{"Id": "1", "ReceiptHandle": got[0].ReceiptHandle, "VisibilityTimeout": 0},
		{"Id": "2", "ReceiptHandle": "junk", "VisibilityTimeout": 0},
		{"Id": "3", "ReceiptHandle": got[1].ReceiptHandle, "VisibilityTimeout": 43201},
		{"Id": "4", "ReceiptHandle": got[1].ReceiptHandle},
	}}, &out)
	well, ill := out.split()
	if !slices.Equal(well, []string{"1"}) || !slices.Equal(ill, []string{"2 ReceiptHandleIsInvalid", "3 InvalidParameterValue", "4 MissingParameter"}) {
		t.Errorf("well %q, ill %q", well, ill)
	}
	again := c.one(url)
	out = batch{}
	c.must("DeleteMessageBatch", in{"QueueUrl": url, "Entries": []in{
		{"Id": "1", "ReceiptHandle": again.ReceiptHandle}, {"Id": "2", "ReceiptHandle": "junk"}, {"Id": "3", "ReceiptHandle": got[1].ReceiptHandle},
	}}, &out)
	well, ill = out.split()
	if !slices.Equal(well, []string{"1", "3"}) || !slices.Equal(ill, []string{"2 ReceiptHandleIsInvalid"}) {
		t.Errorf("well %q, ill %q", well, ill)
	}
	if got := c.counts(url); got != [3]string{"0", "0", "0"} {
		t.Errorf("counts %v", got)
	}
}
