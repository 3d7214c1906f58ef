package deploy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fulcrum/local/template"
)

type table struct {
	BillingMode string     `yaml:"BillingMode"`
	Protected   bool       `yaml:"DeletionProtectionEnabled"`
	Cap         limit      `yaml:"OnDemandThroughput"`
	Key         []tableKey `yaml:"KeySchema"`
	Attributes  []tableKey `yaml:"AttributeDefinitions"`
	Indexes     []struct {
		Name string     `yaml:"IndexName"`
		Cap  limit      `yaml:"OnDemandThroughput"`
		Key  []tableKey `yaml:"KeySchema"`
	} `yaml:"GlobalSecondaryIndexes"`
	Recovery struct {
		Enabled bool `yaml:"PointInTimeRecoveryEnabled"`
		Days    int  `yaml:"RecoveryPeriodInDays"`
	} `yaml:"PointInTimeRecoverySpecification"`
	TTL struct {
		Attribute string `yaml:"AttributeName"`
		Enabled   bool   `yaml:"Enabled"`
	} `yaml:"TimeToLiveSpecification"`
	Encryption struct {
		Enabled bool   `yaml:"SSEEnabled"`
		Type    string `yaml:"SSEType"`
		Key     string `yaml:"KMSMasterKeyId"`
	} `yaml:"SSESpecification"`
}

// tableKey names an attribute.
type tableKey struct {
	Name string `yaml:"AttributeName"`
}

// keyed says which attributes are defined and in no key, or in one and not defined:
// DynamoDB refuses both.
func (t table) keyed() (unmatched []string) {
	keys := slices.Clone(t.Key)
	for _, index := range t.Indexes {
		keys = append(keys, index.Key...)
	}
	for _, pair := range [][2][]tableKey{{keys, t.Attributes}, {t.Attributes, keys}} {
		for _, one := range pair[0] {
			if !slices.Contains(pair[1], one) {
				unmatched = append(unmatched, one.Name)
			}
		}
	}
	return unmatched
}

// limit bounds what a table or an index may cost.
type limit struct {
	Reads  int `yaml:"MaxReadRequestUnits"`
	Writes int `yaml:"MaxWriteRequestUnits"`
}

func (l limit) set() bool { return l.Reads > 0 && l.Writes > 0 }

// tables says that state can be brought back for as long as DynamoDB can, is under
// a key of the customer's, and costs no more than was agreed, indexes too.
func tables(c *check) error {
	return each(c, template.TableType, func(id string, t table) {
		c.want(t.BillingMode == "PAY_PER_REQUEST" && t.Cap.set(), "table cost", id, "on demand without a limit")
		for _, index := range t.Indexes {
			c.want(index.Cap.set(), "table cost", id, "the index %s has no limit of its own", index.Name)
		}
		c.want(t.Recovery.Enabled && t.Recovery.Days == 35, "table recovery", id, "it can be brought back for %d days, not 35", t.Recovery.Days)
		c.want(len(t.keyed()) == 0, "table keys", id, "these attributes are a key or defined, and not both: %v", t.keyed())
		c.want(t.TTL.Enabled && t.TTL.Attribute != "", "table TTL", id, "nothing expires")
		c.want(t.Encryption.Enabled && t.Encryption.Type == "KMS" && c.isKey(t.Encryption.Key), "table encrypted", id, "it is under no key of the customer's")
		c.want(t.Protected || c.parameters["Environment"] == "dev", "table protected", id, "it can be deleted")
	})
}

// isKey reports whether value is the stack's key or the one it was given.
func (c *check) isKey(value string) bool {
	given := c.parameters["KeyArn"]
	return given != "" && value == given || given == "" && value != "" && c.idOf(value) == "Key"
}

// secrets says that no secret's value stands in the template, and that all are
// under the customer's key.
func secrets(c *check) error {
	return each(c, template.SecretType, func(id string, s struct {
		Key      string  `yaml:"KmsKeyId"`
		Value    *string `yaml:"SecretString"`
		Generate any     `yaml:"GenerateSecretString"`
	}) {
		c.want(s.Value == nil && s.Generate != nil, "secret value", id, "its value stands in the template")
		c.want(c.isKey(s.Key), "secret encrypted", id, "it is under no key of the customer's")
	})
}

// keys says that a key of the stack's own turns, and that CloudWatch can use it to
// tell of alarms: without that statement every alarm is silent, and nothing says so.
func keys(c *check) error {
	speaks := c.parameters["KeyArn"] != ""
	err := each(c, "AWS::KMS::Key", func(id string, k struct {
		Rotation bool   `yaml:"EnableKeyRotation"`
		Policy   policy `yaml:"KeyPolicy"`
	}) {
		c.want(k.Rotation, "key rotation", id, "it never turns")
		for _, s := range k.Policy.Statement {
			c.want(s.Principal != "*", "key public", id, "everybody may use it")
			speaks = speaks || strings.Contains(fmt.Sprint(s.Principal), "cloudwatch.amazonaws.com") && slices.Contains(s.Action, "kms:GenerateDataKey*") && slices.Contains(s.Action, "kms:Decrypt")
		}
	})
	if err != nil {
		return err
	}
	return each(c, "AWS::SNS::Topic", func(id string, t struct {
		Key string `yaml:"KmsMasterKeyId"`
	}) {
		c.want(t.Key == "" || speaks, "alarms silent", id, "CloudWatch may not use the topic's key")
	})
}

// retained says that a deletion or a replacement takes no state along.
func retained(c *check) error {
	stateful := []string{template.TableType, template.QueueType, template.SecretType, "AWS::KMS::Key", "AWS::Logs::LogGroup"}
	for _, r := range c.Resources {
		if slices.Contains(stateful, r.Type) {
			c.want(r.DeletionPolicy == "RetainExceptOnCreate" && r.UpdateReplacePolicy == "Retain", "retained", r.ID,
				"it is gone with the stack: %q, %q", r.DeletionPolicy, r.UpdateReplacePolicy)
		}
	}
	return nil
}

// What CloudFormation takes. User guide, "CloudFormation quotas": a template in S3
// may have 1 MB, a stack 500 resources. A transformed function has five more for
// its version, alias, deployment group, permissions and sources.
const (
	mostBytes     = 1 << 20
	mostResources = 500
	perFunction   = 3
)

// limits says that the template stays well below CloudFormation's limits when it is
// transformed. The factor is what was measured: SAM writes it out at four times its
// size, indented.
func limits(c *check) error {
	made := len(c.Resources) + perFunction*len(c.of(template.FunctionType)) + len(c.Wiring.API.Routes) + len(c.Wiring.Queues) + len(c.Wiring.Schedules) + 2
	c.want(made <= mostResources*4/5, "size", "template", "it becomes %d resources of at most %d", made, mostResources)
	c.want(c.Size*4 <= mostBytes*4/5, "size", "template", "it becomes some %d bytes of at most %d", c.Size*4, mostBytes)
	return nil
}

// parameters says that each parameter is explained, is in a group where people see
// it, and is used.
func parameters(c *check) error {
	grouped := fmt.Sprint(c.Template.Section("Metadata")["AWS::CloudFormation::Interface"])
	used := strings.Join([]string{c.Template.Text("Conditions"), c.Template.Text("Globals"), c.Template.Text("Resources"), c.Template.Text("Outputs")}, "\n")
	for name, p := range c.Template.Section("Parameters") {
		is, _ := p.(map[string]any)
		text, _ := is["Description"].(string)
		c.want(strings.HasSuffix(text, "."), "parameter", name, "nobody says what it is for")
		c.want(regexp.MustCompile(`\b`+name+`\b`).MatchString(grouped), "parameter", name, "it is in no group")
		c.want(regexp.MustCompile(`!Ref `+name+`\b|\$\{`+name+`\}`).MatchString(used), "parameter", name, "nothing uses it")
	}
	return nil
}
