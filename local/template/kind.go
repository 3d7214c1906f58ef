package template

// The types of resources that are run here.
const (
	FunctionType = "AWS::Serverless::Function"
	APIType      = "AWS::Serverless::HttpApi"
	QueueType    = "AWS::SQS::Queue"
	TableType    = "AWS::DynamoDB::Table"
	SecretType   = "AWS::SecretsManager::Secret"
)

// properties are the properties of a type that is run here: those that mean
// something, and those that would but are not supported. All others have no
// meaning on one machine. Unknown types have neither.
func properties(typ string) (meant, refused []string) {
	switch typ {
	case FunctionType:
		return []string{"Runtime", "Timeout", "MemorySize", "ReservedConcurrentExecutions", "Environment",
				"LoggingConfig", "EventInvokeConfig", "Events"},
			[]string{"FunctionUrlConfig", "ImageUri", "InlineCode", "DeadLetterQueue", "DurableConfig", "TenancyConfig"}
	case APIType:
		return []string{"StageName", "DefaultRouteSettings", "Auth"},
			[]string{"CorsConfiguration", "DefinitionBody", "DefinitionUri"}
	case QueueType:
		return append(queueAttributes(), "QueueName", "FifoQueue"), nil
	case TableType:
		return []string{"TableName", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "TimeToLiveSpecification"},
			[]string{"LocalSecondaryIndexes", "StreamSpecification"}
	case SecretType:
		return []string{"Name", "Description", "SecretString", "GenerateSecretString"}, nil
	}
	return nil, nil
}

// queueAttributes are the properties of a queue that are attributes of SQS by
// the same name.
func queueAttributes() []string {
	return []string{"ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit", "DelaySeconds",
		"MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds",
		"VisibilityTimeout", "RedrivePolicy", "RedriveAllowPolicy"}
}

// isIgnored tells the types that mean nothing on one machine: who may do what,
// encryption at rest, what is watched, how it is released.
func isIgnored(typ string) bool {
	switch typ {
	case "AWS::Logs::LogGroup", "AWS::Logs::MetricFilter", "AWS::Logs::QueryDefinition", "AWS::Logs::ResourcePolicy",
		"AWS::Logs::SubscriptionFilter",
		"AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm", "AWS::CloudWatch::Dashboard",
		"AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy",
		"AWS::SQS::QueuePolicy", "AWS::SecretsManager::ResourcePolicy", "AWS::Lambda::Permission",
		"AWS::KMS::Key", "AWS::KMS::Alias", "AWS::Signer::SigningProfile", "AWS::Lambda::CodeSigningConfig",
		"AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription",
		"AWS::CodeDeploy::Application", "AWS::CodeDeploy::DeploymentGroup",
		"AWS::ApiGatewayV2::DomainName", "AWS::ApiGatewayV2::ApiMapping", "AWS::Route53::RecordSet",
		"AWS::CertificateManager::Certificate", "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation",
		"AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::Backup::BackupVault",
		"AWS::Budgets::Budget", "AWS::XRay::Group", "AWS::ResourceGroups::Group", "AWS::ApplicationInsights::Application":
		return true
	}
	return false
}
