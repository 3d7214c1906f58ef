package deploy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fulcrum/local/deploy"
	"fulcrum/local/rig"
)

// fault is what somebody may do to the template: a text of it becomes another, the
// first time it stands behind a place.
type fault struct {
	behind, text, becomes string
	// also is another text behind the place, and what it becomes.
	also       [2]string
	rule       string
	parameters map[string]string
}

// faults are those that each rule is there for, and those that people make anywhere in
// a template of this kind. None needs another program to be found; of what is misspelt
// elsewhere cfn-lint knows more.
func faults() map[string]fault {
	const joinedlyQueue, joinedlyDead, joinedlySync, joinedlyAPI = "  PartnerJoinedlyQueue:\n", "  PartnerJoinedlyDeadLetters:\n", "  PartnerJoinedlySync:\n", "  PartnerJoinedlyApi:\n"
	return map[string]fault{
		"a queue that says nothing of encryption":          {behind: joinedlyQueue, text: "      SqsManagedSseEnabled: true\n", rule: "queue encrypted"},
		"a queue that takes what comes without TLS":        {behind: "  PartnerJoinedlyQueuePolicy:\n", text: "[!Ref PartnerJoinedlyQueue, ", becomes: "[", rule: "queue TLS"},
		"a queue policy that only looks like one":          {behind: "  PartnerJoinedlyQueuePolicy:\n", text: `aws:SecureTransport: "false"`, becomes: `aws:SecureTransport: "true"`, rule: "queue TLS"},
		"a queue that is open to everybody":                {behind: "  PartnerJoinedlyQueuePolicy:\n", text: "Effect: Deny", becomes: "Effect: Allow", rule: "queue public"},
		"a queue without dead letters":                     {behind: joinedlyQueue, text: "      RedrivePolicy:\n        deadLetterTargetArn: !GetAtt PartnerJoinedlyDeadLetters.Arn\n        maxReceiveCount: 8\n", rule: "dead letters"},
		"dead letters that go to another's":                {behind: joinedlyQueue, text: "!GetAtt PartnerJoinedlyDeadLetters.Arn", becomes: "!GetAtt DeliveriesDeadLetters.Arn", rule: "dead letters allowed"},
		"a misspelt count of receives":                     {behind: joinedlyQueue, text: "maxReceiveCount", becomes: "maxReceiveCounts", rule: "dead letters"},
		"dead letters from anywhere":                       {behind: joinedlyDead, text: "redrivePermission: byQueue", becomes: "redrivePermission: allowAll", rule: "dead letters allowed"},
		"dead letters that go first":                       {behind: joinedlyDead, text: "1209600", becomes: "345600", rule: "dead letters kept"},
		"messages that outlive dead letters":               {behind: joinedlyQueue, text: "345600", becomes: "1209600", rule: "queue retention"},
		"an ordered queue with a plain one behind it":      {behind: joinedlyQueue, text: "      VisibilityTimeout", becomes: "      FifoQueue: true\n      VisibilityTimeout", rule: "dead letters"},
		"throughput per group without its scope":           {behind: joinedlyQueue, text: "      VisibilityTimeout", becomes: "      FifoThroughputLimit: perMessageGroupId\n      DeduplicationScope: queue\n      VisibilityTimeout", rule: "queue order"},
		"messages that show before the function ends":      {behind: joinedlyQueue, text: "VisibilityTimeout: 120", becomes: "VisibilityTimeout: 15", rule: "queue visibility"},
		"messages that show during a throttle":             {behind: joinedlyQueue, text: "VisibilityTimeout: 120", becomes: "VisibilityTimeout: 100", rule: "queue visibility"},
		"a batch that fails whole":                         {behind: joinedlySync, text: "            FunctionResponseTypes: [ReportBatchItemFailures]\n", rule: "partial batches"},
		"more at once than reserved":                       {behind: joinedlySync, text: "MaximumConcurrency: 10", becomes: "MaximumConcurrency: 11", rule: "concurrency"},
		"a source without a bound":                         {behind: joinedlySync, text: "            ScalingConfig: { MaximumConcurrency: 10 }\n", rule: "concurrency"},
		"pollers beside a maximum of concurrency":          {behind: joinedlySync, text: "            ScalingConfig:", becomes: "            ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 10 }\n            ScalingConfig:", rule: "pollers"},
		"a function that SAM builds in its own way":        {behind: joinedlySync, text: "      BuildMethod: makefile\n", rule: "build"},
		"a function that gets another's binary":            {text: "    CodeUri: .\n", becomes: "    CodeUri: functions\n", rule: "build"},
		"another processor":                                {text: "[arm64]", becomes: "[x86_64]", rule: "runtime"},
		"another handler":                                  {text: "    Handler: bootstrap\n", rule: "runtime"},
		"no traces":                                        {text: "    Tracing: Active\n", rule: "tracing"},
		"log lines that are no JSON":                       {text: "LogFormat: JSON", becomes: "LogFormat: Text", rule: "logs"},
		"a log group that Lambda makes":                    {behind: joinedlySync, text: "      LoggingConfig: { LogGroup: !Ref PartnerJoinedlySyncLogs }\n", rule: "own log group"},
		"logs that are kept for ever":                      {behind: "  PartnerJoinedlySyncLogs:\n", text: "RetentionInDays: !Ref LogRetention", becomes: "LogGroupClass: STANDARD", rule: "retention"},
		"two functions with one role":                      {behind: joinedlyAPI, text: "PartnerJoinedlyApiRole", becomes: "PartnerJoinedlySyncRole", rule: "own role"},
		"no alias":                                         {text: "    AutoPublishAlias: live\n", rule: "release"},
		"a release that nothing ends":                      {behind: joinedlySync, text: "      DeploymentPreference: { Alarms: [!Ref PartnerJoinedlySyncErrorsAlarm] }\n", rule: "release"},
		"a release all at once in prod":                    {text: "Canary10Percent5Minutes", becomes: "AllAtOnce", rule: "release", parameters: map[string]string{"Environment": "prod"}},
		"a deployment group without its condition":         {text: "      PassthroughCondition: true\n", rule: "release"},
		"code that nobody signed":                          {text: "    CodeSigningConfigArn: !If [HasCodeSigning, !Ref CodeSigningConfig, !Ref AWS::NoValue]\n", rule: "code signing", parameters: map[string]string{"CodeSigningConfig": "arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-1"}},
		"a partner's route without its key":                {behind: joinedlyAPI, text: ", Auth: { Authorizer: Partner }", rule: "authorizer"},
		"a webhook that wants a key":                       {behind: "  WebhookCandidateHired:\n", text: "            TimeoutInMillis: 6000\n", becomes: "            TimeoutInMillis: 6000\n            Auth: { Authorizer: Partner }\n", rule: "authorizer"},
		"keys that work for an hour after their end":       {text: "ReauthorizeEvery: 60", becomes: "ReauthorizeEvery: 3600", rule: "authorizer"},
		"a function that the gateway gives up":             {behind: joinedlyAPI, text: "Timeout: 10", becomes: "Timeout: 12", rule: "timeout"},
		"an authorizer that is too slow":                   {behind: "  HubAuthorize:\n", text: "Timeout: 5", becomes: "Timeout: 15", rule: "timeout"},
		"routes without a throttle":                        {text: "      DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 }\n", rule: "throttle"},
		"a webhook that shares its throttle":               {behind: "  WebhookCandidateHired:\n", text: "            RouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 }\n", rule: "throttle"},
		"the ids of hooks in the access log":               {text: `"route":"$context.routeKey"`, becomes: `"route":"$context.routeKey","path":"$context.path"`, rule: "access log"},
		"no access log":                                    {text: "        DestinationArn: !GetAtt AccessLogs.Arn\n", rule: "access log"},
		"no recovery":                                      {text: "PointInTimeRecoveryEnabled: true", becomes: "PointInTimeRecoveryEnabled: false", rule: "table recovery"},
		"recovery for a week":                              {text: "RecoveryPeriodInDays: 35", becomes: "RecoveryPeriodInDays: 7", rule: "table recovery"},
		"nothing expires":                                  {text: "TimeToLiveSpecification: { AttributeName: ttl, Enabled: true }", becomes: "TimeToLiveSpecification: { AttributeName: ttl, Enabled: false }", rule: "table TTL"},
		"a table under AWS's key":                          {text: ", SSEType: KMS, KMSMasterKeyId: !If [OwnKey, !GetAtt Key.Arn, !Ref KeyArn]", rule: "table encrypted"},
		"a table that can be deleted":                      {text: "      DeletionProtectionEnabled: !If [Protected, true, false]\n", rule: "table protected", parameters: map[string]string{"Environment": "prod"}},
		"a table without a limit of cost":                  {text: "      OnDemandThroughput: { MaxReadRequestUnits: !Ref MaxReads, MaxWriteRequestUnits: !Ref MaxWrites }\n", rule: "table cost"},
		"an index without a limit of cost":                 {text: "          OnDemandThroughput: { MaxReadRequestUnits: !Ref MaxReads, MaxWriteRequestUnits: !Ref MaxWrites }\n", rule: "table cost"},
		"a table that goes with the stack":                 {behind: "  Table:\n", text: "    DeletionPolicy: RetainExceptOnCreate\n", rule: "retained"},
		"a secret that is replaced":                        {behind: "  VaultKeyset:\n", text: "    UpdateReplacePolicy: Retain\n", rule: "retained"},
		"a secret's value in the template":                 {behind: "  HookKey:\n", text: "      GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true }\n", becomes: "      SecretString: hunter2-hunter2-hunter2\n", rule: "secret value"},
		"a secret under AWS's key":                         {behind: "  HookKey:\n", text: "      KmsKeyId: !If [OwnKey, !GetAtt Key.Arn, !Ref KeyArn]\n", rule: "secret encrypted"},
		"a key that never turns":                           {text: "EnableKeyRotation: true", becomes: "EnableKeyRotation: false", rule: "key rotation"},
		"alarms that cannot use their topic's key":         {behind: "          - Sid: Alarms\n", text: "cloudwatch.amazonaws.com", becomes: "events.amazonaws.com", rule: "alarms silent"},
		"a policy with a star for actions":                 {behind: "  PartnerJoinedlySyncRole:\n", text: "Action: sqs:SendMessage", becomes: "Action: sqs:*", rule: "role star"},
		"a policy with a star for resources":               {behind: "  HubDeliverRole:\n", text: "Resource: !GetAtt Table.Arn", becomes: `Resource: "*"`, rule: "role star"},
		"a policy of others":                               {behind: "  HubDeliverRole:\n", text: "[!Ref TracePolicy, ", becomes: "[arn:aws:iam::aws:policy/AdministratorAccess, ", rule: "role policy"},
		"a role for everybody":                             {behind: "  HubDeliverRole:\n", text: "Principal: { Service: lambda.amazonaws.com }", becomes: `Principal: { AWS: "*" }`, rule: "role trust"},
		"a role without the boundary":                      {behind: "  HubDeliverRole:\n", text: "      PermissionsBoundary: !If [HasBoundary, !Ref PermissionsBoundary, !Ref AWS::NoValue]\n", rule: "role boundary", parameters: map[string]string{"PermissionsBoundary": "arn:aws:iam::000000000000:policy/b"}},
		"dead letters without an alarm":                    {behind: "  PartnerJoinedlyDeadLettersAlarm:\n", text: "ApproximateNumberOfMessagesVisible", becomes: "NumberOfMessagesSent", rule: "dead letters alarm"},
		"an alarm by a dimension that does not exist":      {behind: "  PartnerJoinedlyAgeAlarm:\n", text: "Name: QueueName", becomes: "Name: Queue", rule: "alarm metric"},
		"an alarm in a namespace that does not exist":      {behind: "  ClockAlarm:\n", text: "AWS/Lambda", becomes: "AWS/Lamda", rule: "alarm metric"},
		"an alarm of all stacks at once":                   {behind: "  LedgerAlarm:\n", text: "      Dimensions: [{ Name: FunctionName, Value: !Ref HubReconcile }]\n", rule: "alarm metric"},
		"an alarm that nobody hears":                       {behind: "  ClockAlarm:\n", text: "      AlarmActions: [!Ref Alarms]\n", rule: "alarm heard"},
		"an alarm that leaves missing data to chance":      {behind: "  ClockAlarm:\n", text: "      TreatMissingData: breaching\n", rule: "alarm data"},
		"an alarm without an entry in the runbook":         {behind: "  ClockAlarm:\n", text: "#clock", becomes: "#o-clock", rule: "alarm runbook"},
		"a function whose failure nobody hears of":         {behind: "  HubErrorsAlarm:\n", text: "!Ref HubConsole", becomes: "!Ref HubConnect", rule: "alarm function"},
		"a clock as Unix writes it":                        {behind: "        KeepAlive:\n", text: "rate(6 hours)", becomes: "cron(15 3 * * *)", rule: "schedule"},
		"a clock with both days open":                      {behind: "        KeepAlive:\n", text: "rate(6 hours)", becomes: "cron(15 3 * * * *)", rule: "schedule"},
		"a clock that catches up for a day":                {behind: "        KeepAlive:\n", text: "MaximumEventAgeInSeconds: 3600", becomes: "MaximumEventAgeInSeconds: 86400", rule: "schedule"},
		"a clock with a role that SAM makes":               {behind: "        Erasures:\n", text: "            RoleArn: !GetAtt ClockRole.Arn\n", rule: "clock role"},
		"a seldom clock that is lost":                      {behind: "        Held:\n", text: "            DeadLetterConfig: { Arn: !GetAtt ClockFailures.Arn }\n", rule: "clock lost"},
		"a frequent clock made a seldom one":               {behind: "        Erasures:\n", text: "rate(5 minutes)", becomes: "rate(1 day)", rule: "clock lost"},
		"runs that Lambda tries as it likes":               {behind: "  HubReconcile:\n", text: "        MaximumEventAgeInSeconds: 900\n", rule: "asynchronous"},
		"a run that fails and is not tried again":          {behind: "  HubConnect:\n", text: "MaximumRetryAttempts: 2", becomes: "MaximumRetryAttempts: 0", rule: "asynchronous"},
		"runs that are too old before their last try":      {behind: "  HubReconcile:\n", text: "MaximumEventAgeInSeconds: 900", becomes: "MaximumEventAgeInSeconds: 300", rule: "asynchronous"},
		"runs that fail and are forgotten":                 {behind: "  HubReconcile:\n", text: "        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt ClockFailures.Arn } }\n", rule: "asynchronous"},
		"failures among dead letters":                      {behind: "  ClockFailures:\n", text: "denyAll", becomes: "allowAll", rule: "dead letters allowed"},
		"failures that go first":                           {behind: "  ClockFailures:\n", text: "1209600", becomes: "345600", rule: "dead letters kept"},
		"failures that nobody hears of":                    {behind: "  ClockFailuresAlarm:\n", text: "!GetAtt ClockFailures.QueueName", becomes: "!GetAtt DeliveriesDeadLetters.QueueName", rule: "dead letters alarm"},
		"a question that is asked otherwise":               {behind: "  QuestionAge:\n", text: "pct(age, 50), ", rule: "question"},
		"a question that the runbook does not ask":         {behind: "  QuestionSlow:\n", text: "Is one function slow?", becomes: "Is one function fast?", rule: "question"},
		"questions among those of others":                  {behind: "  QuestionSlow:\n", text: "${AWS::StackName}/", rule: "question"},
		"one event at a time":                              {behind: joinedlySync, text: "MaximumConcurrency: 10", becomes: "MaximumConcurrency: 1", rule: "concurrency"},
		"an ordered queue whose messages wait":             {behind: joinedlyQueue, text: "      VisibilityTimeout", becomes: "      FifoQueue: true\n      VisibilityTimeout", also: [2]string{"            BatchSize: 10\n", "            BatchSize: 10\n            MaximumBatchingWindowInSeconds: 5\n"}, rule: "batch"},
		"a misspelt way of telling failures":               {behind: joinedlySync, text: "FunctionResponseTypes", becomes: "FunctionResponseType", rule: "partial batches"},
		"a misspelt property of a queue":                   {behind: joinedlyQueue, text: "MessageRetentionPeriod", becomes: "MessageRetentionPeriode", rule: "queue retention"},
		"a misspelt property of a function":                {behind: "  HubReconcile:\n", text: "ReservedConcurrentExecutions", becomes: "ReservedConcurentExecutions", rule: "property"},
		"a misspelt property of all functions":             {text: "    MemorySize: 256", becomes: "    MemorySise: 256", rule: "property"},
		"a function that has to know its own gateway":      {behind: joinedlyAPI, text: "          TABLE: !Ref Table\n", becomes: "          TABLE: !Ref Table\n          API_URL: !Sub https://${Api}.execute-api.${AWS::Region}.amazonaws.com\n", rule: "circular"},
		"a runtime that is gone":                           {text: "Runtime: provided.al2023", becomes: "Runtime: go1.x", rule: "is not run here"},
		"a processor that Lambda does not have":            {text: "[arm64]", becomes: "[arm]", rule: "runtime"},
		"a function that may take too long":                {behind: "  HubReconcile:\n", text: "Timeout: 300", becomes: "Timeout: 901", rule: "Timeout is 1 to 900 seconds"},
		"a function without room":                          {text: "    MemorySize: 256", becomes: "    MemorySize: 64", rule: "MemorySize 128 to 10240 MB"},
		"days that CloudWatch does not have":               {behind: "  PartnerJoinedlySyncLogs:\n", text: "!Ref LogRetention", becomes: "31", rule: "retention"},
		"an index by what is not defined":                  {text: "        - { AttributeName: dsk, AttributeType: S }\n", rule: "table keys"},
		"an attribute for nothing":                         {text: "        - { AttributeName: dsk, AttributeType: S }\n", becomes: "        - { AttributeName: dsk, AttributeType: S }\n        - { AttributeName: extra, AttributeType: S }\n", rule: "table keys"},
		"an expiry by nothing":                             {text: "AttributeName: ttl, Enabled: true", becomes: "Enabled: true", rule: "table TTL"},
		"a misspelt policy of deletion":                    {behind: "  Table:\n", text: "RetainExceptOnCreate", becomes: "RetainExceptOnCreat", rule: "retained"},
		"an alarm that looks every 45 seconds":             {behind: "  LedgerAlarm:\n", text: "      Period: ", becomes: "      Period: 45 # ", rule: "alarm period"},
		"an alarm that compares by a misspelt word":        {behind: "  LedgerAlarm:\n", text: "GreaterThanThreshold", becomes: "GreaterThenThreshold", rule: "alarm comparison"},
		"a parameter that nothing uses":                    {text: "Parameters:\n  Environment:\n", becomes: "Parameters:\n  Spare: { Type: String, Default: x, Description: For nothing. }\n  Environment:\n", rule: "parameter"},
		"a parameter that nobody finds":                    {text: "[AlarmMail, LogRetention]", becomes: "[AlarmMail]", rule: "parameter"},
		"a queue of another partner that is not there":     {behind: joinedlySync, text: "PARTNER_QUEUE_URL: !Ref PartnerJoinedlyQueue", becomes: "PARTNER_QUEUE_URL: !Ref PartnerJustworksQueue", rule: "PartnerJustworksQueue is not there", parameters: map[string]string{"Partners": "joinedly"}},
		"a resource that loses its condition":              {behind: joinedlyDead, text: "    Condition: Joinedly\n", rule: "dead letters allowed", parameters: map[string]string{"Partners": "brainner"}},
		"a reference to nothing":                           {behind: joinedlySync, text: "!Ref VaultKeyset", becomes: "!Ref VaultKeysets", rule: "there is no parameter or resource VaultKeysets"},
		"an attribute that does not exist":                 {behind: joinedlyQueue, text: "!GetAtt PartnerJoinedlyDeadLetters.Arn", becomes: "!GetAtt PartnerJoinedlyDeadLetters.ARN", rule: "has no attribute ARN"},
		"two functions for one route":                      {behind: joinedlyAPI, text: "Method: PUT", becomes: "Method: GET", rule: "goes to"},
		"a path without its slash":                         {behind: joinedlyAPI, text: `Path: "/v1/`, becomes: `Path: "v1/`, rule: "does not begin with /"},
		"an authorizer that does not exist":                {behind: joinedlyAPI, text: "Authorizer: Partner", becomes: "Authorizer: Partners", rule: "there is no authorizer Partners"},
		"a value that is none of those allowed":            {text: "    Default: dev\n", becomes: "    Default: development\n", rule: "none of its allowed values"},
		"a condition that does not exist":                  {behind: joinedlySync, text: "Condition: Joinedly", becomes: "Condition: Joinedli", rule: "there is no condition Joinedli"},
		"a batch that is too large to come without a wait": {behind: joinedlySync, text: "BatchSize: 10", becomes: "BatchSize: 100", rule: "needs MaximumBatchingWindowInSeconds"},
	}
}

// seed writes the template with the fault, and says where.
func (f fault) seed(t *testing.T, dir string) string {
	t.Helper()
	whole, err := os.ReadFile(rig.Root("template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(whole)
	at := strings.Index(text, f.behind)
	if at < 0 || !strings.Contains(text[at:], f.text) {
		t.Fatalf("the template has no %q behind %q", f.text, f.behind)
	}
	path := filepath.Join(dir, "template.yaml")
	changed := strings.Replace(text[at:], f.text, f.becomes, 1)
	if f.also[0] != "" {
		changed = strings.Replace(changed, f.also[0], f.also[1], 1)
	}
	if err := os.WriteFile(path, []byte(text[:at]+changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// beside is a folder with what a template names beside itself.
func beside(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"functions", "docs"} {
		if err := os.Symlink(rig.Root(folder), filepath.Join(dir, folder)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFaultsAreFound(t *testing.T) {
	dir := beside(t)
	for name, tt := range faults() {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			path := tt.seed(t, dir)
			// Rules stand before a colon; why a template cannot be evaluated, in its error.
			if found := problems(t, path, tt.parameters); !strings.Contains("\n"+found, "\n"+tt.rule+": ") && !(strings.HasPrefix(found, dir) && strings.Contains(found, tt.rule)) {
				t.Errorf("found %q, want %s", found, tt.rule)
			}
		})
	}
}

// problems is what the rules find, or why the template cannot be evaluated.
func problems(t *testing.T, path string, parameters map[string]string) string {
	t.Helper()
	b, err := deploy.Read(path, parameters)
	if err != nil {
		return err.Error()
	}
	found, err := b.Findings()
	if err != nil {
		return err.Error()
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, f.String())
	}
	return strings.Join(lines, "\n")
}
