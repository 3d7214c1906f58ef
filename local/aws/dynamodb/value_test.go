package dynamodb

import (
	"strings"
	"testing"
)

func TestValuesAreEqualInDepth(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"numbers that are written differently": {`{"N":"1.0"}`, `{"N":"1"}`, true},
		"a number and a text":                  {`{"N":"1"}`, `{"S":"1"}`, false},
		"a text and a binary":                  {`{"S":"a"}`, `{"B":"YQ=="}`, false},
		"sets in another order":                {`{"SS":["a","b"]}`, `{"SS":["b","a"]}`, true},
		"sets of another size":                 {`{"SS":["a","b"]}`, `{"SS":["a"]}`, false},
		"sets of another kind":                 {`{"SS":["1"]}`, `{"NS":["1"]}`, false},
		"lists in another order":               {`{"L":[{"S":"a"},{"S":"b"}]}`, `{"L":[{"S":"b"},{"S":"a"}]}`, false},
		"lists with equal sets":                {`{"L":[{"NS":["1","2"]}]}`, `{"L":[{"NS":["2.0","1"]}]}`, true},
		"maps in another order":                {`{"M":{"a":{"S":"x"},"b":{"S":"y"}}}`, `{"M":{"b":{"S":"y"},"a":{"S":"x"}}}`, true},
		"maps with another value":              {`{"M":{"a":{"S":"x"}}}`, `{"M":{"a":{"S":"y"}}}`, false},
		"maps of another size":                 {`{"M":{"a":{"S":"x"}}}`, `{"M":{"a":{"S":"x"},"b":{"S":"y"}}}`, false},
		"maps with another name":               {`{"M":{"a":{"S":"x"}}}`, `{"M":{"b":{"S":"x"}}}`, false},
		"empty maps":                           {`{"M":{}}`, `{"M":{}}`, true},
		"an empty map and an empty list":       {`{"M":{}}`, `{"L":[]}`, false},
		"nulls":                                {`{"NULL":true}`, `{"NULL":true}`, true},
		"truths":                               {`{"BOOL":true}`, `{"BOOL":false}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, b := item(t, `{"v":`+tt.a+`}`)["v"], item(t, `{"v":`+tt.b+`}`)["v"]
			if equal(a, b) != tt.want || equal(b, a) != tt.want {
				t.Errorf("%s equals %s: %v, want %v", tt.a, tt.b, equal(a, b), tt.want)
			}
		})
	}
}

func TestNothingEqualsWhatIsNotThere(t *testing.T) {
	if equal(nil, nil) || equal(text("a"), nil) || equal(nil, text("a")) {
		t.Error("a missing attribute equals something")
	}
}

func TestOnlyTextsNumbersAndBinariesHaveAnOrder(t *testing.T) {
	tests := map[string]struct {
		a, b value
		want int
		ok   bool
	}{
		"texts by their bytes":     {text("Z"), text("a"), -1, true},
		"texts beyond ASCII":       {text("z"), text("ä"), -1, true},
		"numbers by their value":   {num(t, "10"), num(t, "9"), 1, true},
		"binaries by their bytes":  {binary("\xff"), binary("\x00\x01"), 1, true},
		"a text and a number":      {text("1"), num(t, "1"), 0, false},
		"truths":                   {boolean(true), boolean(false), 0, false},
		"lists":                    {list{}, list{}, 0, false},
		"what is not there at all": {nil, nil, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, ok := compare(tt.a, tt.b)
			if ok != tt.ok || ok && got != tt.want {
				t.Errorf("got %d, %v; want %d, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

// The sizes follow "DynamoDB item sizes and formats" in the developer guide.
func TestItemsCountNamesAndValues(t *testing.T) {
	tests := map[string]struct {
		item string
		want int
	}{
		"nothing":                       {`{}`, 0},
		"a name and a text":             {`{"name":{"S":"abc"}}`, 7},
		"bytes, not characters":         {`{"ü":{"S":"ä"}}`, 4},
		"a binary by its bytes":         {`{"b":{"B":"AAEC"}}`, 4},
		"null and truths are one byte":  {`{"a":{"NULL":true},"b":{"BOOL":false}}`, 4},
		"a number by its digits":        {`{"n":{"N":"1234"}}`, 4},
		"a set by its members":          {`{"s":{"SS":["a","bc"]}}`, 4},
		"a list: three, and one each":   {`{"l":{"L":[{"S":"a"},{"S":"bc"}]}}`, 1 + 3 + 2 + 3},
		"a map: three, and one each":    {`{"m":{"M":{"x":{"S":"a"}}}}`, 1 + 3 + 1 + 2},
		"an empty list and map":         {`{"l":{"L":[]},"m":{"M":{}}}`, 2 + 3 + 3},
		"an empty text is only a name":  {`{"name":{"S":""}}`, 4},
		"a list in a list counts again": {`{"l":{"L":[{"L":[]}]}}`, 1 + 3 + 1 + 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := itemSize(item(t, tt.item)); got != tt.want {
				t.Errorf("%s counts for %d, want %d", tt.item, got, tt.want)
			}
		})
	}
}

func TestLengthIsTheFunctionSize(t *testing.T) {
	tests := map[string]struct {
		of   value
		want int
		ok   bool
	}{
		"a text in UTF-16 units": {text("aä€😀"), 5, true},
		"a binary in bytes":      {binary("\x00\x01"), 2, true},
		"a set in members":       {set{"S", []value{text("a"), text("b")}}, 2, true},
		"a list in members":      {list{text("a")}, 1, true},
		"a map in members":       {document{"a": null{}}, 1, true},
		"a number has none":      {num(t, "123"), 0, false},
		"a truth has none":       {boolean(true), 0, false},
		"nothing has none":       {nil, 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, ok := lengthOf(tt.of); got != tt.want || ok != tt.ok {
				t.Errorf("got %d, %v; want %d, %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestSetsJoinAndPart(t *testing.T) {
	sample := item(t, `{"a":{"NS":["3","1","2"]},"b":{"NS":["2.0","4"]}}`)
	a, b := sample["a"].(set), sample["b"].(set)
	tests := map[string]struct{ got, want set }{
		"a union has each member once":    {a.union(b), item(t, `{"s":{"NS":["1","2","3","4"]}}`)["s"].(set)},
		"a difference has what is left":   {a.without(b), item(t, `{"s":{"NS":["1","3"]}}`)["s"].(set)},
		"a set without itself is empty":   {a.without(a), set{of: "N"}},
		"neither has changed what it was": {a, item(t, `{"s":{"NS":["1","2","3"]}}`)["s"].(set)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if !equal(tt.got, tt.want) {
				t.Errorf("got %v, want %v", tt.got, tt.want)
			}
		})
	}
	if a.has(text("1")) || !a.has(num(t, "1")) {
		t.Error("a set has members of its kind only")
	}
}

func TestAttributesTravelBothWays(t *testing.T) {
	tests := map[string]string{
		"a text":                  `{"S":"a\"b\\c"}`,
		"what JSON escapes":       `{"S":"<>&\u2028\u0000"}`,
		"a number":                `{"N":"-0.5"}`,
		"a binary":                `{"B":"AAEC"}`,
		"an empty text":           `{"S":""}`,
		"an empty binary":         `{"B":""}`,
		"a truth":                 `{"BOOL":true}`,
		"an untruth":              `{"BOOL":false}`,
		"null":                    `{"NULL":true}`,
		"a set of texts":          `{"SS":["a","b"]}`,
		"a set of numbers":        `{"NS":["-1","2.5"]}`,
		"a set of binaries":       `{"BS":["AA==","AQ=="]}`,
		"a list":                  `{"L":[{"S":"a"},{"L":[]},{"M":{}}]}`,
		"a map":                   `{"M":{"a":{"S":"x"},"b":{"NULL":true}}}`,
		"31 lists in one another": strings.Repeat(`{"L":[`, 31) + `{"S":"deep"}` + strings.Repeat(`]}`, 31),
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			v := item(t, `{"v":`+in+`}`)
			if got := string(v.append(nil)); tidy(t, got) != tidy(t, `{"v":`+in+`}`) {
				t.Errorf("%s came back as %s", in, got)
			}
		})
	}
}

func TestAttributesThatAreNoneAreRefused(t *testing.T) {
	const wrong = "One or more parameter values were invalid: "
	tests := map[string]struct{ in, problem string }{
		"no kind":                     {`{}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		"two kinds":                   {`{"S":"a","N":"1"}`, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"},
		"a word for a number":         {`{"N":"one"}`, "The parameter cannot be converted to a numeric value: one"},
		"an empty set of texts":       {`{"SS":[]}`, wrong + "An string set  may not be empty"},
		"an empty set of numbers":     {`{"NS":[]}`, wrong + "An number set  may not be empty"},
		"an empty set of binaries":    {`{"BS":[]}`, wrong + "Binary sets should not be empty"},
		"a text twice in a set":       {`{"SS":["a","a"]}`, wrong + `Input collection ["a","a"] contains duplicates.`},
		"a number twice in a set":     {`{"NS":["1","1.0"]}`, "Input collection contains duplicates"},
		"a binary twice in a set":     {`{"BS":["AA==","AA=="]}`, wrong + `Input collection ["AA==","AA=="]of type BS contains duplicates.`},
		"a word in a set of numbers":  {`{"NS":["1","x"]}`, "The parameter cannot be converted to a numeric value: x"},
		"something wrong in a list":   {`{"L":[{"S":"a"},{}]}`, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"},
		"something wrong in a map":    {`{"M":{"a":{"N":"x"}}}`, "The parameter cannot be converted to a numeric value: x"},
		"32 lists in one another":     {strings.Repeat(`{"L":[`, 32) + `{"S":"deep"}` + strings.Repeat(`]}`, 32), "Nesting Levels have exceeded supported limits"},
		"32 maps in one another":      {strings.Repeat(`{"M":{"m":`, 32) + `{"S":"deep"}` + strings.Repeat(`}}`, 32), "Nesting Levels have exceeded supported limits"},
		"a name of nothing":           {`{"M":{"":{"S":"a"}}}`, "Empty attribute name"},
		"a name that is far too long": {`{"M":{"` + strings.Repeat("x", 65536) + `":{"S":"a"}}}`, wrong + "Attribute name is too large, must be less than 65536 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := readItem(attributes(t, `{"v":`+tt.in+`}`))
			if err == nil || !strings.HasPrefix(message(err), tt.problem) {
				t.Errorf("got %v (%v), want the error %s", v, err, tt.problem)
			}
		})
	}
}
