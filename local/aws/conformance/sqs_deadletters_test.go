package conformance

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Q08: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
// and, for the time of sending, …/setting-up-dead-letter-queue-retention.html
func TestQ08DeadLetters(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q08", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url, dead := p.withDeadLetters(2, "VisibilityTimeout", "1")
		sent := p.send(url, "x")
		first := p.one(url)
		p.one(url)
		if got := p.receive(url, 1, 3); len(got) != 0 {
			t.Errorf("received a third time: %+v", got)
		}
		m := p.one(dead)
		if *m.MessageId != *sent.MessageId {
			t.Errorf("dead letter %s of %s", *m.MessageId, *sent.MessageId)
		}
		p.wantSystem(m, "SentTimestamp", first.Attributes["SentTimestamp"], "DeadLetterQueueSourceArn", p.arn(url), "ApproximateReceiveCount", "3")
	})
}

// Q10: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
// and, for the new ids, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
func TestQ10TakingDeadLettersBack(t *testing.T) {
	beside(t)
	everywhere(t, "sqs", "Q10", func(t *testing.T, e endpoint) {
		p := newPost(t, e)
		url, dead := p.withDeadLetters(1, "VisibilityTimeout", "1")
		sent := p.send(url, "x")
		p.one(url)
		p.bodies(p.receive(url, 1, 3))
		p.wantCounts(dead, "1 0 0")
		source := p.arn(dead)
		started, err := p.StartMessageMoveTask(p.ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &source})
		p.ok(err)
		if aws.ToString(started.TaskHandle) == "" {
			t.Error("no task handle")
		}
		m := p.one(url)
		if *m.Body != "x" || *m.MessageId == *sent.MessageId {
			t.Errorf("moved %+v of %+v", m, sent)
		}
		p.wantSystem(m, "ApproximateReceiveCount", "1")
		task := p.ended(source)
		if *task.Status != "COMPLETED" || task.ApproximateNumberOfMessagesMoved != 1 || aws.ToInt64(task.ApproximateNumberOfMessagesToMove) != 1 || task.TaskHandle != nil {
			t.Errorf("task %+v", task)
		}
		_, err = p.StartMessageMoveTask(p.ctx, &sqs.StartMessageMoveTaskInput{SourceArn: aws.String(p.arn(url))})
		p.refused(err, "InvalidParameterValue") // it is nobody's dead-letter queue
	})
}

// ended is the latest task of a source once it has ended. Receiving from an
// empty queue is the pause between two looks.
func (p *post) ended(source string) types.ListMessageMoveTasksResultEntry {
	p.t.Helper()
	idle := p.queue()
	for range 20 {
		out, err := p.ListMessageMoveTasks(p.ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &source})
		p.ok(err)
		if len(out.Results) == 1 && !slices.Contains([]string{"RUNNING", "CANCELLING"}, *out.Results[0].Status) {
			return out.Results[0]
		}
		p.receive(idle, 1, 1)
	}
	p.t.Fatal("the task does not end")
	return types.ListMessageMoveTasksResultEntry{}
}
