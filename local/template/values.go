package template

import "strings"

// Values are what Ref and GetAtt give before anything was made: names and ARNs
// as AWS would form them. They serve a function that is run without a stack, and
// the resources that have no local meaning; the provisioner lays the real values
// of queues, tables and secrets over them.
func (s *Stack) Values() Values {
	values := Values{}
	for _, id := range s.ids {
		values[id] = s.plausible(id)
	}
	return values
}

// physical is the name that the template gives a resource, or the one that it has
// without.
func (s *Stack) physical(id string) string {
	for _, property := range []string{"QueueName", "TableName", "Name"} {
		at := member(s.resources[id].all, property)
		if at == nil {
			continue
		}
		if name, err := s.resolver(nil).text(at); err == nil {
			return name
		}
	}
	return s.name(id)
}

func (s *Stack) plausible(id string) map[string]string {
	name := s.physical(id)
	switch typ := s.resources[id].typ; typ {
	case FunctionType:
		arn := s.arn("lambda", "function:"+id)
		return map[string]string{"": id, "Arn": arn, "Alias": arn + ":live", "Version": arn + ":1"}
	case APIType:
		return map[string]string{"": "local", "ApiId": "local", "Stage": "$default", "ApiEndpoint": "https://local.execute-api." + s.settings.Region + ".amazonaws.com"}
	case QueueType:
		url := "https://sqs." + s.settings.Region + ".amazonaws.com/" + s.settings.Account + "/" + name
		return map[string]string{"": url, "QueueUrl": url, "Arn": s.arn("sqs", name), "QueueName": name}
	case TableType:
		return map[string]string{"": name, "Arn": s.arn("dynamodb", "table/"+name)}
	case SecretType:
		arn := s.arn("secretsmanager", "secret:"+name+"-local0")
		return map[string]string{"": arn, "Id": arn}
	case "AWS::IAM::Role":
		return map[string]string{"": name, "Arn": s.arn("iam", "role/"+name), "RoleId": name}
	case "AWS::IAM::ManagedPolicy":
		arn := s.arn("iam", "policy/"+name)
		return map[string]string{"": arn, "PolicyArn": arn}
	case "AWS::KMS::Key":
		return map[string]string{"": id, "KeyId": id, "Arn": s.arn("kms", "key/"+id)}
	case "AWS::SNS::Topic":
		arn := s.arn("sns", name)
		return map[string]string{"": arn, "TopicArn": arn, "TopicName": name}
	case "AWS::Logs::LogGroup":
		return map[string]string{"": name, "Arn": s.arn("logs", "log-group:"+name+":*")}
	default:
		return map[string]string{"": name, "Arn": s.arn(strings.ToLower(strings.Split(typ, "::")[1]), name)}
	}
}
