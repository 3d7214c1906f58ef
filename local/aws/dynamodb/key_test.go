package dynamodb

import (
	"slices"
	"strings"
	"testing"
)

func TestEncodedKeysSortAsTheirValues(t *testing.T) {
	tests := map[string][]value{
		"texts":    {text("\x00"), text("\x00\x00"), text("\x00\x01"), text("\x01"), text("A"), text("a"), text("a\x00"), text("a\x00b"), text("a\x01"), text("ab"), text("b"), text("ä"), text("😀")},
		"binaries": {binary("\x00"), binary("\x00\x00"), binary("\x00\xff"), binary("\x01"), binary("\xff"), binary("\xff\x00"), binary("\xff\xff")},
		"numbers":  {num(t, "-100"), num(t, "-99"), num(t, "-1.5"), num(t, "-1"), num(t, "0"), num(t, "0.001"), num(t, "1"), num(t, "1.5"), num(t, "2"), num(t, "10"), num(t, "11"), num(t, "100")},
	}
	for name, ascending := range tests {
		t.Run(name, func(t *testing.T) {
			encoded := convert(ascending, encodePart)
			if !slices.IsSorted(encoded) || len(slices.Compact(encoded)) < len(ascending) {
				t.Errorf("%q are not in order", encoded)
			}
		})
	}
}

func TestItemsOfAPartitionStandTogether(t *testing.T) {
	s := schema{{"p", "S"}, {"s", "S"}}
	partitions := []string{"a", "a\x00", "ab", "b", ""}
	for _, p := range partitions {
		prefix := s.partition(text(p))
		for _, q := range partitions {
			for _, sort := range []string{"", "\x00", "\xff\xff", "x"} {
				key := s.encode(document{"p": text(q), "s": text(sort)})
				within := key >= prefix && key < behind(prefix)
				if within != (p == q) {
					t.Errorf("key %q %q stands in partition %q: %v", q, sort, p, within)
				}
			}
		}
	}
}

func TestBehindIsTheFirstKeyThatBeginsOtherwise(t *testing.T) {
	tests := map[string]struct{ prefix, want string }{
		"the last byte is one more":    {"ab", "ac"},
		"after a byte of 255":          {"a\xff", "b"},
		"nothing comes behind all 255": {"\xff\xff", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := behind(tt.prefix); got != tt.want {
				t.Errorf("behind %q is %q, want %q", tt.prefix, got, tt.want)
			}
		})
	}
}

func TestKeysMustFitTheSchema(t *testing.T) {
	const (
		mismatch = "The provided key element does not match the schema"
		empty    = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
	)
	s := schema{{"p", "S"}, {"s", "B"}}
	tests := map[string]struct{ key, problem string }{
		"the whole key":               {`{"p":{"S":"a"},"s":{"B":"AA=="}}`, ""},
		"a part of the key":           {`{"p":{"S":"a"}}`, mismatch},
		"more than the key":           {`{"p":{"S":"a"},"s":{"B":"AA=="},"x":{"S":"a"}}`, mismatch},
		"another name":                {`{"p":{"S":"a"},"t":{"B":"AA=="}}`, mismatch},
		"another kind":                {`{"p":{"S":"a"},"s":{"S":"a"}}`, mismatch},
		"an empty text":               {`{"p":{"S":""},"s":{"B":"AA=="}}`, empty + "string value. Key: p"},
		"an empty binary":             {`{"p":{"S":"a"},"s":{"B":""}}`, empty + "binary value. Key: s"},
		"the longest partition key":   {`{"p":{"S":"` + strings.Repeat("x", 2048) + `"},"s":{"B":"AA=="}}`, ""},
		"a partition key too long":    {`{"p":{"S":"` + strings.Repeat("x", 2049) + `"},"s":{"B":"AA=="}}`, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		"the longest sort key":        {`{"p":{"S":"a"},"s":{"B":"` + strings.Repeat("AAAA", 341) + `AA=="}}`, ""},
		"a sort key that is too long": {`{"p":{"S":"a"},"s":{"B":"` + strings.Repeat("AAAA", 342) + `"}}`, "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := s.checkKey(item(t, tt.key)); err != nil {
				got = message(err)
			}
			if got != tt.problem {
				t.Errorf("got %q, want %q", got, tt.problem)
			}
		})
	}
}

func TestItemsMustHaveTheKey(t *testing.T) {
	s := schema{{"p", "S"}, {"s", "N"}}
	tests := map[string]struct{ item, problem string }{
		"the key and more": {`{"p":{"S":"a"},"s":{"N":"1"},"x":{"NULL":true}}`, ""},
		"no sort key":      {`{"p":{"S":"a"}}`, "One or more parameter values were invalid: Missing the key s in the item"},
		"another kind":     {`{"p":{"S":"a"},"s":{"S":"1"}}`, "One or more parameter values were invalid: Type mismatch for key s expected: N actual: S"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := s.checkItem(item(t, tt.item)); err != nil {
				got = message(err)
			}
			if got != tt.problem {
				t.Errorf("got %q, want %q", got, tt.problem)
			}
		})
	}
}
