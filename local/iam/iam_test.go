package iam_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fulcrum/local/aws"
	"fulcrum/local/iam"
	"fulcrum/local/template"
)

func TestWhatACallAsksFor(t *testing.T) {
	const queue, table = "arn:aws:sqs:us-east-1:0:q", "arn:aws:dynamodb:us-east-1:0:table/t"
	tests := map[string]struct {
		call aws.Record
		want []string
	}{
		"a single action":                 {aws.Record{Service: "sqs", Action: "SendMessage", Resource: queue}, []string{"sqs:SendMessage " + queue}},
		"a batch asks as its parts do":    {aws.Record{Service: "sqs", Action: "SendMessageBatch", Resource: queue}, []string{"sqs:SendMessage " + queue}},
		"a transaction asks for each":     {aws.Record{Service: "dynamodb", Action: "TransactWriteItems", Parts: "PutItem ConditionCheckItem", Resource: table}, []string{"dynamodb:PutItem " + table, "dynamodb:ConditionCheckItem " + table}},
		"reads of a transaction":          {aws.Record{Service: "dynamodb", Action: "TransactGetItems", Resource: table}, []string{"dynamodb:GetItem " + table}},
		"a read of many is its own":       {aws.Record{Service: "dynamodb", Action: "BatchGetItem", Resource: table}, []string{"dynamodb:BatchGetItem " + table}},
		"a secret without its suffix":     {aws.Record{Service: "secretsmanager", Action: "GetSecretValue", Resource: "arn:aws:secretsmanager:us-east-1:0:secret:a/b-0-Ab12Cd"}, []string{"secretsmanager:GetSecretValue arn:aws:secretsmanager:us-east-1:0:secret:a/b-0"}},
		"several resources":               {aws.Record{Service: "dynamodb", Action: "Query", Resource: "a b"}, []string{"dynamodb:Query a", "dynamodb:Query b"}},
		"what is not there asks nothing":  {aws.Record{Service: "sqs", Action: "SendMessage"}, nil},
		"a move takes from its source":    {aws.Record{Service: "sqs", Action: "StartMessageMoveTask", Resource: queue}, []string{"sqs:StartMessageMoveTask " + queue, "sqs:ReceiveMessage " + queue, "sqs:DeleteMessage " + queue, "sqs:GetQueueAttributes " + queue}},
		"a receive is not cut at its end": {aws.Record{Service: "sqs", Action: "ReceiveMessage", Resource: queue}, []string{"sqs:ReceiveMessage " + queue}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range iam.Calls(tt.call) {
				got = append(got, p.String())
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestWhatAGrantCovers(t *testing.T) {
	for name, tt := range map[string]struct {
		grant, call iam.Permission
		want        bool
	}{
		"the same":                    {iam.Permission{"s:A", "x"}, iam.Permission{"s:A", "x"}, true},
		"another action":              {iam.Permission{"s:A", "x"}, iam.Permission{"s:B", "x"}, false},
		"another resource":            {iam.Permission{"s:A", "x"}, iam.Permission{"s:A", "xy"}, false},
		"a star at the end":           {iam.Permission{"s:A", "x*"}, iam.Permission{"s:A", "xy"}, true},
		"a star stands for nothing":   {iam.Permission{"s:A", "x*"}, iam.Permission{"s:A", "x"}, true},
		"a star in the middle":        {iam.Permission{"s:A", "a-*-dead"}, iam.Permission{"s:A", "a-b-c-dead"}, true},
		"the end behind a star":       {iam.Permission{"s:A", "a-*-dead"}, iam.Permission{"s:A", "a-b-deadly"}, false},
		"the beginning before a star": {iam.Permission{"s:A", "a*"}, iam.Permission{"s:A", "ba"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tt.grant.Covers(tt.call); got != tt.want {
				t.Errorf("%v covers %v: %v", tt.grant, tt.call, got)
			}
		})
	}
}

const text = `Resources:
  Q: { Type: AWS::SQS::Queue }
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement: [{ Effect: Allow, Action: s:Shared, Resource: "*" }]
  F:
    Type: AWS::Serverless::Function
    Properties: { Role: !GetAtt FRole.Arn }
  FRole:
    Type: AWS::IAM::Role
    Properties:
      ManagedPolicyArns: [!Ref Shared]
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - { Effect: EFFECT, Action: [sqs:SendMessage, sqs:ReceiveMessage], Resource: [!GetAtt Q.Arn] }
`

func roles(t *testing.T, text string) (iam.Roles, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	read, err := template.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := template.NewStack(read, template.Settings{StackName: "s", Region: "r", Account: "0"})
	if err != nil {
		t.Fatal(err)
	}
	resources, err := stack.Resources(stack.Values())
	if err != nil {
		t.Fatal(err)
	}
	return iam.New(resources, stack.Values())
}

func TestRolesHaveTheirOwnAndTheirManagedPolicies(t *testing.T) {
	got, err := roles(t, strings.Replace(text, "EFFECT", "Allow", 1))
	if err != nil {
		t.Fatal(err)
	}
	for call, want := range map[iam.Permission]bool{
		{Action: "sqs:SendMessage", Resource: "arn:aws:sqs:r:0:s-Q"}:   true,
		{Action: "sqs:DeleteMessage", Resource: "arn:aws:sqs:r:0:s-Q"}: false,
		{Action: "s:Shared", Resource: "anything"}:                     true,
	} {
		if got.Allows("F", call) != want {
			t.Errorf("%v: %v", call, !want)
		}
		if got.Allows("G", call) {
			t.Errorf("a function that is not there may %v", call)
		}
	}
}

func TestStatementsThatDenyAreNotPassedOver(t *testing.T) {
	if _, err := roles(t, strings.Replace(text, "EFFECT", "Deny", 1)); err == nil {
		t.Error("taken for a grant, or for nothing")
	}
}

func TestABookIsReadAsItWasWritten(t *testing.T) {
	var book, again iam.Book
	book.Note(aws.Record{Caller: "F", Service: "sqs", Action: "SendMessage", Resource: "q"})
	book.Note(aws.Record{Caller: "F", Service: "sqs", Action: "SendMessage", Resource: "q"})
	book.Note(aws.Record{Caller: "E", Service: "dynamodb", Action: "GetItem", Resource: "t"})
	var out strings.Builder
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	if want := "E dynamodb:GetItem t\nF sqs:SendMessage q\n"; out.String() != want {
		t.Fatalf("written %q, want %q", out.String(), want)
	}
	if err := again.Read(strings.NewReader(out.String())); err != nil || !slices.Equal(again.Of("F"), book.Of("F")) {
		t.Errorf("read %v, %v", again.Of("F"), err)
	}
	if again.Read(strings.NewReader("F sqs:SendMessage\n")) == nil {
		t.Error("half a line is taken")
	}
}

func TestThePlatformActsInAFunctionsName(t *testing.T) {
	var book iam.Book
	book.Add("F", iam.Permission{Action: "dynamodb:GetItem", Resource: "t"})
	book.Add("F", iam.Permission{Action: "secretsmanager:CreateSecret", Resource: "s"})
	book.Platform(template.Wiring{
		Functions: []template.Function{{ID: "F"}}, Queues: []template.QueueSource{{Function: "F", Queue: "q"}},
	}, template.Values{"FLogs": {"Arn": "l"}, "Key": {"Arn": "k"}})
	var out strings.Builder
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"logs:PutLogEvents l", "xray:PutTraceSegments *", "sqs:DeleteMessage q", "kms:Decrypt@dynamodb k", "kms:DescribeKey@dynamodb k", "kms:GenerateDataKey@secretsmanager k"} {
		if !strings.Contains(out.String(), "F "+want+"\n") {
			t.Errorf("%s is missing in\n%s", want, out.String())
		}
	}
}
