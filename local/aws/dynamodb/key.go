package dynamodb

import (
	"crypto/sha256"
	"strings"

	"fulcrum/local/aws/wire"
)

// part is an attribute of a key.
type part struct {
	name string
	kind string // "S", "N" or "B"
}

// schema is the key of a table or an index: the partition key, and the sort key
// where there is one.
type schema []part

func (s schema) has(name string) bool {
	for _, p := range s {
		if p.name == name {
			return true
		}
	}
	return false
}

// The longest keys, in bytes, by "Quotas in Amazon DynamoDB".
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
)

// encode makes one text of an item's key, which must be complete. Texts sort by
// a hash of the partition key, so that a scan of a part of the hashes is a scan
// of a part of the items, then by partition key, then by sort key.
func (s schema) encode(item document) string {
	partition := s.partition(item[s[0].name])
	if len(s) == 1 {
		return partition
	}
	return partition + encodePart(item[s[1].name])
}

// partition is how the keys of all items of a partition begin.
func (s schema) partition(v value) string {
	part := encodePart(v)
	hash := sha256.Sum256([]byte(part))
	return string(hash[:8]) + part
}

// partEnd closes a part. It sorts before everything that a part can go on with.
const partEnd = "\x00\x01"

func encodePart(v value) string { return escape(v) + partEnd }

// escape is a key's value without the closing of its part. Its bytes sort as
// the values do.
func escape(v value) string {
	raw := ""
	switch v := v.(type) {
	case text:
		raw = string(v)
	case binary:
		raw = string(v)
	case number:
		raw = v.sortable()
	}
	return strings.ReplaceAll(raw, "\x00", "\x00\xff")
}

// behind is the first key behind all that begin with prefix.
func behind(prefix string) string {
	b := []byte(prefix)
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < 0xff {
			b[i]++
			return string(b[:i+1])
		}
	}
	return ""
}

// checkKey refuses a key that is not exactly the schema's attributes.
func (s schema) checkKey(key document) error {
	if len(key) != len(s) {
		return schemaMismatch()
	}
	return s.checkLookup(key)
}

// checkLookup refuses a key whose attributes are missing, of another kind,
// empty or too long.
func (s schema) checkLookup(key document) error {
	for _, p := range s {
		if v := key[p.name]; v == nil || v.kind() != p.kind {
			return schemaMismatch()
		}
	}
	return s.checkSizes(key)
}

func schemaMismatch() *wire.Error {
	return invalid("The provided key element does not match the schema")
}

// checkItem refuses an item that lacks a key attribute or has it of another
// kind.
func (s schema) checkItem(item document) error {
	for _, p := range s {
		v := item[p.name]
		if v == nil {
			return invalid("One or more parameter values were invalid: Missing the key %s in the item", p.name)
		}
		if v.kind() != p.kind {
			return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", p.name, p.kind, v.kind())
		}
	}
	return s.checkSizes(item)
}

func (s schema) checkSizes(item document) error {
	if err := s.checkEmpty(item); err != nil {
		return err
	}
	if keyLength(item[s[0].name]) > maxPartitionKey {
		return invalid("One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes")
	}
	if len(s) > 1 && keyLength(item[s[1].name]) > maxSortKey {
		return invalid("One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	}
	return nil
}

// checkEmpty refuses an empty text or binary in a key.
func (s schema) checkEmpty(item document) error {
	for _, p := range s {
		if what := emptiness(item[p.name]); what != "" {
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", what, p.name)
		}
	}
	return nil
}

// emptiness is "string" or "binary" for a value that no key may have.
func emptiness(v value) string {
	switch v {
	case text(""):
		return "string"
	case binary(""):
		return "binary"
	}
	return ""
}

// keyLength is a key's length in bytes; a number is never too long.
func keyLength(v value) int {
	switch v := v.(type) {
	case text:
		return len(v)
	case binary:
		return len(v)
	}
	return 0
}
