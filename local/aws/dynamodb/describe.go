package dynamodb

import (
	"fmt"
	"maps"
	"slices"

	"fulcrum/local/aws/wire"
)

type tableInput struct{ TableName string }

func (db *DB) describeTable(c *wire.Call, in *tableInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	t, err := db.tables().named(in.TableName)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Table": t.describe("ACTIVE")}, nil
}

func (db *DB) deleteTable(c *wire.Call, in *tableInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	var t *table
	err := db.write(func(d *draft) (err error) {
		if t, err = d.named(in.TableName); err != nil {
			return err
		}
		if t.DeletionProtectionEnabled {
			return invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
		}
		d.drop(t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"TableDescription": t.describe("DELETING")}, nil
}

type listTablesInput struct {
	ExclusiveStartTableName string
	Limit                   *int
}

// maxList is the longest list of tables in one answer.
const maxList = 100

func (db *DB) listTables(_ *wire.Call, in *listTablesInput) (any, error) {
	limit := maxList
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > maxList {
		return nil, constraint(limit, "limit", "Member must have value between 1 and %d", maxList)
	}
	names := slices.Sorted(maps.Keys(db.tables()))
	if start := in.ExclusiveStartTableName; start != "" {
		names = slices.DeleteFunc(names, func(name string) bool { return name <= start })
	}
	answer := map[string]any{}
	if len(names) > limit {
		names = names[:limit]
		answer["LastEvaluatedTableName"] = names[limit-1]
	}
	answer["TableNames"] = append([]string{}, names...)
	return answer, nil
}

// describe is what clients are told of a table. The sizes, which AWS works out
// some six hours late, are those of the moment.
func (t *table) describe(status string) map[string]any {
	d := map[string]any{
		"AttributeDefinitions":      t.AttributeDefinitions,
		"TableName":                 t.TableName,
		"KeySchema":                 t.KeySchema,
		"TableStatus":               status,
		"CreationDateTime":          float64(t.Created.UnixMilli()) / 1000,
		"ProvisionedThroughput":     describeThroughput(t.ProvisionedThroughput),
		"TableSizeBytes":            t.bytes,
		"ItemCount":                 t.items.size,
		"TableArn":                  t.TableArn,
		"TableId":                   t.TableID,
		"DeletionProtectionEnabled": t.DeletionProtectionEnabled,
	}
	if t.BillingMode == onDemand {
		d["BillingModeSummary"] = map[string]any{"BillingMode": onDemand, "LastUpdateToPayPerRequestDateTime": d["CreationDateTime"]}
	}
	if len(t.indexes) > 0 {
		d["GlobalSecondaryIndexes"] = t.describeIndexes(status)
	}
	t.describeOptions(d)
	return d
}

// describeOptions adds what a table need not have.
func (t *table) describeOptions(d map[string]any) {
	if t.TableClass != "" {
		d["TableClassSummary"] = map[string]any{"TableClass": t.TableClass}
	}
	if t.OnDemandThroughput != nil {
		d["OnDemandThroughput"] = t.OnDemandThroughput
	}
	if t.WarmThroughput != nil {
		d["WarmThroughput"] = t.WarmThroughput
	}
	if e := t.SSESpecification; e != nil && e.Enabled {
		d["SSEDescription"] = map[string]any{"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": e.KMSMasterKeyID}
	}
}

func describeThroughput(p *throughput) map[string]any {
	if p == nil {
		p = &throughput{}
	}
	return map[string]any{"NumberOfDecreasesToday": 0, "ReadCapacityUnits": p.ReadCapacityUnits, "WriteCapacityUnits": p.WriteCapacityUnits}
}

func (t *table) describeIndexes(status string) []map[string]any {
	var all []map[string]any
	for _, i := range t.GlobalSecondaryIndexes {
		at := slices.IndexFunc(t.indexes, func(x index) bool { return x.name == i.IndexName })
		all = append(all, map[string]any{
			"IndexName":             i.IndexName,
			"KeySchema":             i.KeySchema,
			"Projection":            i.Projection,
			"IndexStatus":           status,
			"ProvisionedThroughput": describeThroughput(i.ProvisionedThroughput),
			"IndexSizeBytes":        t.entryBytes(at),
			"ItemCount":             t.entries[at].size,
			"IndexArn":              fmt.Sprintf("%s/index/%s", t.TableArn, i.IndexName),
		})
	}
	return all
}

func (t *table) entryBytes(at int) int {
	sum := 0
	for _, r := range t.entries[at].records(span{}, false) {
		sum += r.size
	}
	return sum
}
