package aws_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	engine "fulcrum/local/aws"
	"fulcrum/shared/boot"
)

// BenchmarkSend has 16 callers send messages of 1 KB over loopback, with the SDK
// as the functions use it, to an engine that keeps its state.
func BenchmarkSend(b *testing.B) {
	e, err := engine.New(engine.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	srv := httptest.NewServer(e)
	b.Cleanup(func() { srv.Close(); e.Close() })
	env := map[string]string{"AWS_REGION": engine.Region, "AWS_ENDPOINT_URL": srv.URL, "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "none"}
	api := sqs.NewFromConfig(boot.NewEnv(func(name string) string { return env[name] }).AWS("SQS", boot.Patience{Attempt: 10 * time.Second, Attempts: 1}))
	queue, err := api.CreateQueue(b.Context(), &sqs.CreateQueueInput{QueueName: aws.String("work")})
	if err != nil {
		b.Fatal(err)
	}
	body := strings.Repeat("x", 1000)
	b.SetParallelism(8) // times GOMAXPROCS
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := api.SendMessage(b.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: &body, MessageGroupId: aws.String("g")}); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}
