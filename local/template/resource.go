package template

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
)

// Queue is an AWS::SQS::Queue.
type Queue struct {
	ID   string
	Name string
	FIFO bool
	// Attributes are as SQS takes them in CreateQueue, policies as JSON. What
	// encrypts is left out.
	Attributes map[string]string
}

// Queue evaluates a queue. Its name, if the template gives none, is
// StackName-LogicalId, with .fifo behind it for a FIFO queue.
func (s *Stack) Queue(id string, values Values) (Queue, error) {
	var p struct {
		QueueName  string         `yaml:"QueueName"`
		FifoQueue  bool           `yaml:"FifoQueue"`
		Attributes map[string]any `yaml:",inline"`
	}
	res := s.resources[id]
	if err := s.resolver(values).decode(res.properties, &p); err != nil {
		return Queue{}, err
	}
	q := Queue{ID: id, Name: p.QueueName, FIFO: p.FifoQueue, Attributes: map[string]string{}}
	if q.Name == "" {
		q.Name = s.name(id)
		if q.FIFO {
			q.Name += ".fifo"
		}
	}
	if q.FIFO {
		q.Attributes["FifoQueue"] = "true"
	}
	for name, value := range p.Attributes {
		text, err := attributeText(value)
		if err != nil {
			return Queue{}, s.errorf(res.at, "queue %s: %s: %s", id, name, err)
		}
		q.Attributes[name] = text
	}
	return q, nil
}

// attributeText is a property as SQS takes it: numbers and bools as text,
// policies as JSON.
func attributeText(value any) (string, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// Table is an AWS::DynamoDB::Table.
type Table struct {
	ID      string
	Name    string
	Types   map[string]string // "S", "N" or "B" of each key attribute
	Keys    []Key
	Indexes []Index
	// TTL is the attribute that holds when an item expires, or empty.
	TTL string
}

// Key is one attribute of a key schema; Type is HASH or RANGE.
type Key struct {
	Name string `yaml:"AttributeName"`
	Type string `yaml:"KeyType"`
}

// Index is a global secondary index.
type Index struct {
	Name       string `yaml:"IndexName"`
	Keys       []Key  `yaml:"KeySchema"`
	Projection struct {
		Type    string   `yaml:"ProjectionType"` // ALL, KEYS_ONLY or INCLUDE
		Include []string `yaml:"NonKeyAttributes"`
	} `yaml:"Projection"`
}

// Table evaluates a table. Capacity, backup, encryption and tags mean nothing
// here.
func (s *Stack) Table(id string, values Values) (Table, error) {
	var p struct {
		TableName            string `yaml:"TableName"`
		AttributeDefinitions []struct {
			Name string `yaml:"AttributeName"`
			Type string `yaml:"AttributeType"`
		} `yaml:"AttributeDefinitions"`
		KeySchema               []Key   `yaml:"KeySchema"`
		GlobalSecondaryIndexes  []Index `yaml:"GlobalSecondaryIndexes"`
		TimeToLiveSpecification struct {
			AttributeName string `yaml:"AttributeName"`
			Enabled       bool   `yaml:"Enabled"`
		} `yaml:"TimeToLiveSpecification"`
	}
	if err := s.resolver(values).decode(s.resources[id].properties, &p); err != nil {
		return Table{}, err
	}
	t := Table{ID: id, Name: p.TableName, Types: map[string]string{}, Keys: p.KeySchema, Indexes: p.GlobalSecondaryIndexes}
	if t.Name == "" {
		t.Name = s.name(id)
	}
	for _, a := range p.AttributeDefinitions {
		t.Types[a.Name] = a.Type
	}
	if p.TimeToLiveSpecification.Enabled {
		t.TTL = p.TimeToLiveSpecification.AttributeName
	}
	return t, nil
}

// Secret is an AWS::SecretsManager::Secret. It has a value, or says how to make
// one, or neither.
type Secret struct {
	ID          string
	Name        string
	Description string
	String      *string
	Generate    *GenerateSecretString
}

// GenerateSecretString says how a secret's first value is made.
// Source: CloudFormation reference, "AWS::SecretsManager::Secret
// GenerateSecretString".
type GenerateSecretString struct {
	PasswordLength          int    `yaml:"PasswordLength"`
	ExcludeCharacters       string `yaml:"ExcludeCharacters"`
	ExcludeLowercase        bool   `yaml:"ExcludeLowercase"`
	ExcludeUppercase        bool   `yaml:"ExcludeUppercase"`
	ExcludeNumbers          bool   `yaml:"ExcludeNumbers"`
	ExcludePunctuation      bool   `yaml:"ExcludePunctuation"`
	IncludeSpace            bool   `yaml:"IncludeSpace"`
	RequireEachIncludedType bool   `yaml:"RequireEachIncludedType"`
	SecretStringTemplate    string `yaml:"SecretStringTemplate"`
	GenerateStringKey       string `yaml:"GenerateStringKey"`
}

// UnmarshalYAML begins with the defaults: 32 characters, at least one of each
// kind.
func (g *GenerateSecretString) UnmarshalYAML(n *yaml.Node) error {
	type bare GenerateSecretString
	out := bare{PasswordLength: 32, RequireEachIncludedType: true}
	if err := n.Decode(&out); err != nil {
		return err
	}
	*g = GenerateSecretString(out)
	return nil
}

// Secret evaluates a secret.
func (s *Stack) Secret(id string, values Values) (Secret, error) {
	var p struct {
		Name                 string                `yaml:"Name"`
		Description          string                `yaml:"Description"`
		SecretString         *string               `yaml:"SecretString"`
		GenerateSecretString *GenerateSecretString `yaml:"GenerateSecretString"`
	}
	if err := s.resolver(values).decode(s.resources[id].properties, &p); err != nil {
		return Secret{}, err
	}
	if p.Name == "" {
		p.Name = s.name(id)
	}
	return Secret{ID: id, Name: p.Name, Description: p.Description, String: p.SecretString, Generate: p.GenerateSecretString}, nil
}
