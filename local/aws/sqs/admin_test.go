package sqs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQueueNames(t *testing.T) {
	tests := map[string]struct {
		name    string
		fifo    bool
		problem string
	}{
		"letters, digits, hyphens, underscores": {name: "Work_1-a"},
		"80 characters":                         {name: strings.Repeat("a", 80)},
		"81 are too many":                       {name: strings.Repeat("a", 81), problem: "InvalidParameterValue"},
		"none":                                  {name: "", problem: "InvalidParameterValue"},
		"a dot":                                 {name: "a.b", problem: "InvalidParameterValue"},
		"a FIFO queue ends in .fifo":            {name: "a.fifo", fifo: true},
		"a FIFO queue without its suffix":       {name: "a", fifo: true, problem: "InvalidParameterValue"},
		"the suffix without a FIFO queue":       {name: "a.fifo", problem: "InvalidParameterValue"},
		"the suffix alone":                      {name: ".fifo", fifo: true, problem: "InvalidParameterValue"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			attributes := map[string]string{}
			if tt.fifo {
				attributes["FifoQueue"] = "true"
			}
			c.wantCode(c.try("CreateQueue", in{"QueueName": tt.name, "Attributes": attributes}, nil), tt.problem)
		})
	}
}

func TestAttributesOfAQueue(t *testing.T) {
	tests := map[string]struct {
		fifo        bool
		name, value string
		problem     string
	}{
		"a delay of 15 minutes":                   {name: "DelaySeconds", value: "900"},
		"a longer delay":                          {name: "DelaySeconds", value: "901", problem: "InvalidAttributeValue"},
		"a negative delay":                        {name: "DelaySeconds", value: "-1", problem: "InvalidAttributeValue"},
		"a delay that is no number":               {name: "DelaySeconds", value: "soon", problem: "InvalidAttributeValue"},
		"messages of 1 KiB":                       {name: "MaximumMessageSize", value: "1024"},
		"smaller messages":                        {name: "MaximumMessageSize", value: "1023", problem: "InvalidAttributeValue"},
		"messages of more than 1 MiB":             {name: "MaximumMessageSize", value: "1048577", problem: "InvalidAttributeValue"},
		"a retention below a minute":              {name: "MessageRetentionPeriod", value: "59", problem: "InvalidAttributeValue"},
		"a retention of 14 days":                  {name: "MessageRetentionPeriod", value: "1209600"},
		"waiting more than 20 seconds":            {name: "ReceiveMessageWaitTimeSeconds", value: "21", problem: "InvalidAttributeValue"},
		"invisible for 12 hours":                  {name: "VisibilityTimeout", value: "43200"},
		"invisible for longer":                    {name: "VisibilityTimeout", value: "43201", problem: "InvalidAttributeValue"},
		"a key":                                   {name: "KmsMasterKeyId", value: "alias/mine"},
		"a data key for a minute":                 {name: "KmsDataKeyReusePeriodSeconds", value: "60"},
		"a data key for less":                     {name: "KmsDataKeyReusePeriodSeconds", value: "59", problem: "InvalidAttributeValue"},
		"a policy":                                {name: "Policy", value: `{"Version":"2012-10-17"}`},
		"a policy that is no JSON":                {name: "Policy", value: "{", problem: "InvalidAttributeValue"},
		"an attribute that there is not":          {name: "Color", value: "red", problem: "InvalidAttributeName"},
		"a count, which nobody sets":              {name: "ApproximateNumberOfMessages", value: "5", problem: "InvalidAttributeName"},
		"a FIFO attribute on a standard queue":    {name: "ContentBasedDeduplication", value: "true", problem: "InvalidAttributeName"},
		"a FIFO attribute on a FIFO queue":        {fifo: true, name: "ContentBasedDeduplication", value: "true"},
		"a FIFO queue stays one":                  {fifo: true, name: "FifoQueue", value: "false", problem: "InvalidAttributeValue"},
		"a dedup scope that there is not":         {fifo: true, name: "DeduplicationScope", value: "world", problem: "InvalidAttributeValue"},
		"a limit by group needs a scope by group": {fifo: true, name: "FifoThroughputLimit", value: "perMessageGroupId", problem: "InvalidAttributeValue"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			url := c.create("q", nil)
			if tt.fifo {
				url = c.create("q.fifo", map[string]string{"FifoQueue": "true"})
			}
			c.wantCode(c.try("SetQueueAttributes", in{"QueueUrl": url, "Attributes": in{tt.name: tt.value}}, nil), tt.problem)
			if got := c.attributes(url)[tt.name]; (got == tt.value) != (tt.problem == "") {
				t.Errorf("%s is now %q", tt.name, got)
			}
		})
	}
}

func TestEncryptionIsOfOneKind(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	set := func(name, value string) error {
		return c.try("SetQueueAttributes", in{"QueueUrl": url, "Attributes": in{name: value}}, nil)
	}
	want := func(managed, period string) {
		t.Helper()
		a := c.attributes(url)
		if a["SqsManagedSseEnabled"] != managed || a["KmsDataKeyReusePeriodSeconds"] != period {
			t.Errorf("managed %q, period %q; want %q, %q", a["SqsManagedSseEnabled"], a["KmsDataKeyReusePeriodSeconds"], managed, period)
		}
	}
	want("true", "")
	c.wantCode(set("KmsMasterKeyId", "mine"), "")
	want("false", "300")
	c.wantCode(set("SqsManagedSseEnabled", "true"), "InvalidAttributeName")
	c.wantCode(set("KmsMasterKeyId", ""), "")
	c.wantCode(set("SqsManagedSseEnabled", "true"), "")
	want("true", "300")
}

func TestCreateQueueTwice(t *testing.T) {
	policy := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":3}`
	spaced := `{ "maxReceiveCount": 3, "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:dead" }`
	tests := map[string]struct {
		second  map[string]string
		problem string
	}{
		"with nothing said is fine":            {},
		"with the same is fine":                {second: map[string]string{"DelaySeconds": "5"}},
		"with a default said is fine":          {second: map[string]string{"VisibilityTimeout": "30"}},
		"with the same policy in other spaces": {second: map[string]string{"RedrivePolicy": spaced}},
		"with another value is refused":        {second: map[string]string{"DelaySeconds": "6"}, problem: "QueueAlreadyExists"},
		"with one attribute more is refused":   {second: map[string]string{"KmsMasterKeyId": "k"}, problem: "QueueAlreadyExists"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("dead", nil)
			first := c.create("q", map[string]string{"DelaySeconds": "5", "RedrivePolicy": policy})
			var out struct{ QueueUrl string }
			err := c.try("CreateQueue", in{"QueueName": "q", "Attributes": tt.second, "tags": in{"team": "a"}}, &out)
			c.wantCode(err, tt.problem)
			if tt.problem == "" && out.QueueUrl != first {
				t.Errorf("URL %s, want %s", out.QueueUrl, first)
			}
		})
	}
}

func TestRedrivePolicies(t *testing.T) {
	tests := map[string]struct {
		target, max string
		problem     string // the reason's last words
	}{
		"a number of receives":                {target: "dead", max: "5"},
		"a number as a string":                {target: "dead", max: `"5"`},
		"a queue that names this one":         {target: "choosy", max: "5"},
		"no receive":                          {target: "dead", max: "0", problem: "from 1 to 1000 both inclusive."},
		"1001 receives":                       {target: "dead", max: "1001", problem: "from 1 to 1000 both inclusive."},
		"half a receive":                      {target: "dead", max: "0.5", problem: "from 1 to 1000 both inclusive."},
		"a target that is not there":          {target: "nowhere", max: "5", problem: "target does not exist."},
		"a target that is no ARN":             {target: "", max: "5", problem: "Invalid value for deadLetterTargetArn."},
		"a target of the other type":          {target: "dead.fifo", max: "5", problem: "same type of queue as the source."},
		"a target that wants no dead letters": {target: "closed", max: "5", problem: "does not allow this queue."},
		"a target that names another queue":   {target: "other", max: "5", problem: "does not allow this queue."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newClient(t)
			c.create("dead", nil)
			c.create("dead.fifo", map[string]string{"FifoQueue": "true"})
			c.create("closed", map[string]string{"RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`})
			c.create("choosy", map[string]string{"RedriveAllowPolicy": fmt.Sprintf(`{"redrivePermission":"byQueue","sourceQueueArns":[%q]}`, c.s.arn("q"))})
			c.create("other", map[string]string{"RedriveAllowPolicy": fmt.Sprintf(`{"redrivePermission":"byQueue","sourceQueueArns":[%q]}`, c.s.arn("r"))})
			target := tt.target
			if target != "" {
				target = c.s.arn(target)
			}
			policy := fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%s}`, target, tt.max)
			err := c.try("CreateQueue", in{"QueueName": "q", "Attributes": in{"RedrivePolicy": policy}}, nil)
			if (err == nil) != (tt.problem == "") || err != nil && !strings.HasSuffix(err.Error(), tt.problem) {
				t.Errorf("error %v, want %q", err, tt.problem)
			}
		})
	}
}

func TestListQueues(t *testing.T) {
	c := newClient(t)
	for _, name := range []string{"b2", "a1", "b1", "b3"} {
		c.create(name, nil)
	}
	var out listOutput
	c.must("ListQueues", in{"QueueNamePrefix": "b"}, &out)
	base := "http://localhost:4566/000000000000/"
	if want := []string{base + "b1", base + "b2", base + "b3"}; !slices.Equal(out.QueueURLs, want) || out.NextToken != "" {
		t.Errorf("listed %v %q", out.QueueURLs, out.NextToken)
	}
	var pages []string
	token := ""
	for {
		out = listOutput{}
		c.must("ListQueues", in{"MaxResults": 2, "NextToken": token}, &out)
		pages = append(pages, fmt.Sprint(len(out.QueueURLs)))
		if token = out.NextToken; token == "" {
			break
		}
	}
	if !slices.Equal(pages, []string{"2", "2"}) {
		t.Errorf("pages of %v", pages)
	}
	c.wantCode(c.try("ListQueues", in{"MaxResults": 1001}, nil), "InvalidParameterValue")
	c.wantCode(c.try("ListQueues", in{"NextToken": "%"}, nil), "InvalidParameterValue")
}

func TestQueueURLs(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	var out struct{ QueueUrl string }
	c.must("GetQueueUrl", in{"QueueName": "q", "QueueOwnerAWSAccountId": "000000000000"}, &out)
	if out.QueueUrl != url || url != "http://localhost:4566/000000000000/q" {
		t.Errorf("URLs %s and %s", url, out.QueueUrl)
	}
	c.wantCode(c.try("GetQueueUrl", in{"QueueName": "q", "QueueOwnerAWSAccountId": "1"}, nil), "AWS.SimpleQueueService.NonExistentQueue")
}

func TestADeletedQueueLeavesNothingAndItsNameRests(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		c.send(url, "old", nil)
		c.must("DeleteQueue", in{"QueueUrl": url}, nil)
		c.wantCode(c.try("SendMessage", in{"QueueUrl": url, "MessageBody": "x"}, nil), "AWS.SimpleQueueService.NonExistentQueue")
		c.wantCode(c.try("CreateQueue", in{"QueueName": "q"}, nil), "AWS.SimpleQueueService.QueueDeletedRecently")
		time.Sleep(time.Minute)
		c.wantBodies(c.receive(c.create("q", nil), nil))
	})
}

func TestPurgeEmptiesAllAndComesOnceAMinute(t *testing.T) {
	inTime(t, func(t *testing.T, c client) {
		url := c.create("q", nil)
		c.send(url, "in flight", nil)
		held := c.one(url)
		c.send(url, "delayed", in{"DelaySeconds": 5})
		c.send(url, "visible", nil)
		c.must("PurgeQueue", in{"QueueUrl": url}, nil)
		if got := c.counts(url); got != [3]string{"0", "0", "0"} {
			t.Errorf("counts %v", got)
		}
		c.delete(url, held)
		c.wantCode(c.try("PurgeQueue", in{"QueueUrl": url}, nil), "AWS.SimpleQueueService.PurgeQueueInProgress")
		time.Sleep(time.Minute)
		c.must("PurgeQueue", in{"QueueUrl": url}, nil)
	})
}

func TestAskingForAttributes(t *testing.T) {
	c := newClient(t)
	url := c.create("q", nil)
	ask := func(names ...string) (map[string]string, error) {
		var out struct{ Attributes map[string]string }
		err := c.try("GetQueueAttributes", in{"QueueUrl": url, "AttributeNames": names}, &out)
		return out.Attributes, err
	}
	some, err := ask("QueueArn", "RedrivePolicy")
	if err != nil || len(some) != 1 || some["QueueArn"] != c.s.arn("q") {
		t.Errorf("attributes %v, error %v", some, err)
	}
	if none, err := ask(); err != nil || len(none) != 0 {
		t.Errorf("attributes %v, error %v", none, err)
	}
	_, err = ask("Color")
	c.wantCode(err, "InvalidAttributeName")
}

func TestANewDelay(t *testing.T) {
	for name, fifo := range map[string]bool{"is for old messages too in a FIFO queue": true, "is for new messages in a standard queue": false} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T, c client) {
				url := c.create("q", map[string]string{"DelaySeconds": "100"})
				more := in{}
				if fifo {
					url = c.create("q.fifo", map[string]string{"DelaySeconds": "100", "FifoQueue": "true"})
					more = in{"MessageGroupId": "g", "MessageDeduplicationId": "d"}
				}
				c.send(url, "x", more)
				c.must("SetQueueAttributes", in{"QueueUrl": url, "Attributes": in{"DelaySeconds": "10"}}, nil)
				time.Sleep(10 * time.Second)
				if got := len(c.receive(url, nil)) == 1; got != fifo {
					t.Errorf("received after the new delay: %v", got)
				}
			})
		})
	}
}
