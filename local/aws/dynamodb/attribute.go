package dynamodb

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"

	"fulcrum/local/aws/wire"
)

// attribute is a value as it travels: {"S": "text"}, {"N": "1.5"}.
type attribute struct {
	S    *string
	N    *string
	B    []byte
	SS   []string
	NS   []string
	BS   [][]byte
	L    []attribute
	M    map[string]attribute
	BOOL *bool
	NULL *bool
}

// maxDepth is how deep lists and maps may be nested.
const maxDepth = 32

// maxNameLength is the longest name of an attribute that is no key, in bytes.
const maxNameLength = 65535

// readItem makes an item of a request's attributes.
func readItem(in map[string]attribute) (document, error) { return readDocument(in, 0) }

func readDocument(in map[string]attribute, depth int) (document, error) {
	out := make(document, len(in))
	for name, a := range in {
		if err := checkAttributeName(name); err != nil {
			return nil, err
		}
		v, err := a.value(depth)
		if err != nil {
			return nil, err
		}
		out[name] = v
	}
	return out, nil
}

func checkAttributeName(name string) error {
	switch {
	case name == "":
		return invalid("Empty attribute name")
	case len(name) > maxNameLength:
		return invalid("One or more parameter values were invalid: Attribute name is too large, must be less than 65536 bytes")
	}
	return nil
}

// value checks an attribute as DynamoDB does, and makes its value.
func (a attribute) value(depth int) (value, error) {
	switch n := a.kinds(); {
	case n == 0:
		return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case n > 1:
		return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case depth >= maxDepth:
		return nil, invalid("Nesting Levels have exceeded supported limits: Attributes can not be nested more than %d levels deep", maxDepth)
	}
	switch {
	case a.S != nil:
		return text(*a.S), nil
	case a.B != nil:
		return binary(a.B), nil
	case a.BOOL != nil:
		return boolean(*a.BOOL), nil
	case a.NULL != nil:
		return null{}, nil
	case a.M != nil:
		return readDocument(a.M, depth+1)
	case a.L != nil:
		return readList(a.L, depth+1)
	case a.N != nil:
		return parseNumber(*a.N)
	}
	return a.set()
}

func (a attribute) kinds() int {
	n := 0
	for _, given := range []bool{a.S != nil, a.N != nil, a.B != nil, a.SS != nil, a.NS != nil, a.BS != nil,
		a.L != nil, a.M != nil, a.BOOL != nil, a.NULL != nil} {
		if given {
			n++
		}
	}
	return n
}

func readList(in []attribute, depth int) (list, error) {
	out := make(list, len(in))
	for i, a := range in {
		v, err := a.value(depth)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (a attribute) set() (value, error) {
	switch {
	case a.SS != nil:
		return a.stringSet()
	case a.NS != nil:
		return a.numberSet()
	}
	return a.binarySet()
}

func (a attribute) stringSet() (value, error) {
	if len(a.SS) == 0 {
		return nil, invalid("One or more parameter values were invalid: An string set  may not be empty")
	}
	s, twice := newSet("S", convert(a.SS, func(m string) value { return text(m) }))
	if twice {
		return nil, invalid("One or more parameter values were invalid: Input collection %s contains duplicates.", jsonText(a.SS))
	}
	return s, nil
}

func (a attribute) binarySet() (value, error) {
	if len(a.BS) == 0 {
		return nil, invalid("One or more parameter values were invalid: Binary sets should not be empty")
	}
	s, twice := newSet("B", convert(a.BS, func(m []byte) value { return binary(m) }))
	if twice {
		return nil, invalid("One or more parameter values were invalid: Input collection %sof type BS contains duplicates.", jsonText(a.BS))
	}
	return s, nil
}

func (a attribute) numberSet() (value, error) {
	if len(a.NS) == 0 {
		return nil, invalid("One or more parameter values were invalid: An number set  may not be empty")
	}
	members := make([]value, len(a.NS))
	for i, m := range a.NS {
		n, err := parseNumber(m)
		if err != nil {
			return nil, err
		}
		members[i] = n
	}
	s, twice := newSet("N", members)
	if twice {
		return nil, invalid("Input collection contains duplicates")
	}
	return s, nil
}

func convert[In, Out any](in []In, each func(In) Out) []Out {
	out := make([]Out, len(in))
	for i, v := range in {
		out[i] = each(v)
	}
	return out
}

func jsonText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// MarshalJSON writes an item as it travels and as it is kept.
func (d document) MarshalJSON() ([]byte, error) { return d.append(nil), nil }

func (d document) append(b []byte) []byte {
	b = append(b, '{')
	for i, name := range slices.Sorted(maps.Keys(d)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		b = appendValue(b, d[name])
	}
	return append(b, '}')
}

func appendValue(b []byte, v value) []byte {
	b = append(b, `{"`+v.kind()+`":`...)
	switch v := v.(type) {
	case list:
		b = appendList(b, v, appendValue)
	case set:
		b = appendList(b, v.members, appendScalar)
	case document:
		b = v.append(b)
	default:
		b = appendScalar(b, v)
	}
	return append(b, '}')
}

func appendScalar(b []byte, v value) []byte {
	switch v := v.(type) {
	case text:
		return appendString(b, string(v))
	case number:
		return append(append(append(b, '"'), v.String()...), '"')
	case binary:
		return append(base64.StdEncoding.AppendEncode(append(b, '"'), []byte(v)), '"')
	case boolean:
		if !v {
			return append(b, "false"...)
		}
	}
	return append(b, "true"...)
}

func appendList(b []byte, values []value, each func([]byte, value) []byte) []byte {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = each(b, v)
	}
	return append(b, ']')
}

func appendString(b []byte, s string) []byte { return append(b, jsonText(s)...) }

// invalid is the answer to a request that breaks a rule of DynamoDB's.
func invalid(format string, args ...any) *wire.Error {
	return wire.Errorf("ValidationException", format, args...)
}
