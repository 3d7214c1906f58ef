package dynamodb

import (
	"strconv"
	"strings"
	"time"

	"fulcrum/local/aws/wire"
)

type timeToLiveInput struct {
	TableName               string
	TimeToLiveSpecification *struct {
		AttributeName string
		Enabled       *bool
	}
}

// ttlPause is how long AWS refuses a second change of a table's time to live.
const ttlPause = time.Hour

func (db *DB) updateTimeToLive(c *wire.Call, in *timeToLiveInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	if err := in.check(); err != nil {
		return nil, err
	}
	err := db.write(func(d *draft) error {
		t, err := d.named(in.TableName)
		if err != nil {
			return err
		}
		changed, err := in.apply(t.definition, db.Now())
		if err != nil {
			return err
		}
		fresh := *t
		fresh.definition = changed
		return d.define(&fresh)
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"TimeToLiveSpecification": in.TimeToLiveSpecification}, nil
}

func (in *timeToLiveInput) check() error {
	spec := in.TimeToLiveSpecification
	switch {
	case spec == nil:
		return missing("timeToLiveSpecification")
	case spec.Enabled == nil:
		return missing("timeToLiveSpecification.enabled")
	case len(spec.AttributeName) < 1:
		return constraint("", "timeToLiveSpecification.attributeName", "Member must have length greater than or equal to 1")
	case len(spec.AttributeName) > 255:
		return constraint(spec.AttributeName, "timeToLiveSpecification.attributeName", "Member must have length less than or equal to 255")
	}
	return nil
}

// apply is the definition with the change made.
func (in *timeToLiveInput) apply(d *definition, now time.Time) (*definition, error) {
	name, enable := in.TimeToLiveSpecification.AttributeName, *in.TimeToLiveSpecification.Enabled
	switch {
	case enable && d.TimeToLive == name:
		return nil, invalid("TimeToLive is already enabled")
	case !enable && d.TimeToLive == "":
		return nil, invalid("TimeToLive is already disabled")
	case d.TimeToLive != "" && d.TimeToLive != name:
		return nil, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", d.TimeToLive)
	case now.Sub(d.TimeToLiveChanged) < ttlPause:
		return nil, invalid("Time to live has been modified multiple times within a fixed interval")
	}
	changed := *d
	changed.TimeToLive, changed.TimeToLiveChanged = "", now
	if enable {
		changed.TimeToLive = name
	}
	return &changed, nil
}

func (db *DB) describeTimeToLive(c *wire.Call, in *tableInput) (any, error) {
	db.touch(c, db.arn(in.TableName))
	t, err := db.tables().named(in.TableName)
	if err != nil {
		return nil, err
	}
	d := map[string]any{"TimeToLiveStatus": "DISABLED"}
	if t.TimeToLive != "" {
		d = map[string]any{"TimeToLiveStatus": "ENABLED", "AttributeName": t.TimeToLive}
	}
	return map[string]any{"TimeToLiveDescription": d}, nil
}

// AWS removes an expired item within a few days of its time, and lets it be
// seen until then. Here it goes with the first sweep at least an hour after its
// time, so that nobody comes to rely on its going at once. An item that expired
// more than five years ago stays: AWS takes its time for a mistake.
const (
	sweepEvery  = time.Hour // it looks at every item
	expiryGrace = time.Hour
	expiryLimit = 5 * 365 * 24 * time.Hour
)

// sweep removes what has expired, if the last sweep is long enough ago.
func (db *DB) sweep() error {
	now, last := db.Now(), db.swept.Load()
	if last != nil && now.Sub(*last) < sweepEvery || !db.swept.CompareAndSwap(last, &now) {
		return nil
	}
	return db.write(func(d *draft) error {
		for name, t := range d.version {
			for id, r := range t.items.records(span{}, false) {
				if t.expired(r.item, now) {
					d.set(name, id, nil)
				}
			}
		}
		return nil
	})
}

func (t *table) expired(item document, now time.Time) bool {
	if t.TimeToLive == "" {
		return false
	}
	n, ok := item[t.TimeToLive].(number)
	whole, _, _ := strings.Cut(n.String(), ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if !ok || err != nil {
		return false
	}
	age := now.Sub(time.Unix(seconds, 0))
	return age >= expiryGrace && age < expiryLimit
}
