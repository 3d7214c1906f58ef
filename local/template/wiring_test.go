package template_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fulcrum/local/template"
)

func stack(t *testing.T, overrides ...string) *template.Stack {
	t.Helper()
	read, err := template.Read("testdata/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := template.NewStack(read, settings(overrides...))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func wiring(t *testing.T, overrides ...string) template.Wiring {
	t.Helper()
	s := stack(t, overrides...)
	values := s.Values()
	values["Events"] = map[string]string{"": "http://127.0.0.1:9/1/events", "Arn": "arn:aws:sqs:eu-central-1:123456789012:events"}
	w, err := s.Wiring(values)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %+v\nwant %+v", what, got, want)
	}
}

func TestFunctionsHaveTheirOwnPropertiesOverThoseOfGlobals(t *testing.T) {
	functions := wiring(t).Functions
	fifty := 50
	equal(t, "intake", functions[1], template.Function{
		ID: "Intake", Folder: "functions/intake", Timeout: 10 * time.Second, Memory: 256, Reserved: &fifty,
		LogFormat: "JSON", LogLevel: "INFO", Async: template.Retry{Attempts: 2, Age: 6 * time.Hour},
		Environment: map[string]string{
			"ENVIRONMENT": "dev", "TABLE": "shop-State", "LEVEL": "own", "DAYS": "1",
			"QUEUE_URL": "http://127.0.0.1:9/1/events", "PARTNERS": "joinedly:justworks", "SECOND": "example",
			"URL":         "https://api.example.com/shop/eu-central-1?${kept}",
			"SIGNING_ARN": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop/signing-local0",
		},
	})
	worker := functions[2]
	equal(t, "a quoted number", worker.Timeout, 30*time.Second)
	equal(t, "asynchronous tries", worker.Async, template.Retry{Attempts: 1, Age: time.Minute})
	equal(t, "what was tried in vain", worker.Failed, "arn:aws:sqs:eu-central-1:123456789012:events")
	equal(t, "an open concurrency", worker.Reserved, (*int)(nil))
}

func TestConditionsDecideWhatIsThere(t *testing.T) {
	tests := map[string]struct {
		overrides []string
		functions []string
		stores    []string
		key       string
	}{
		"by default": {nil,
			[]string{"Authorizer", "Intake", "Worker", "Sync"}, []string{"EventsDead", "Events", "Ordered", "State", "Signing"}, ""},
		"in production": {[]string{"Environment=prod"},
			[]string{"Authorizer", "Intake", "Worker", "Sync"}, []string{"EventsDead", "Events", "Ordered", "State", "Signing", "ProdOnly"}, "arn:aws:kms:eu-central-1:123456789012:key/DataKey"},
		"with other partners": {[]string{"Partners=brainner"},
			[]string{"Authorizer", "Intake", "Worker"}, []string{"EventsDead", "Events", "Ordered", "State", "Signing"}, ""},
		"with other partners, in production, without a host": {[]string{"Partners=brainner", "Environment=prod", "Host=none.yet"},
			[]string{"Authorizer", "Intake", "Worker", "Sync"}, []string{"EventsDead", "Events", "Ordered", "State", "Signing", "ProdOnly"}, "arn:aws:kms:eu-central-1:123456789012:key/DataKey"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := wiring(t, tt.overrides...)
			var functions, ids []string
			for _, f := range w.Functions {
				functions = append(functions, f.ID)
			}
			equal(t, "functions", functions, tt.functions)
			equal(t, "the value behind If", w.Functions[1].Environment["KEY"], tt.key)
			stores, err := stack(t, tt.overrides...).Stores()
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range stores {
				ids = append(ids, s.ID)
			}
			equal(t, "stores, the needed one first", ids, tt.stores)
		})
	}
}

func TestRoutesAndAuthorizers(t *testing.T) {
	global := template.Throttle{Rate: 100, Burst: 200}
	equal(t, "api", wiring(t).API, template.API{
		ID:       "Api",
		Throttle: global,
		Routes: []template.Route{
			{Function: "Intake", Method: "POST", Path: "/webhooks/{event}/{hook}", Timeout: 5 * time.Second},
			{Function: "Intake", Method: "GET", Path: "/admin", Authorizer: "Partner", Timeout: 30 * time.Second, Throttle: template.Throttle{Rate: 2, Burst: 1}},
			{Function: "Intake", Method: "ANY", Timeout: 30 * time.Second},
		},
		Authorizer: map[string]template.Authorizer{
			"Partner": {Function: "Authorizer", Headers: []string{"Authorization"}, TTL: time.Minute},
			"Staff":   {Function: "Authorizer", QueryStrings: []string{"token"}, Context: []string{"routeKey"}, TTL: 5 * time.Minute},
		},
	})
	equal(t, "a key", template.Route{Method: "GET", Path: "/admin"}.Key(), "GET /admin")
	equal(t, "the default key", template.Route{Method: "ANY"}.Key(), "$default")
}

func TestQueuesAndClocksThatCallFunctions(t *testing.T) {
	w := wiring(t, "WorkerConcurrency=7")
	equal(t, "queues", w.Queues, []template.QueueSource{
		{Function: "Worker", Queue: "arn:aws:sqs:eu-central-1:123456789012:events", Enabled: true, Batch: 20, Window: time.Second, Concurrency: 7, Partial: true},
		{Function: "Worker", Queue: "arn:aws:sqs:eu-central-1:123456789012:shop-Ordered", Batch: 10},
	})
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zones on this machine")
	}
	equal(t, "schedules", w.Schedules, []template.Schedule{
		{Function: "Sync", ARN: "arn:aws:scheduler:eu-central-1:123456789012:schedule/default/shop-SyncQuarter", Scheduler: true, Enabled: true,
			Expression: "cron(0/15 * * * ? *)", Zone: berlin, Input: `{"what": "all"}`,
			Start: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Retry: template.Retry{Attempts: 3, Age: 10 * time.Minute}},
		{Function: "Sync", ARN: "arn:aws:events:eu-central-1:123456789012:rule/shop-SyncHourly",
			Expression: "rate(1 hour)", Zone: time.UTC, Retry: template.Retry{Attempts: 185, Age: 24 * time.Hour}},
	})
}

func TestQueuesTablesAndSecretsAreAsTheirServicesTakeThem(t *testing.T) {
	s := stack(t)
	values := s.Values()
	queue, err := s.Queue("Events", values)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "queue", queue, template.Queue{ID: "Events", Name: "shop-Events", Attributes: map[string]string{
		"VisibilityTimeout": "180",
		"RedrivePolicy":     `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:shop-EventsDead","maxReceiveCount":5}`,
	}})
	ordered, err := s.Queue("Ordered", values)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "FIFO queue", ordered, template.Queue{ID: "Ordered", Name: "shop-Ordered.fifo", FIFO: true,
		Attributes: map[string]string{"FifoQueue": "true", "ContentBasedDeduplication": "true"}})
	table, err := s.Table("State", values)
	if err != nil {
		t.Fatal(err)
	}
	due := template.Index{Name: "due", Keys: []template.Key{{Name: "sk", Type: "HASH"}, {Name: "due", Type: "RANGE"}}}
	due.Projection.Type, due.Projection.Include = "INCLUDE", []string{"state"}
	equal(t, "table", table, template.Table{ID: "State", Name: "shop-State", TTL: "expires",
		Types: map[string]string{"pk": "S", "sk": "S", "due": "N"},
		Keys:  []template.Key{{Name: "pk", Type: "HASH"}, {Name: "sk", Type: "RANGE"}}, Indexes: []template.Index{due}})
	secret, err := s.Secret("Signing", values)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "secret", secret, template.Secret{ID: "Signing", Name: "shop/signing", Description: "Signing tokens",
		Generate: &template.GenerateSecretString{PasswordLength: 40, RequireEachIncludedType: true, SecretStringTemplate: "{}", GenerateStringKey: "key"}})
}

func TestWhatCannotBeWiredSaysWhereAndWhy(t *testing.T) {
	const head = `Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: { Folder: functions/f }
    Properties: { Runtime: provided.al2023, Events: { E: { Type: HttpApi, Properties: { Path: /a, Method: GET } } } }
`
	change := func(old, new string) string { return strings.Replace(head, old, new, 1) }
	event := func(typ, properties string) string {
		return change("{ Type: HttpApi, Properties: { Path: /a, Method: GET } }", "{ Type: "+typ+", Properties: { "+properties+" } }")
	}
	api := func(auth string) string {
		return head + "  A:\n    Type: AWS::Serverless::HttpApi\n    Properties: { Auth: { " + auth + " } }\n"
	}
	const arn = "arn:aws:lambda:r:1:function:F"
	tests := map[string]struct{ text, want string }{
		"nothing wrong":                {head, ""},
		"no folder":                    {change("{ Folder: functions/f }", "{}"), "2: function F: Metadata has no Folder, the package it is built from"},
		"a folder that is not there":   {change("functions/f", "functions/g"), "4: function F: there is no folder functions/g"},
		"another runtime":              {change("provided.al2023", "python3.14"), `2: function F: the runtime "python3.14" is not run here, only provided.al2 and provided.al2023`},
		"a time-out beyond Lambda's":   {change("Runtime:", "Timeout: 901, Runtime:"), "2: function F: Timeout is 1 to 900 seconds, MemorySize 128 to 10240 MB"},
		"a variable of Lambda's":       {change("Runtime:", "Environment: { Variables: { AWS_REGION: x } }, Runtime:"), "2: function F: the environment variable AWS_REGION is Lambda's own"},
		"an event without a type":      {change("Type: HttpApi, ", ""), "5: event E of F has no Type"},
		"an event that nobody sends":   {event("S3", ""), "5: events of the type S3 are not run here"},
		"a path without a slash":       {event("HttpApi", "Path: a"), `5: event E of F: path "a" does not begin with /`},
		"an older payload":             {event("HttpApi", "Path: /a, PayloadFormatVersion: '1.0'"), "5: event E of F: only payload format 2.0 runs here"},
		"an authorizer that is no one": {event("HttpApi", "Path: /a, Auth: { Authorizer: Who }"), "5: event E of F: there is no authorizer Who"},
		"a time-out beyond the API's":  {event("HttpApi", "Path: /a, TimeoutInMillis: 30001"), "5: event E of F: TimeoutInMillis is 50 to 30000"},
		"the same route twice":         {change("Events: {", "Events: { D: { Type: HttpApi, Properties: { Path: /a, Method: get } },"), "5: GET /a goes to F and to F"},
		"a source without a queue":     {event("SQS", ""), "5: event E of F: Queue is missing"},
		"a large batch at once":        {event("SQS", "Queue: q, BatchSize: 11"), "5: event E of F: BatchSize over 10 needs MaximumBatchingWindowInSeconds"},
		"a batch beyond SQS's":         {event("SQS", "Queue: q, BatchSize: 0"), "5: event E of F: BatchSize is 1 to 10000"},
		"a window beyond Lambda's":     {event("SQS", "Queue: q, MaximumBatchingWindowInSeconds: 301"), "5: event E of F: MaximumBatchingWindowInSeconds is 0 to 300"},
		"a filter":                     {event("SQS", "Queue: q, FilterCriteria: {}"), "5: event E of F: FilterCriteria is not supported here"},
		"a zone that is not there":     {event("ScheduleV2", "ScheduleExpression: rate(1 day), ScheduleExpressionTimezone: Moon/Sea"), "5: event E of F: unknown time zone Moon/Sea"},
		"a date that is none":          {event("ScheduleV2", "ScheduleExpression: rate(1 day), EndDate: later"), `5: event E of F: "later" is not a date like 2026-01-31T09:00:00Z`},
		"two APIs":                     {head + "  A: { Type: AWS::Serverless::HttpApi }\n  B: { Type: AWS::Serverless::HttpApi }\n", "7: one HTTP API runs here, not A and B"},
		"another stage":                {head + "  A: { Type: AWS::Serverless::HttpApi, Properties: { StageName: v1 } }\n", "6: A: only the stage $default runs here, not v1"},
		"an authorizer of a stranger":  {api("Authorizers: { X: { FunctionArn: 'arn:aws:lambda:r:1:function:G' } }"), "6: A: authorizer X: FunctionArn is not one of the stack's functions"},
		"an authorizer with policies":  {api("Authorizers: { X: { FunctionArn: '" + arn + "', AuthorizerPayloadFormatVersion: '2.0' } }"), "6: A: authorizer X: only AuthorizerPayloadFormatVersion 2.0 with EnableSimpleResponses runs here"},
		"results kept for nobody":      {api("Authorizers: { X: { FunctionArn: '" + arn + "', AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true, Identity: { ReauthorizeEvery: 9 } } }"), "6: A: authorizer X: a result can only be kept for an identity; there is none"},
		"an identity of the context":   {api("Authorizers: { X: { FunctionArn: '" + arn + "', AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true, Identity: { Context: [accountId] } } }"), "6: A: authorizer X: of Context only routeKey, httpMethod and path are supported here"},
		"an identity of the stage":     {api("Authorizers: { X: { FunctionArn: '" + arn + "', AuthorizerPayloadFormatVersion: '2.0', EnableSimpleResponses: true, Identity: { StageVariables: [a] } } }"), "6: A: authorizer X: StageVariables are not supported here"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			want := tt.want
			if want != "" {
				want = "template.yaml:" + want
			}
			if got := problemOf(t, tt.text); got != want {
				t.Errorf("\n got %q\nwant %q", got, want)
			}
		})
	}
}

func TestTheDefaultAuthorizerIsForRoutesThatNameNone(t *testing.T) {
	text := `Globals: { Function: { Runtime: provided.al2023 } }
Resources:
  A:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: X
        Authorizers: { X: { FunctionArn: !GetAtt F.Arn, AuthorizerPayloadFormatVersion: 2.0, EnableSimpleResponses: true } }
  F:
    Type: AWS::Serverless::Function
    Metadata: { Folder: functions/f }
    Properties:
      Events:
        One: { Type: HttpApi, Properties: { Path: /one } }
        Two: { Type: HttpApi, Properties: { Path: /two, Auth: { Authorizer: NONE } } }
`
	if problem := problemOf(t, text); problem != "" {
		t.Fatal(problem)
	}
	if problem := problemOf(t, strings.Replace(text, "{ X: ", "{ Y: ", 1)); problem != "template.yaml:14: event One of F: there is no authorizer X" {
		t.Error(problem)
	}
}

func TestListsOfGlobalsAreJoinedAndAliasesFollowed(t *testing.T) {
	text := `Globals:
  Function:
    Runtime: provided.al2023
    Events: { Q: { Type: SQS, Properties: &p { Queue: a, FunctionResponseTypes: [Other] } } }
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: { Folder: functions/f }
    Properties: { Events: { Q: { Properties: { FunctionResponseTypes: [ReportBatchItemFailures], Queue: !Sub b } }, R: { Type: SQS, Properties: *p } } }
`
	w, problem := wire(t, text)
	if problem != "" {
		t.Fatal(problem)
	}
	equal(t, "sources", w.Queues, []template.QueueSource{
		{Function: "F", Queue: "b", Enabled: true, Batch: 10, Partial: true},
		{Function: "F", Queue: "a", Enabled: true, Batch: 10},
	})
}

func TestValuesCoverEveryResourceThatIsThere(t *testing.T) {
	values := stack(t).Values()
	var ids []string
	for id := range values {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	equal(t, "ids", ids, []string{"Api", "Authorizer", "DataKey", "Events", "EventsDead", "Intake", "Logs", "Ordered", "Signing", "State", "Sync", "Worker"})
	equal(t, "a function's ARN", values["Intake"]["Arn"], "arn:aws:lambda:eu-central-1:123456789012:function:Intake")
	equal(t, "a log group's ARN", values["Logs"]["Arn"], "arn:aws:logs:eu-central-1:123456789012:log-group:shop-Logs:*")
}
