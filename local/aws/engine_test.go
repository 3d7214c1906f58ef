package aws_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	engine "fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/local/keep"
)

// host is where the engine is reached in these tests.
const host = "aws.local:4566"

func start(t *testing.T, o engine.Options) *engine.Engine {
	t.Helper()
	e, err := engine.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// raw makes a call without the SDK. A target that begins with a slash is a path.
func raw(t *testing.T, e *engine.Engine, target, body string) (*http.Response, string) {
	t.Helper()
	path := "/"
	if strings.HasPrefix(target, path) {
		path, target = target, ""
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=hub-deliver/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
	res, err := inproc.Hosts{host: e}.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(answer)
}

// config is an SDK configuration for a function of that name, which tries each
// call so many times.
func config(e *engine.Engine, name string, attempts int) aws.Config {
	return aws.Config{
		Region: engine.Region, BaseEndpoint: aws.String("http://" + host),
		HTTPClient: &http.Client{Transport: inproc.Hosts{host: e}},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: name, SecretAccessKey: "none"}, nil
		}),
		Retryer: func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, time.Second })
		},
	}
}

func TestCallsFindTheirService(t *testing.T) {
	tests := map[string]struct {
		target, body string
		status       int
		contentType  string
		says         string // a part of the answer
		query        string // X-Amzn-Query-Error
		restError    string // X-Amzn-Errortype
	}{
		"SQS":                      {target: "AmazonSQS.ListQueues", body: `{}`, status: 200, contentType: "application/x-amz-json-1.0", says: `{}`},
		"Secrets Manager":          {target: "secretsmanager.ListSecrets", body: `{}`, status: 200, contentType: "application/x-amz-json-1.1", says: `"SecretList":[]`},
		"DynamoDB":                 {target: "DynamoDB_20120810.ListTables", body: `{}`, status: 200, contentType: "application/x-amz-json-1.0", says: `"TableNames":[]`},
		"an error":                 {target: "secretsmanager.GetSecretValue", body: `{"SecretId":"none"}`, status: 400, contentType: "application/x-amz-json-1.1", says: `"__type":"ResourceNotFoundException"`},
		"an error of SQS":          {target: "AmazonSQS.GetQueueUrl", body: `{"QueueName":"none"}`, status: 400, contentType: "application/x-amz-json-1.0", says: `"__type":"QueueDoesNotExist"`, query: "AWS.SimpleQueueService.NonExistentQueue;Sender"},
		"another action of SQS":    {target: "AmazonSQS.TagQueue", body: `{}`, status: 501, contentType: "application/x-amz-json-1.0", says: "SQS TagQueue is not supported here"},
		"another action of the SM": {target: "secretsmanager.RotateSecret", body: `{}`, status: 501, contentType: "application/x-amz-json-1.1", says: "NotSupportedHere"},
		"another action of the DB": {target: "DynamoDB_20120810.CreateBackup", body: `{}`, status: 501, contentType: "application/x-amz-json-1.0", says: "NotSupportedHere"},
		"another option":           {target: "AmazonSQS.SendMessage", body: `{"MessageSystemAttributes":{}}`, status: 501, contentType: "application/x-amz-json-1.0", says: "MessageSystemAttributes of SendMessage"},
		"SES":                      {target: "/v2/email/identities", body: `{"EmailIdentity":"a@example.com"}`, status: 200, contentType: "application/json", says: `"IdentityType":"EMAIL_ADDRESS"`},
		"an error of SES":          {target: "/v2/email/identities", body: `{"EmailIdentity":"@"}`, status: 400, contentType: "application/json", says: `"message":"Illegal address"`, restError: "BadRequestException"},
		"another action of SES":    {target: "/v2/email/contact-lists", body: `{}`, status: 501, contentType: "application/json", says: "SES POST /v2/email/contact-lists is not", restError: "NotSupportedHere"},
		"another option of SES":    {target: "/v2/email/outbound-emails", body: `{"EmailTags":[]}`, status: 501, contentType: "application/json", says: "EmailTags of SendEmail", restError: "NotSupportedHere"},
		"another path":             {target: "/v2/other", body: `{}`, status: 501, contentType: "application/x-amz-json-1.0", says: "X-Amz-Target"},
		"another service":          {target: "AWSEvents.PutEvents", body: `{}`, status: 501, contentType: "application/x-amz-json-1.0", says: "NotSupportedHere"},
		"no target":                {body: `{}`, status: 501, contentType: "application/x-amz-json-1.0", says: "X-Amz-Target"},
		"a target without action":  {target: "AmazonSQS", body: `{}`, status: 501, contentType: "application/x-amz-json-1.0", says: "X-Amz-Target"},
		"a body beyond all limits": {target: "AmazonSQS.SendMessage", body: strings.Repeat(" ", 17<<20+1), status: 400, contentType: "application/x-amz-json-1.0", says: "SerializationException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			res, body := raw(t, start(t, engine.Options{}), tt.target, tt.body)
			if res.StatusCode != tt.status || res.Header.Get("Content-Type") != tt.contentType || res.Header.Get("X-Amzn-Query-Error") != tt.query || res.Header.Get("X-Amzn-Errortype") != tt.restError {
				t.Errorf("status %d, headers %v", res.StatusCode, res.Header)
			}
			if !json.Valid([]byte(body)) || !strings.Contains(body, tt.says) {
				t.Errorf("answer %s, want %s in it", body, tt.says)
			}
			if sum := strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 10); res.Header.Get("X-Amz-Crc32") != sum {
				t.Errorf("sum %s, want %s", res.Header.Get("X-Amz-Crc32"), sum)
			}
			if res.Header.Get("X-Amzn-Requestid") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestQueueURLsLeadBackToWhereTheEngineWasReached(t *testing.T) {
	_, body := raw(t, start(t, engine.Options{}), "AmazonSQS.CreateQueue", `{"QueueName":"work"}`)
	if want := `{"QueueUrl":"http://` + host + `/000000000000/work"}`; body != want {
		t.Errorf("answer %s, want %s", body, want)
	}
}

// recorder keeps the records of an engine.
type recorder struct {
	mu  sync.Mutex
	all []engine.Record
}

func (r *recorder) observe(x engine.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, x)
}

func TestEveryCallIsRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var rec recorder
		e := start(t, engine.Options{Observe: rec.observe})
		arn := "arn:aws:sqs:us-east-1:000000000000:work"
		raw(t, e, "AmazonSQS.CreateQueue", `{"QueueName":"work"}`)
		time.Sleep(time.Second)
		raw(t, e, "AmazonSQS.SendMessage", `{"QueueUrl":"work"}`)
		raw(t, e, "AmazonSQS.TagQueue", `{}`)
		raw(t, e, "DynamoDB_20120810.DescribeTable", `{"TableName":"none"}`)
		raw(t, e, "secretsmanager.CreateSecret", `{"Name":"s","ClientRequestToken":"00000000-0000-0000-0000-000000000000"}`)
		raw(t, e, "/v2/email/outbound-emails", `{"FromEmailAddress":"Us <a@example.com>","Content":{"Simple":{}}}`)
		raw(t, e, "/v2/email/tags", `{}`)
		now := time.Now()
		want := []engine.Record{
			{Caller: "hub-deliver", Service: "sqs", Action: "CreateQueue", Resource: arn, At: now.Add(-time.Second)},
			{Caller: "hub-deliver", Service: "sqs", Action: "SendMessage", Resource: arn, Code: "MissingRequiredParameterException", At: now},
			{Caller: "hub-deliver", Service: "sqs", Action: "TagQueue", Code: "NotSupportedHere", At: now},
			{Caller: "hub-deliver", Service: "dynamodb", Action: "DescribeTable", Resource: "arn:aws:dynamodb:us-east-1:000000000000:table/none", Code: "ResourceNotFoundException", At: now},
			{Caller: "hub-deliver", Service: "secretsmanager", Action: "CreateSecret", At: now},
			{Caller: "hub-deliver", Service: "ses", Action: "SendEmail", Resource: "arn:aws:ses:us-east-1:000000000000:identity/a@example.com", Code: "BadRequestException", At: now},
			{Caller: "hub-deliver", Service: "ses", Action: "POST /v2/email/tags", Code: "NotSupportedHere", At: now},
		}
		if len(rec.all) != len(want) {
			t.Fatalf("%d records, want %d", len(rec.all), len(want))
		}
		for i, got := range rec.all {
			if got.Service == "secretsmanager" && strings.HasPrefix(got.Resource, "arn:aws:secretsmanager:us-east-1:000000000000:secret:s-") {
				got.Resource = ""
			}
			if got != want[i] {
				t.Errorf("record %+v, want %+v", got, want[i])
			}
		}
	})
}

func TestARecordIsJSONWithTheFunctionsName(t *testing.T) {
	got, err := json.Marshal(engine.Record{Caller: "hub-deliver", Service: "sqs", Action: "SendMessage", Resource: "r", At: time.Unix(0, 0).UTC()})
	want := `{"function":"hub-deliver","service":"sqs","action":"SendMessage","resource":"r","at":"1970-01-01T00:00:00Z"}`
	if err != nil || string(got) != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

func TestTheClockMayBeChosen(t *testing.T) {
	now := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	var rec recorder
	e := start(t, engine.Options{Now: func() time.Time { return now }, Observe: rec.observe})
	raw(t, e, "AmazonSQS.CreateQueue", `{"QueueName":"work"}`)
	_, body := raw(t, e, "AmazonSQS.GetQueueAttributes", `{"QueueUrl":"work","AttributeNames":["CreatedTimestamp"]}`)
	if !strings.Contains(body, fmt.Sprintf(`"CreatedTimestamp":"%d"`, now.Unix())) || !rec.all[0].At.Equal(now) {
		t.Errorf("answer %s, recorded at %v", body, rec.all[0].At)
	}
}

// use makes one of everything, and look says what is there.
func use(t *testing.T, e *engine.Engine) {
	t.Helper()
	cfg := config(e, "setup", 1)
	db := dynamodb.NewFromConfig(cfg)
	_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("state"), BillingMode: ddb.BillingModePayPerRequest,
		KeySchema:            []ddb.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: ddb.KeyTypeHash}},
		AttributeDefinitions: []ddb.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: ddb.ScalarAttributeTypeS}},
	})
	must(t, err)
	_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("state"), Item: map[string]ddb.AttributeValue{
		"pk": &ddb.AttributeValueMemberS{Value: "a"}, "value": &ddb.AttributeValueMemberS{Value: "item"},
	}})
	must(t, err)
	queue, err := sqs.NewFromConfig(cfg).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("work")})
	must(t, err)
	_, err = sqs.NewFromConfig(cfg).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String("message")})
	must(t, err)
	_, err = secretsmanager.NewFromConfig(cfg).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("keys"), SecretString: aws.String("secret")})
	must(t, err)
}

func look(t *testing.T, e *engine.Engine) string {
	t.Helper()
	cfg := config(e, "look", 1)
	item, err := dynamodb.NewFromConfig(cfg).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("state"),
		Key: map[string]ddb.AttributeValue{"pk": &ddb.AttributeValueMemberS{Value: "a"}}})
	must(t, err)
	value, ok := item.Item["value"].(*ddb.AttributeValueMemberS)
	if !ok {
		t.Fatalf("item %v", item.Item)
	}
	messages, err := sqs.NewFromConfig(cfg).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://" + host + "/0/work"), VisibilityTimeout: 10, WaitTimeSeconds: 20})
	must(t, err)
	if len(messages.Messages) != 1 {
		t.Fatalf("%d messages", len(messages.Messages))
	}
	secret, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("keys")})
	must(t, err)
	return value.Value + " " + *messages.Messages[0].Body + " " + *secret.SecretString
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheStateOutlivesTheEngine(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		for i := range 3 {
			e := start(t, engine.Options{Dir: dir})
			if i == 0 {
				use(t, e)
			}
			if got := look(t, e); got != "item message secret" {
				t.Errorf("engine %d has %q", i, got)
			}
			must(t, e.Close())
		}
	})
}

func TestADataFolderIsForOneEngine(t *testing.T) {
	dir := t.TempDir()
	e := start(t, engine.Options{Dir: dir})
	if _, err := engine.New(engine.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "another stack") {
		t.Errorf("error %v", err)
	}
	must(t, e.Close())
	must(t, start(t, engine.Options{Dir: dir}).Close())
}

// TestCallersAtOnce is for the race detector: the three services share the
// store, the mood and the record.
func TestCallersAtOnce(t *testing.T) {
	var rec recorder
	e := start(t, engine.Options{Dir: t.TempDir(), Observe: rec.observe})
	use(t, e)
	before := len(rec.all)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 5 {
				raw(t, e, "AmazonSQS.SendMessage", `{"QueueUrl":"work","MessageBody":"x"}`)
				raw(t, e, "secretsmanager.GetSecretValue", `{"SecretId":"keys"}`)
				raw(t, e, "DynamoDB_20120810.GetItem", `{"TableName":"state","Key":{"pk":{"S":"a"}}}`)
			}
		})
	}
	all.Wait()
	for _, r := range rec.all[before:] {
		if r.Code != "" {
			t.Errorf("%s %s: %s", r.Service, r.Action, r.Code)
		}
	}
	if n := len(rec.all) - before; n != 16*5*3 {
		t.Errorf("%d records", n)
	}
	must(t, e.Close())
}

func TestAnEngineDoesNotStartOnWhatItCannotRead(t *testing.T) {
	for bucket, says := range map[string]string{"sqs/queues": "load queues", "secretsmanager/secrets": "load secrets", "ses/mails": "load mails"} {
		t.Run(says, func(t *testing.T) {
			dir := t.TempDir()
			store, err := keep.Open(dir, "aws.db")
			must(t, err)
			must(t, store.Save(keep.Change{Bucket: bucket, Key: "a", Value: []byte("junk")}))
			must(t, store.Close())
			for range 2 { // the first lets go of the folder
				if _, err := engine.New(engine.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("error %v, want %q", err, says)
				}
			}
		})
	}
}
