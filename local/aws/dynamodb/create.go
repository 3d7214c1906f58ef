package dynamodb

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"fulcrum/local/aws/wire"
)

type createTableInput struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keyElement
	GlobalSecondaryIndexes    []indexDefinition
	BillingMode               string
	ProvisionedThroughput     *throughput
	OnDemandThroughput        *onDemandThroughput
	WarmThroughput            *warmThroughput
	TableClass                string
	DeletionProtectionEnabled bool
	SSESpecification          *encryption
	StreamSpecification       *struct {
		StreamEnabled  bool
		StreamViewType string
	}
	Tags []tag
}

const (
	provisioned = "PROVISIONED"
	onDemand    = "PAY_PER_REQUEST"
	maxIndexes  = 20
)

func (db *DB) createTable(c *wire.Call, in *createTableInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	if in.BillingMode == "" {
		in.BillingMode = provisioned
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	id := make([]byte, 16)
	rand.Read(id) // never fails, by its documentation
	t := newTable(in.definition(db, id))
	err := db.write(func(d *draft) error {
		if _, there := d.version[in.TableName]; there {
			return wire.Errorf("ResourceInUseException", "Table already exists: %s", in.TableName)
		}
		return d.define(t)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"TableDescription": t.describe("CREATING")}, nil
}

func (in *createTableInput) definition(db *DB, id []byte) *definition {
	return &definition{
		TableName:                 in.TableName,
		TableArn:                  db.arn(in.TableName),
		TableID:                   uuid(id),
		Created:                   db.Now(),
		AttributeDefinitions:      in.AttributeDefinitions,
		KeySchema:                 in.KeySchema,
		GlobalSecondaryIndexes:    in.GlobalSecondaryIndexes,
		BillingMode:               in.BillingMode,
		ProvisionedThroughput:     in.ProvisionedThroughput,
		OnDemandThroughput:        in.OnDemandThroughput,
		WarmThroughput:            in.WarmThroughput,
		TableClass:                in.TableClass,
		DeletionProtectionEnabled: in.DeletionProtectionEnabled,
		SSESpecification:          in.SSESpecification,
		Tags:                      in.Tags,
	}
}

func uuid(random []byte) string {
	random[6], random[8] = random[6]&0x0f|0x40, random[8]&0x3f|0x80
	s := hex.EncodeToString(random)
	return strings.Join([]string{s[:8], s[8:12], s[12:16], s[16:20], s[20:]}, "-")
}

func (in *createTableInput) check() error {
	if s := in.StreamSpecification; s != nil && s.StreamEnabled {
		return wire.NotSupported("a table with a stream")
	}
	return first(
		checkName(in.TableName, "tableName", 3),
		checkChoice(in.BillingMode, "billingMode", provisioned, onDemand),
		checkChoice(in.TableClass, "tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS"),
		in.checkAttributes(),
		in.checkSchema(in.KeySchema, "keySchema"),
		in.checkBilling(),
		in.checkIndexes(),
		in.checkUnused(),
	)
}

func (in *createTableInput) checkAttributes() error {
	for i, a := range in.AttributeDefinitions {
		member := fmt.Sprintf("attributeDefinitions.%d.member.", i+1)
		if len(a.AttributeName) < 1 || len(a.AttributeName) > 255 {
			return constraint(a.AttributeName, member+"attributeName", "Member must have length less than or equal to 255")
		}
		if a.AttributeType == "" {
			return missing(member + "attributeType")
		}
		if err := checkChoice(a.AttributeType, member+"attributeType", "B", "N", "S"); err != nil {
			return err
		}
	}
	return nil
}

// checkSchema wants a HASH key and at most a RANGE key behind it, both defined.
func (in *createTableInput) checkSchema(elements []keyElement, member string) error {
	if len(elements) == 0 {
		return missing(member)
	}
	if len(elements) > 2 {
		return constraint(elements, member, "Member must have length less than or equal to 2")
	}
	for i, e := range elements {
		if err := checkChoice(e.KeyType, fmt.Sprintf("%s.%d.member.keyType", member, i+1), "HASH", "RANGE"); err != nil {
			return err
		}
	}
	return first(in.checkDefined(elements), checkOrder(elements))
}

func (in *createTableInput) checkDefined(elements []keyElement) error {
	defined, keys := in.defined(), namesOf(elements)
	for _, name := range keys {
		if !slices.Contains(defined, name) {
			return invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: %s, AttributeDefinitions: %s", listed(keys), listed(defined))
		}
	}
	return nil
}

func checkOrder(elements []keyElement) error {
	switch {
	case elements[0].KeyType != "HASH":
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(elements) > 1 && elements[1].KeyType != "RANGE":
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	case len(elements) > 1 && elements[0].AttributeName == elements[1].AttributeName:
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	}
	return nil
}

func (in *createTableInput) defined() []string {
	return convert(in.AttributeDefinitions, func(a attributeDefinition) string { return a.AttributeName })
}

func namesOf(elements []keyElement) []string {
	return convert(elements, func(e keyElement) string { return e.AttributeName })
}

func listed(names []string) string { return "[" + strings.Join(names, ", ") + "]" }

func (in *createTableInput) checkBilling() error {
	p := in.ProvisionedThroughput
	switch {
	case in.BillingMode == onDemand && p != nil:
		return invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
	case in.BillingMode == provisioned && (p == nil || p.ReadCapacityUnits < 1 || p.WriteCapacityUnits < 1):
		return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	return nil
}

func (in *createTableInput) checkIndexes() error {
	if in.GlobalSecondaryIndexes != nil && len(in.GlobalSecondaryIndexes) == 0 {
		return invalid("One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty")
	}
	if len(in.GlobalSecondaryIndexes) > maxIndexes {
		return invalid("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d", maxIndexes)
	}
	seen := map[string]bool{}
	for n, i := range in.GlobalSecondaryIndexes {
		if err := in.checkIndex(i, fmt.Sprintf("globalSecondaryIndexes.%d.member.", n+1)); err != nil {
			return err
		}
		if seen[i.IndexName] {
			return invalid("One or more parameter values were invalid: Duplicate index name: %s", i.IndexName)
		}
		seen[i.IndexName] = true
	}
	return nil
}

func (in *createTableInput) checkIndex(i indexDefinition, member string) error {
	if len(i.KeySchema) > 2 {
		return wire.NotSupported("an index with a key of more than two attributes")
	}
	if i.Projection == nil {
		return missing(member + "projection")
	}
	return first(
		checkName(i.IndexName, member+"indexName", 3),
		in.checkSchema(i.KeySchema, member+"keySchema"),
		i.Projection.check(member+"projection."),
		in.checkIndexBilling(i),
	)
}

func (in *createTableInput) checkIndexBilling(i indexDefinition) error {
	switch {
	case in.BillingMode == onDemand && i.ProvisionedThroughput != nil:
		return invalid("One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", i.IndexName)
	case in.BillingMode == provisioned && i.ProvisionedThroughput == nil:
		return invalid("One or more parameter values were invalid: ProvisionedThroughput must be specified for index: %s", i.IndexName)
	}
	return nil
}

func (p *indexProjection) check(member string) error {
	if err := checkChoice(p.ProjectionType, member+"projectionType", "ALL", "INCLUDE", "KEYS_ONLY"); err != nil {
		return err
	}
	names := slices.Sorted(slices.Values(p.NonKeyAttributes))
	switch {
	case p.ProjectionType == "":
		return invalid("One or more parameter values were invalid: Unknown ProjectionType: null")
	case p.ProjectionType == "INCLUDE" && len(names) == 0:
		return invalid("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	case p.ProjectionType != "INCLUDE" && len(names) > 0:
		return invalid("One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is specified", p.ProjectionType)
	case len(slices.Compact(names)) < len(p.NonKeyAttributes):
		return invalid("One or more parameter values were invalid: Duplicate value in NonKeyAttributes")
	}
	return nil
}

// checkUnused refuses a definition of an attribute that is in no key.
func (in *createTableInput) checkUnused() error {
	used := namesOf(in.KeySchema)
	for _, i := range in.GlobalSecondaryIndexes {
		used = append(used, namesOf(i.KeySchema)...)
	}
	for _, name := range in.defined() {
		if slices.Contains(used, name) {
			continue
		}
		if in.GlobalSecondaryIndexes == nil {
			return invalid("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
		}
		return invalid("One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: %s, keys used: %s", listed(in.defined()), listed(used))
	}
	return nil
}
