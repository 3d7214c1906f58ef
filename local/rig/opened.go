package rig

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"fulcrum/shared/vault"
)

// Kept are all texts that the stack keeps, by where: every item of the table with
// what is sealed in it opened, every secret, and every message in a queue, the dead
// letters among them. It is to be called when the queues are quiet: what it reads
// of them is hidden from the functions for a moment.
func (r *Rig) Kept(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	r.items(t, all)
	r.secrets(t, all)
	r.messages(t, all)
	return all
}

func (r *Rig) items(t testing.TB, all map[string]string) {
	t.Helper()
	names := r.variables(t, "HubReconcile")
	v := vault.New(func(ctx context.Context) (string, error) {
		out, err := r.Clients.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(names["VAULT_SECRET"])})
		if err != nil {
			return "", err
		}
		return *out.SecretString, nil
	}, time.Now)
	pages := dynamodb.NewScanPaginator(r.Clients.DynamoDB, &dynamodb.ScanInput{TableName: aws.String(names["TABLE"])})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			key := text(item["pk"]) + "/" + text(item["sk"])
			all[key] = text(&types.AttributeValueMemberM{Value: item})
			sealed, ok := item["sealed"].(*types.AttributeValueMemberB)
			if !ok {
				continue
			}
			plain, err := v.Open(t.Context(), sealed.Value, key+"/"+version(item))
			if err != nil {
				t.Fatalf("%s: %v", key, err)
			}
			all[key] += string(plain)
		}
	}
}

// version is what an item's sealed value is bound to beside its key: one of two
// attributes, or zero.
func version(item map[string]types.AttributeValue) string {
	for _, name := range []string{"version", "revision"} {
		if n, ok := item[name].(*types.AttributeValueMemberN); ok {
			return n.Value
		}
	}
	return "0"
}

// text is everything readable in an attribute.
func text(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberB:
		return string(v.Value)
	case *types.AttributeValueMemberL:
		var all []string
		for _, one := range v.Value {
			all = append(all, text(one))
		}
		return strings.Join(all, " ")
	case *types.AttributeValueMemberM:
		var all []string
		for name, one := range v.Value {
			all = append(all, name, text(one))
		}
		return strings.Join(all, " ")
	}
	return fmt.Sprint(v)
}

func (r *Rig) secrets(t testing.TB, all map[string]string) {
	t.Helper()
	list, err := r.Clients.Secrets.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list.SecretList {
		out, err := r.Clients.Secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: s.ARN})
		if err != nil {
			t.Fatal(err)
		}
		all["secret "+*s.Name] = aws.ToString(out.SecretString)
	}
}

func (r *Rig) messages(t testing.TB, all map[string]string) {
	t.Helper()
	list, err := r.Clients.SQS.ListQueues(t.Context(), &sqs.ListQueuesInput{})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range list.QueueUrls {
		for more := true; more; {
			out, err := r.Clients.SQS.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 30})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range out.Messages {
				all["queue "+url+" "+*m.MessageId] = *m.Body
			}
			more = len(out.Messages) > 0
		}
	}
}
