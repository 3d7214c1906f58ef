package deploy

import (
	"strings"

	"fulcrum/local/template"
)

// Days of retention, in seconds.
const (
	fourDays     = 4 * 24 * 60 * 60
	fourteenDays = 14 * 24 * 60 * 60
)

type queue struct {
	QueueName              string `yaml:"QueueName"`
	FIFO                   bool   `yaml:"FifoQueue"`
	VisibilityTimeout      int    `yaml:"VisibilityTimeout"`
	MessageRetentionPeriod int    `yaml:"MessageRetentionPeriod"`
	SqsManagedSseEnabled   bool   `yaml:"SqsManagedSseEnabled"`
	KmsMasterKeyID         string `yaml:"KmsMasterKeyId"`
	DeduplicationScope     string `yaml:"DeduplicationScope"`
	FifoThroughputLimit    string `yaml:"FifoThroughputLimit"`
	RedrivePolicy          struct {
		Target string `yaml:"deadLetterTargetArn"`
		Count  int    `yaml:"maxReceiveCount"`
	} `yaml:"RedrivePolicy"`
	RedriveAllowPolicy struct {
		Permission string   `yaml:"redrivePermission"`
		Sources    []string `yaml:"sourceQueueArns"`
	} `yaml:"RedriveAllowPolicy"`
}

// queues says that each queue comes with one for dead letters, which takes from it
// and from no other and keeps them as long as SQS can, and that what is on it is
// encrypted. Where the clock's failures go there is nobody who takes, so that nothing
// becomes a dead letter. SQS developer guide, "Using dead-letter queues": both must be of one
// kind.
func queues(c *check) error {
	all := map[string]queue{}
	err := each(c, template.QueueType, func(id string, q queue) { all[id] = q })
	if err != nil {
		return err
	}
	kept := c.kept()
	for id, q := range all {
		c.want(q.SqsManagedSseEnabled || q.KmsMasterKeyID != "", "queue encrypted", id, "it says nothing of encryption")
		c.want(q.FifoThroughputLimit != "perMessageGroupId" || q.DeduplicationScope == "messageGroup", "queue order", id,
			"throughput per message group needs deduplication per message group")
		if kept[id] {
			c.failures(id, q)
			continue
		}
		if strings.HasSuffix(id, "DeadLetters") {
			c.deadLetters(id, q, all)
			continue
		}
		target := c.idOf(q.RedrivePolicy.Target)
		_, there := all[target]
		c.want(there && strings.HasSuffix(target, "DeadLetters"), "dead letters", id, "it has no queue for dead letters")
		c.want(!there || all[target].FIFO == q.FIFO, "dead letters", id, "its dead letters go to a queue of another kind")
		c.want(q.RedrivePolicy.Count >= 3 && q.RedrivePolicy.Count <= 10, "dead letters", id, "a message is given up after %d receives, want 3 to 10", q.RedrivePolicy.Count)
		c.want(q.MessageRetentionPeriod >= fourDays && q.MessageRetentionPeriod < fourteenDays, "queue retention", id,
			"messages are kept %d s; want four days at least, and fewer than the dead letters, which keep a message's first time", q.MessageRetentionPeriod)
	}
	return nil
}

func (c *check) deadLetters(id string, q queue, all map[string]queue) {
	c.want(q.MessageRetentionPeriod == fourteenDays, "dead letters kept", id, "dead letters are kept %d s, not 14 days", q.MessageRetentionPeriod)
	allow := q.RedriveAllowPolicy
	c.want(allow.Permission == "byQueue" && len(allow.Sources) == 1, "dead letters allowed", id, "it takes dead letters of more than the one queue")
	for _, arn := range allow.Sources {
		source := all[c.idOf(arn)]
		c.want(c.idOf(source.RedrivePolicy.Target) == id, "dead letters allowed", id, "%s does not redrive into it", arn)
	}
	c.watched(id, q)
}

// failures are rules of a queue that only Lambda and the clock send to.
func (c *check) failures(id string, q queue) {
	c.want(q.MessageRetentionPeriod == fourteenDays, "dead letters kept", id, "what failed is kept %d s, not 14 days", q.MessageRetentionPeriod)
	c.want(q.RedriveAllowPolicy.Permission == "denyAll", "dead letters allowed", id, "another queue may give up into it")
	c.watched(id, q)
}

func (c *check) watched(id string, q queue) {
	watched := false
	err := each(c, "AWS::CloudWatch::Alarm", func(_ string, a alarm) {
		watched = watched || a.Metric == "ApproximateNumberOfMessagesVisible" && a.dimension("QueueName") == q.QueueName && a.Threshold == 0
	})
	c.want(err == nil && watched, "dead letters alarm", id, "no alarm goes off when something is in it")
}

// queuePolicies says that each queue refuses what does not come by TLS, and that
// none is open to everybody.
func queuePolicies(c *check) error {
	guarded := map[string]bool{}
	err := each(c, "AWS::SQS::QueuePolicy", func(id string, p struct {
		Queues   []string `yaml:"Queues"`
		Document policy   `yaml:"PolicyDocument"`
	}) {
		for _, url := range p.Queues {
			guarded[c.idOf(url)] = guarded[c.idOf(url)] || p.Document.deniesPlain("sqs:*")
		}
		for _, s := range p.Document.Statement {
			c.want(s.Effect == "Deny" || s.Principal != "*", "queue public", id, "everybody is allowed")
		}
	})
	for _, q := range c.of(template.QueueType) {
		c.want(guarded[q.ID], "queue TLS", q.ID, "it does not refuse what comes without TLS")
	}
	return err
}

// visibilityFactor is how many times a function's time-out a message stays hidden.
// Lambda developer guide, "Using Lambda with Amazon SQS": at least six times, so
// that a batch that was throttled can be tried again.
const visibilityFactor = 6

// sources says that a function can end what it is given before the queue gives it
// to another, that it says which messages failed, and that no more of it runs than
// it has room for.
func sources(c *check) error {
	all := map[string]queue{}
	if err := each(c, template.QueueType, func(id string, q queue) { all[id] = q }); err != nil {
		return err
	}
	if err := c.pollers(); err != nil {
		return err
	}
	for _, source := range c.Wiring.Queues {
		f, q := c.function(source.Function), all[c.idOf(source.Queue)]
		visible := q.VisibilityTimeout
		if visible == 0 {
			visible = 30
		}
		least := visibilityFactor*int(f.Timeout.Seconds()) + int(source.Window.Seconds())
		c.want(visible >= least, "queue visibility", f.ID, "its queue hides messages for %d s, want %d at least", visible, least)
		c.want(source.Partial, "partial batches", f.ID, "one failure would bring the whole batch again")
		c.want(source.Concurrency >= 2 && source.Concurrency <= 1000, "concurrency", f.ID, "MaximumConcurrency is %d, want 2 to 1000", source.Concurrency)
		c.want(f.Reserved == nil || source.Concurrency <= *f.Reserved, "concurrency", f.ID, "the queue starts more than the %d that are reserved", deref(f.Reserved))
		c.want(!q.FIFO || source.Batch <= 10 && source.Window == 0, "batch", f.ID, "a FIFO queue gives ten messages at once and does not wait")
	}
	return nil
}

// pollers says that no source has pollers of its own: Lambda takes them only without
// a maximum of concurrency, and they are paid for while nothing comes.
func (c *check) pollers() error {
	return each(c, template.FunctionType, func(id string, f struct {
		Events map[string]struct {
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Events"`
	}) {
		for name, e := range f.Events {
			c.want(e.Properties["ProvisionedPollerConfig"] == nil, "pollers", id, "%s has pollers of its own beside a maximum of concurrency", name)
		}
	})
}

func (c *check) function(id string) template.Function {
	for _, f := range c.Wiring.Functions {
		if f.ID == id {
			return f
		}
	}
	return template.Function{}
}

func deref(n *int) int {
	if n == nil {
		return 0
	}
	return *n
}
