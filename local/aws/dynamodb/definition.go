package dynamodb

import (
	"slices"
	"strings"
	"time"
)

// definition is what a table was created with, in the words of CreateTable, and
// what became of it. It is kept as JSON and never changes in place.
type definition struct {
	TableName                 string
	TableArn                  string
	TableID                   string
	Created                   time.Time
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
	Tags                      []tag
	TimeToLive                string // the attribute, empty while it is off
	TimeToLiveChanged         time.Time

	key     schema
	indexes []index
}

type (
	attributeDefinition struct{ AttributeName, AttributeType string }
	keyElement          struct{ AttributeName, KeyType string }
	tag                 struct{ Key, Value string }
	throughput          struct{ ReadCapacityUnits, WriteCapacityUnits int64 }
	onDemandThroughput  struct{ MaxReadRequestUnits, MaxWriteRequestUnits int64 }
	warmThroughput      struct{ ReadUnitsPerSecond, WriteUnitsPerSecond int64 }
	encryption          struct {
		Enabled        bool
		SSEType        string
		KMSMasterKeyID string `json:"KMSMasterKeyId"`
	}
	indexDefinition struct {
		IndexName             string
		KeySchema             []keyElement
		Projection            *indexProjection
		ProvisionedThroughput *throughput         `json:",omitempty"`
		OnDemandThroughput    *onDemandThroughput `json:",omitempty"`
		WarmThroughput        *warmThroughput     `json:",omitempty"`
	}
	indexProjection struct {
		ProjectionType   string
		NonKeyAttributes []string `json:",omitempty"`
	}
)

// index is a global secondary index as it works.
type index struct {
	name string
	key  schema
	// attributes are those that it holds; nil holds all.
	attributes map[string]bool
}

// prepare works out the keys. It comes after whatever made the definition.
func (d *definition) prepare() {
	d.key = d.schema(d.KeySchema)
	d.indexes = convert(d.GlobalSecondaryIndexes, func(i indexDefinition) index {
		return index{name: i.IndexName, key: d.schema(i.KeySchema), attributes: d.projected(i)}
	})
	// Messages about several indexes name the first one by name.
	slices.SortFunc(d.indexes, func(a, b index) int { return strings.Compare(a.name, b.name) })
}

func (d *definition) schema(elements []keyElement) schema {
	return convert(elements, func(e keyElement) part {
		for _, a := range d.AttributeDefinitions {
			if a.AttributeName == e.AttributeName {
				return part{name: a.AttributeName, kind: a.AttributeType}
			}
		}
		return part{name: e.AttributeName}
	})
}

func (d *definition) projected(i indexDefinition) map[string]bool {
	if i.Projection.ProjectionType == "ALL" {
		return nil
	}
	names := map[string]bool{}
	for _, e := range slices.Concat(d.KeySchema, i.KeySchema) {
		names[e.AttributeName] = true
	}
	for _, name := range i.Projection.NonKeyAttributes {
		names[name] = true
	}
	return names
}

func (d *definition) isIndexKey(name string) bool {
	return slices.ContainsFunc(d.indexes, func(i index) bool { return i.key.has(name) })
}

// checkIndexKinds refuses an item that an index cannot hold. An item that lacks
// an index's key is not refused; it is not in the index.
func (d *definition) checkIndexKinds(item document) error {
	for _, i := range d.indexes {
		for _, p := range i.key {
			v := item[p.name]
			if v != nil && v.kind() != p.kind {
				return invalid("One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", p.name, p.kind, v.kind(), i.name)
			}
		}
	}
	return nil
}

// checkEmptyIndexKeys refuses an item with an empty text or binary for an
// index's key.
func (d *definition) checkEmptyIndexKeys(item document) error {
	for _, i := range d.indexes {
		for _, p := range i.key {
			if what := emptiness(item[p.name]); what != "" {
				return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", what, i.name, p.name)
			}
		}
	}
	return nil
}

// checkScalars refuses paths that go into a key.
func (d *definition) checkScalars(paths []path) error {
	for _, p := range paths {
		switch name := p[0].name; {
		case len(p) == 1:
		case d.key.has(name):
			return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: %s", name)
		case d.isIndexKey(name):
			return invalid("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: %s", name)
		}
	}
	return nil
}

// entry is the key and the content of an item in the index; ok is false if the
// item is not in it. id is the item's key in the table.
func (i index) entry(id string, r *record) (key string, content *record, ok bool) {
	for _, p := range i.key {
		if v := r.item[p.name]; v == nil || v.kind() != p.kind {
			return "", nil, false
		}
	}
	key = i.key.encode(r.item) + id
	if i.attributes == nil {
		return key, r, true
	}
	held := document{}
	for name := range i.attributes {
		if v := r.item[name]; v != nil {
			held[name] = v
		}
	}
	return key, newRecord(held), true
}
