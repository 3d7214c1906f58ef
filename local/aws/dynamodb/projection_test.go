package dynamodb

import "testing"

func TestProjectionsOfAnItem(t *testing.T) {
	const whole = `{"id":{"S":"x"},"li":{"L":[{"S":"0"},{"M":{"a":{"S":"1a"},"b":{"S":"1b"}}},{"S":"2"}]},"ma":{"M":{"x":{"N":"1"},"y":{"M":{"k":{"S":"v"}}}}}}`
	tests := map[string]struct{ projection, want string }{
		"one attribute":                         {"id", `{"id":{"S":"x"}}`},
		"a whole list":                          {"li", `{"li":{"L":[{"S":"0"},{"M":{"a":{"S":"1a"},"b":{"S":"1b"}}},{"S":"2"}]}}`},
		"what is not there":                     {"gone, lost.x", `{}`},
		"what is not there, and what is":        {"gone, id", `{"id":{"S":"x"}}`},
		"a name in a map":                       {"ma.x", `{"ma":{"M":{"x":{"N":"1"}}}}`},
		"a name that is not in a map":           {"ma.gone", `{}`},
		"two names in a map":                    {"ma.y.k, ma.x", `{"ma":{"M":{"x":{"N":"1"},"y":{"M":{"k":{"S":"v"}}}}}}`},
		"members of a list move together":       {"li[2], li[0]", `{"li":{"L":[{"S":"0"},{"S":"2"}]}}`},
		"a place behind the end":                {"li[3]", `{}`},
		"parts of a member":                     {"li[1].b, li[2]", `{"li":{"L":[{"M":{"b":{"S":"1b"}}},{"S":"2"}]}}`},
		"a way through a text":                  {"id.x", `{}`},
		"a name in a list and a place in a map": {"li.x, ma[0]", `{}`},
		"names in the place of others":          {"#ma.#x", `{"ma":{"M":{"x":{"N":"1"}}}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := expression{"ProjectionExpression", &tt.projection}
			refs := refer(t, tt.projection, nil)
			p := refs.projection(e)
			if err := refs.err(); err != nil {
				t.Fatal(err)
			}
			if got := string(p.of(item(t, whole)).append(nil)); tidy(t, got) != tidy(t, tt.want) {
				t.Errorf("%s has %s, want %s", tt.projection, got, tt.want)
			}
		})
	}
}

func TestNoProjectionIsTheWholeItem(t *testing.T) {
	whole := item(t, `{"id":{"S":"x"},"n":{"N":"1"}}`)
	refs := newReferences(nil, nil)
	if got := refs.projection(expression{"ProjectionExpression", nil}).of(whole); !equal(got, whole) {
		t.Errorf("got %v", got)
	}
}

func TestProjectionsThatAreRefused(t *testing.T) {
	const clash = " with each other; must remove or rewrite one of these paths; "
	tests := map[string]struct{ projection, problem string }{
		"nothing":                    {"", "The expression can not be empty;"},
		"a comma at the end":         {"id,", `Syntax error; token: "<EOF>", near: ","`},
		"two names and no comma":     {"id num", `Syntax error; token: "num", near: "id num"`},
		"a value":                    {":a", `Syntax error; token: ":a", near: ":a"`},
		"a function":                 {"size(id)", `Syntax error; token: "(", near: "size(id"`},
		"an undefined name":          {"#undefined", "An expression attribute name used in the document path is not defined; attribute name: #undefined"},
		"a reserved word":            {"id, status", "Attribute name is a reserved keyword; reserved keyword: status"},
		"one path twice":             {"id, id", "Two document paths overlap" + clash + "path one: [id], path two: [id]"},
		"a path and its part":        {"ma, ma.x", "Two document paths overlap" + clash + "path one: [ma], path two: [ma, x]"},
		"a place in what has a name": {"ma.x, ma[1]", "Two document paths conflict" + clash + "path one: [ma, x], path two: [ma, [1]]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.projection, nil)
			refs.projection(expression{"ProjectionExpression", &tt.projection})
			want := "Invalid ProjectionExpression: " + tt.problem
			if err := refs.err(); err == nil || message(err) != want {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}
