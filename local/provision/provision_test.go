package provision_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"fulcrum/local/aws"
	"fulcrum/local/inproc"
	"fulcrum/local/provision"
	"fulcrum/local/template"
	"fulcrum/shared/boot"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// engine opens an embedded AWS that keeps its state in dir.
func engine(t *testing.T, dir string) (provision.Clients, *aws.Engine) {
	t.Helper()
	e, err := aws.New(aws.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return clients(e), e
}

func clients(h http.Handler) provision.Clients {
	config := sdk.Config{
		Region: aws.Region, BaseEndpoint: sdk.String("http://aws"), HTTPClient: &http.Client{Transport: inproc.Hosts{"aws": h}},
		Credentials: sdk.CredentialsProviderFunc(func(context.Context) (sdk.Credentials, error) {
			return sdk.Credentials{AccessKeyID: "runner", SecretAccessKey: "local"}, nil
		}),
		Retryer: func() sdk.Retryer { return sdk.NopRetryer{} },
	}
	return provision.Clients{DynamoDB: dynamodb.NewFromConfig(config), SQS: sqs.NewFromConfig(config), Secrets: secretsmanager.NewFromConfig(config), Mail: sesv2.NewFromConfig(config)}
}

func stack(t *testing.T, text string) *template.Stack {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	read, err := template.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := template.NewStack(read, template.Settings{StackName: "shop", Region: aws.Region, Account: aws.Account})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const shop = `Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
  Dead:
    Type: AWS::SQS::Queue
    Properties: { MessageRetentionPeriod: 1209600, RedriveAllowPolicy: { redrivePermission: allowAll } }
  Lanes:
    Type: AWS::SQS::Queue
    Properties: { FifoQueue: true, ContentBasedDeduplication: true }
  State:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }, { AttributeName: due, AttributeType: N }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      GlobalSecondaryIndexes:
        - { IndexName: due, KeySchema: [{ AttributeName: sk, KeyType: HASH }, { AttributeName: due, KeyType: RANGE }], Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [b, a] } }
        - { IndexName: all, KeySchema: [{ AttributeName: sk, KeyType: HASH }], Projection: { ProjectionType: ALL } }
      TimeToLiveSpecification: { AttributeName: expires, Enabled: true }
  Key:
    Type: AWS::SecretsManager::Secret
    Properties: { GenerateSecretString: { SecretStringTemplate: '{"user":"u"}', GenerateStringKey: password } }
  Where:
    Type: AWS::SecretsManager::Secret
    Properties: { Name: shop/where, Description: where it is, SecretString: !Sub "${Orders} ${State.Arn}" }
`

func up(t *testing.T, c provision.Clients, s *template.Stack) template.Values {
	t.Helper()
	values, err := provision.Up(t.Context(), s, c)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func attributes(t *testing.T, c provision.Clients, url string) map[string]string {
	t.Helper()
	out, err := c.SQS.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes
}

func value(t *testing.T, c provision.Clients, id string) string {
	t.Helper()
	out, err := c.Secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		t.Fatal(err)
	}
	return *out.SecretString
}

func TestEverythingOfTheTemplateIsMadeWithItsRealValues(t *testing.T) {
	c, e := engine(t, "")
	defer e.Close()
	values := up(t, c, stack(t, shop))
	for id, want := range map[string]map[string]string{
		"Orders": {"": "http://aws/000000000000/shop-Orders", "QueueUrl": "http://aws/000000000000/shop-Orders", "QueueName": "shop-Orders", "Arn": "arn:aws:sqs:us-east-1:000000000000:shop-Orders"},
		"State":  {"": "shop-State", "Arn": "arn:aws:dynamodb:us-east-1:000000000000:table/shop-State"},
	} {
		if !reflect.DeepEqual(values[id], want) {
			t.Errorf("%s: %v, want %v", id, values[id], want)
		}
	}
	orders := attributes(t, c, values["Orders"][""])
	if orders["VisibilityTimeout"] != "60" || orders["RedrivePolicy"] != `{"deadLetterTargetArn":"`+values["Dead"]["Arn"]+`","maxReceiveCount":3}` {
		t.Errorf("Orders %v", orders)
	}
	if lanes := attributes(t, c, values["Lanes"][""]); lanes["FifoQueue"] != "true" || values["Lanes"]["QueueName"] != "shop-Lanes.fifo" {
		t.Errorf("Lanes %v", lanes)
	}
	if got := value(t, c, values["Where"][""]); got != "http://aws/000000000000/shop-Orders arn:aws:dynamodb:us-east-1:000000000000:table/shop-State" {
		t.Errorf("Where %q", got)
	}
	var generated map[string]string
	if err := json.Unmarshal([]byte(value(t, c, "shop-Key")), &generated); err != nil || generated["user"] != "u" || len(generated["password"]) != 32 {
		t.Errorf("Key %v %v", generated, err)
	}
	name := "shop-State"
	table, err := c.DynamoDB.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil || len(table.Table.GlobalSecondaryIndexes) != 2 || table.Table.TableStatus != "ACTIVE" {
		t.Errorf("table %+v %v", table, err)
	}
	ttl, err := c.DynamoDB.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
	if err != nil || *ttl.TimeToLiveDescription.AttributeName != "expires" {
		t.Errorf("time to live %+v %v", ttl, err)
	}
}

func TestWhatIsThereStaysAcrossRestarts(t *testing.T) {
	dir := t.TempDir()
	c, e := engine(t, dir)
	first := up(t, c, stack(t, shop))
	url, body := first["Orders"][""], "an order"
	if _, err := c.SQS.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
		t.Fatal(err)
	}
	password := value(t, c, "shop-Key")
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	c, e = engine(t, dir)
	defer e.Close()
	again := up(t, c, stack(t, shop))
	if !reflect.DeepEqual(again, first) {
		t.Errorf("values %v, before %v", again, first)
	}
	if got := value(t, c, "shop-Key"); got != password {
		t.Error("the secret has another value")
	}
	if n := attributes(t, c, url)["ApproximateNumberOfMessages"]; n != "1" {
		t.Errorf("%s messages", n)
	}
}

func TestAttributesOfAQueueFollowTheTemplate(t *testing.T) {
	c, e := engine(t, "")
	defer e.Close()
	url := up(t, c, stack(t, shop))["Orders"][""]
	changed := strings.Replace(shop, "VisibilityTimeout: 60\n      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }", "VisibilityTimeout: 90", 1)
	up(t, c, stack(t, changed))
	got := attributes(t, c, url)
	if _, ok := got["RedrivePolicy"]; ok || got["VisibilityTimeout"] != "90" {
		t.Errorf("attributes %v", got)
	}
}

func TestWhatCannotBeMadeIsNamed(t *testing.T) {
	tests := map[string]struct{ old, new, want string }{
		"a table with another key": {"{ AttributeName: sk, KeyType: RANGE }]\n", "{ AttributeName: due, KeyType: RANGE }]\n",
			"State: the table shop-State is there with other keys or indexes than the template has; remove it (or the folder DATA_DIR) to have it made anew"},
		"a table with another index": {"NonKeyAttributes: [b, a]", "NonKeyAttributes: [b]",
			"State: the table shop-State is there with other keys or indexes than the template has; remove it (or the folder DATA_DIR) to have it made anew"},
		"a table that expires otherwise": {"{ AttributeName: expires,", "{ AttributeName: gone,",
			"State: time to live of the table shop-State: it is expires, and gone in the template"},
		"a queue that SQS refuses":              {"VisibilityTimeout: 60", "VisibilityTimeout: 43201", "Orders: change the queue shop-Orders: "},
		"a new queue that SQS refuses":          {"  Lanes:\n", "  Odd: { Type: AWS::SQS::Queue, Properties: { DelaySeconds: 901 } }\n  Lanes:\n", "Odd: make the queue shop-Odd: "},
		"a secret of no characters":             {"{ GenerateSecretString: { SecretStringTemplate: '{\"user\":\"u\"}', GenerateStringKey: password } }", "{ Name: new, GenerateSecretString: { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true } }", "Key: generate the secret new: every character is excluded"},
		"a template's own error":                {"!Sub \"${Orders} ${State.Arn}\"", "!Sub \"${Nobody}\"", "there is no parameter or resource Nobody"},
		"resources that refer to each other":    {"{ redrivePermission: allowAll }", "{ sourceQueueArns: [!GetAtt Orders.Arn] }", "circular dependency between resources: Orders, Dead, Orders"},
		"a table whose indexes are not defined": {"  State:\n", "  Other:\n    Type: AWS::DynamoDB::Table\n    Properties: { KeySchema: [{ AttributeName: pk, KeyType: HASH }], AttributeDefinitions: [] }\n  State:\n", "Other: make the table shop-Other: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, e := engine(t, "")
			defer e.Close()
			up(t, c, stack(t, shop))
			_, err := provision.Up(t.Context(), stack(t, strings.Replace(shop, tt.old, tt.new, 1)), c)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASecretThatIsBeingDeletedIsNotReplaced(t *testing.T) {
	c, e := engine(t, "")
	defer e.Close()
	up(t, c, stack(t, shop))
	name := "shop-Key"
	if _, err := c.Secrets.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: &name}); err != nil {
		t.Fatal(err)
	}
	if _, err := provision.Up(t.Context(), stack(t, shop), c); err == nil || err.Error() != "Key: the secret shop-Key is scheduled for deletion" {
		t.Errorf("got %v", err)
	}
}

func TestAnEndpointThatIsAwayIsAnError(t *testing.T) {
	tests := map[string]struct{ resource, want string }{
		"of queues":  {"{ Type: AWS::SQS::Queue }", "A: look for the queue shop-A: "},
		"of tables":  {"{ Type: AWS::DynamoDB::Table }", "A: look for the table shop-A: "},
		"of secrets": {"{ Type: AWS::SecretsManager::Secret }", "A: look for the secret shop-A: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := clients(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }))
			_, err := provision.Up(t.Context(), stack(t, "Resources:\n  A: "+tt.resource+"\n"), c)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The clients of the bundle are made by package boot; those above must not
// differ from them in what matters here.
func TestTheBundlesOwnClientsWork(t *testing.T) {
	e, err := aws.New(aws.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	env := boot.NewEnv(func(name string) string {
		return map[string]string{"AWS_REGION": aws.Region, "AWS_ENDPOINT_URL": "http://aws", "AWS_ACCESS_KEY_ID": "runner", "AWS_SECRET_ACCESS_KEY": "local"}[name]
	})
	local := func(c sdk.Config) sdk.Config {
		c.HTTPClient = &http.Client{Transport: boot.WholeBody(inproc.Hosts{"aws": e})}
		return c
	}
	up(t, provision.Clients{
		DynamoDB: dynamodb.NewFromConfig(local(env.AWS("DYNAMODB", boot.Working))),
		SQS:      sqs.NewFromConfig(local(env.AWS("SQS", boot.Working))),
		Secrets:  secretsmanager.NewFromConfig(local(env.AWS("SECRETS_MANAGER", boot.Working))),
	}, stack(t, shop))
}
