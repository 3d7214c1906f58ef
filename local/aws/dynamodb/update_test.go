package dynamodb

import (
	"strings"
	"testing"
)

// parseUpdate reads an update that must be right.
func parseUpdate(t *testing.T, src string) update {
	t.Helper()
	refs := refer(t, src, attributes(t, dictionary))
	u := refs.update(expression{"UpdateExpression", &src})
	if err := refs.err(); err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	return u
}

func TestUpdatesOfAnItem(t *testing.T) {
	const before = `{"id":{"S":"x"},"num":{"N":"5"},"li":{"L":[{"S":"0"},{"S":"1"},{"S":"2"}]},"ss":{"SS":["a","b"]},"ma":{"M":{"x":{"N":"1"},"li":{"L":[{"N":"1"},{"N":"2"}]}}}}`
	tests := map[string]struct{ before, update, want string }{
		"set a value":                            {`{}`, "SET v = :a", `{"v":{"S":"a"}}`},
		"set over another kind":                  {`{"v":{"N":"1"}}`, "SET v = :list", `{"v":{"L":[{"N":"1"},{"S":"a"}]}}`},
		"set several":                            {`{}`, "SET v = :a, w = :one", `{"v":{"S":"a"},"w":{"N":"1"}}`},
		"set to an attribute":                    {`{"v":{"N":"1"}}`, "SET w = v", `{"v":{"N":"1"},"w":{"N":"1"}}`},
		"swap, for all is read before":           {`{"v":{"N":"1"},"w":{"N":"2"}}`, "SET v = w, w = v", `{"v":{"N":"2"},"w":{"N":"1"}}`},
		"set in a map":                           {`{"m":{"M":{"a":{"N":"1"}}}}`, "SET m.b = :two", `{"m":{"M":{"a":{"N":"1"},"b":{"N":"2"}}}}`},
		"set in a list":                          {`{"l":{"L":[{"N":"1"}]}}`, "SET l[0] = :two", `{"l":{"L":[{"N":"2"}]}}`},
		"set behind the end of a list":           {`{"l":{"L":[{"N":"1"}]}}`, "SET l[9] = :two", `{"l":{"L":[{"N":"1"},{"N":"2"}]}}`},
		"set twice behind it, in order":          {`{"l":{"L":[]}}`, "SET l[9] = :two, l[5] = :one", `{"l":{"L":[{"N":"1"},{"N":"2"}]}}`},
		"set in a map in a list":                 {`{"l":{"L":[{"M":{}}]}}`, "SET l[0].x = :one", `{"l":{"L":[{"M":{"x":{"N":"1"}}}]}}`},
		"add up":                                 {`{"v":{"N":"1.5"}}`, "SET v = v + :half", `{"v":{"N":"2"}}`},
		"take away":                              {`{"v":{"N":"1"}}`, "SET v = :half - v", `{"v":{"N":"-0.5"}}`},
		"a sum in parentheses":                   {`{"v":{"N":"1"}}`, "SET v = (v + :half)", `{"v":{"N":"1.5"}}`},
		"operands in parentheses":                {`{"v":{"N":"1"}}`, "SET v = (v) + (:half)", `{"v":{"N":"1.5"}}`},
		"set if it is not there":                 {`{}`, "SET v = if_not_exists(v, :one)", `{"v":{"N":"1"}}`},
		"set to itself if it is":                 {`{"v":{"N":"7"}}`, "SET v = if_not_exists(v, :one)", `{"v":{"N":"7"}}`},
		"count from zero":                        {`{}`, "SET v = if_not_exists(v, :zero) + :one", `{"v":{"N":"1"}}`},
		"what is there, twice removed":           {`{"w":{"N":"3"}}`, "SET v = if_not_exists(u, if_not_exists(w, :one))", `{"w":{"N":"3"},"v":{"N":"3"}}`},
		"double a number":                        {`{"v":{"N":"2"}}`, "SET v = v + v", `{"v":{"N":"4"}}`},
		"double a list":                          {`{"l":{"L":[{"S":"x"}]}}`, "SET l = list_append(l, l)", `{"l":{"L":[{"S":"x"},{"S":"x"}]}}`},
		"append to a list":                       {`{"l":{"L":[{"S":"x"}]}}`, "SET l = list_append(l, :one_list)", `{"l":{"L":[{"S":"x"},{"N":"9"}]}}`},
		"prepend to a list":                      {`{"l":{"L":[{"S":"x"}]}}`, "SET l = list_append(:one_list, l)", `{"l":{"L":[{"N":"9"},{"S":"x"}]}}`},
		"append to a list that may not be there": {`{}`, "SET l = list_append(if_not_exists(l, :one_list), :one_list)", `{"l":{"L":[{"N":"9"},{"N":"9"}]}}`},
		"remove":                                 {`{"v":{"N":"1"},"w":{"N":"2"}}`, "REMOVE v", `{"w":{"N":"2"}}`},
		"remove what is not there":               {`{"w":{"N":"2"}}`, "REMOVE v", `{"w":{"N":"2"}}`},
		"remove from a map":                      {`{"m":{"M":{"a":{"N":"1"}}}}`, "REMOVE m.a", `{"m":{"M":{}}}`},
		"remove from a list closes the gap":      {before, "REMOVE li[1]", strings.Replace(before, `{"S":"1"},`, "", 1)},
		"places are those of before":             {before, "REMOVE li[0], li[1]", strings.Replace(before, `{"S":"0"},{"S":"1"},`, "", 1)},
		"remove one and set another":             {before, "REMOVE li[0] SET li[2] = :a", strings.Replace(before, `{"S":"0"},{"S":"1"},{"S":"2"}`, `{"S":"1"},{"S":"a"}`, 1)},
		"remove behind the end of a list":        {before, "REMOVE li[7]", before},
		"remove from a list in a map":            {before, "REMOVE ma.li[0]", strings.Replace(before, `{"N":"1"},{"N":"2"}`, `{"N":"2"}`, 1)},
		"remove a list that loses members too":   {`{"l":{"L":[{"S":"a"}]},"m":{"S":"x"}}`, "REMOVE l[0], m", `{"l":{"L":[]}}`},
		"add to a number":                        {`{"v":{"N":"1"}}`, "ADD v :half", `{"v":{"N":"1.5"}}`},
		"add to nothing":                         {`{}`, "ADD v :half", `{"v":{"N":"0.5"}}`},
		"add to a set":                           {`{"v":{"SS":["b","c"]}}`, "ADD v :ss", `{"v":{"SS":["a","b","c"]}}`},
		"add a set to nothing":                   {`{}`, "ADD v :ns", `{"v":{"NS":["1","2"]}}`},
		"add in a map":                           {`{"m":{"M":{}}}`, "ADD m.v :one", `{"m":{"M":{"v":{"N":"1"}}}}`},
		"delete from a set":                      {`{"v":{"SS":["a","c"]}}`, "DELETE v :ss", `{"v":{"SS":["c"]}}`},
		"the set goes with its last member":      {`{"v":{"SS":["a","b"]}}`, "DELETE v :ss", `{}`},
		"delete from nothing":                    {`{}`, "DELETE v :ss", `{}`},
		"all clauses, in small letters":          {before, "set num = :a remove li add ma.x :one delete ss :ss_a", `{"id":{"S":"x"},"num":{"S":"a"},"ss":{"SS":["b"]},"ma":{"M":{"x":{"N":"2"},"li":{"L":[{"N":"1"},{"N":"2"}]}}}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			old := item(t, tt.before)
			got, err := parseUpdate(t, tt.update).apply(old)
			if err != nil || tidy(t, string(got.append(nil))) != tidy(t, string(item(t, tt.want).append(nil))) {
				t.Errorf("%s makes %s (%v), want %s", tt.update, got.append(nil), err, tt.want)
			}
			if tidy(t, string(old.append(nil))) != tidy(t, string(item(t, tt.before).append(nil))) {
				t.Errorf("%s has changed the old item to %s", tt.update, old.append(nil))
			}
		})
	}
}

func TestUpdatesThatAnItemRefuses(t *testing.T) {
	const (
		absent    = "The provided expression refers to an attribute that does not exist in the item"
		wrongKind = "An operand in the update expression has an incorrect data type"
		wrongPath = "The document path provided in the update expression is invalid for update"
		before    = `{"id":{"S":"x"},"num":{"N":"1"},"li":{"L":[]},"ma":{"M":{}},"ss":{"SS":["a"]},"huge":{"N":"9E125"}}`
	)
	tests := map[string]struct{ update, problem string }{
		"set to what is not there":            {"SET v = gone", absent},
		"count what is not there":             {"SET v = v + :one", absent},
		"append to what is not there":         {"SET l = list_append(l, :list)", absent},
		"nothing in the place of nothing":     {"SET v = if_not_exists(v, gone)", absent},
		"nothing in the place of something":   {"SET v = if_not_exists(num, gone)", absent},
		"add to a text":                       {"SET id = id + :one", wrongKind},
		"take a text away":                    {"SET v = num - id", wrongKind},
		"append to a text":                    {"SET v = list_append(id, :list)", wrongKind},
		"append a number":                     {"SET v = list_append(li, num)", wrongKind},
		"ADD a number to a text":              {"ADD id :one", wrongKind},
		"ADD a set to a list":                 {"ADD li :ss", wrongKind},
		"ADD a set of another kind":           {"ADD ss :ns", wrongKind},
		"DELETE from a text":                  {"DELETE id :ss", wrongKind},
		"DELETE a set of another kind":        {"DELETE ss :ns", wrongKind},
		"a way through what is not there":     {"SET gone.x = :a", wrongPath},
		"a way through a text":                {"SET id.x = :a", wrongPath},
		"a place in a map":                    {"SET ma[0] = :a", wrongPath},
		"a name in a list":                    {"SET li.x = :a", wrongPath},
		"a way behind the end of a list":      {"SET li[0].x = :a", wrongPath},
		"remove through what is not there":    {"REMOVE gone.x", wrongPath},
		"remove from behind the end's inside": {"REMOVE li[0].x", wrongPath},
		"a sum that is too great":             {"ADD huge :huge", "Number overflow. Attempting to store a number with magnitude larger than supported range"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseUpdate(t, tt.update).apply(item(t, before))
			if err == nil || message(err) != tt.problem {
				t.Errorf("%s makes %v (%v), want the error %s", tt.update, got, err, tt.problem)
			}
		})
	}
}

func TestUpdatesThatAreRefused(t *testing.T) {
	const (
		wrongKind = "Incorrect operand type for operator or function; "
		clash     = " with each other; must remove or rewrite one of these paths; "
	)
	tests := map[string]struct{ update, problem string }{
		"nothing":                        {"", "The expression can not be empty;"},
		"no clause":                      {"v = :a", `Syntax error; token: "v", near: "v ="`},
		"a clause of nothing":            {"SET", `Syntax error; token: "<EOF>", near: "SET"`},
		"a clause after a comma":         {"SET v = :a, REMOVE w", `Syntax error; token: "REMOVE", near: ", REMOVE w"`},
		"set without a value":            {"SET v", `Syntax error; token: "<EOF>", near: "v"`},
		"add without a value":            {"ADD v", `Syntax error; token: "<EOF>", near: "v"`},
		"add an attribute":               {"ADD v w", `Syntax error; token: "w", near: "v w"`},
		"add with an equals sign":        {"ADD v = :one", `Syntax error; token: "=", near: "v = :one"`},
		"three summands":                 {"SET v = v + :one + :two", `Syntax error; token: "+", near: ":one + :two"`},
		"a product":                      {"SET v = v * :two", `Syntax error; token: "*", near: "v * :two"`},
		"a condition":                    {"SET v = :a AND w = :b", `Syntax error; token: "AND", near: ":a AND w"`},
		"a clause twice":                 {"SET v = :a SET w = :a", `The "SET" section can only be used once in an update expression;`},
		"an undefined value":             {"SET v = :undefined", "An expression attribute value used in expression is not defined; attribute value: :undefined"},
		"a reserved word":                {"SET name = :a", "Attribute name is a reserved keyword; reserved keyword: name"},
		"a function of conditions":       {"SET v = size(w)", "The function is not allowed in an update expression; function: size"},
		"an unknown function":            {"SET v = now(w)", "Invalid function name; function: now"},
		"one operand for two":            {"SET v = if_not_exists(v)", "Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1"},
		"the existence of a value":       {"SET v = if_not_exists(:a, :b)", "Operator or function requires a document path; operator or function: if_not_exists"},
		"a path in its own place":        {"SET v = if_not_exists(w, w)", "The first operand must be distinct from the remaining operands for this operator or function; operator: if_not_exists, first operand: [w]"},
		"a keyword of conditions":        {"SET v = :a, not = :b", `Syntax error; token: "not", near: ", not ="`},
		"a keyword on the way":           {"REMOVE v.set", `Syntax error; token: "set", near: ".set"`},
		"a list in a list function":      {"SET v = list_append(list_append(v, :list), :list)", "The function is not allowed to be used this way in an expression; function: list_append"},
		"a text appended":                {"SET v = list_append(v, :a)", wrongKind + "operator or function: list_append, operand type: S"},
		"a text added up":                {"SET v = v + :a", wrongKind + "operator or function: +, operand type: S"},
		"a text in ADD":                  {"ADD v :a", wrongKind + "operator: ADD, operand type: STRING"},
		"a list in ADD":                  {"ADD v :list", wrongKind + "operator: ADD, operand type: LIST"},
		"a number in DELETE":             {"DELETE v :one", wrongKind + "operator: DELETE, operand type: NUMBER"},
		"one path twice":                 {"SET v = :a, v = :b", "Two document paths overlap" + clash + "path one: [v], path two: [v]"},
		"a path and its part":            {"SET v.x = :a REMOVE v", "Two document paths overlap" + clash + "path one: [v, x], path two: [v]"},
		"a place in what has a name":     {"SET v.x = :a, v[0] = :b", "Two document paths conflict" + clash + "path one: [v, x], path two: [v, [0]]"},
		"parentheses in parentheses":     {"SET v = ((v + :one))", "The expression has redundant parentheses;"},
		"a place that is too large":      {"SET v[99999999999999999999] = :a", `Syntax error; token: "99999999999999999999", near: "[99999999999999999999]"`},
		"an expression that is too long": {"SET v = :a" + strings.Repeat(" ", 4087), "Expression size has exceeded the maximum allowed size; expression size: 4097"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.update, attributes(t, dictionary))
			refs.update(expression{"UpdateExpression", &tt.update})
			want := "Invalid UpdateExpression: " + tt.problem
			if err := refs.err(); err == nil || message(err) != want {
				t.Errorf("%.80s\ngot  %v\nwant %s", tt.update, err, want)
			}
		})
	}
}

func TestOnlyUpdatesThatGiveMakeAnItem(t *testing.T) {
	for src, want := range map[string]bool{
		"SET v = :a": true, "ADD v :one": true, "REMOVE v": false, "DELETE v :ss": false, "REMOVE v SET w = :a": true,
	} {
		if got := parseUpdate(t, src).creates(); got != want {
			t.Errorf("%s makes an item: %v", src, got)
		}
	}
	if !update(nil).creates() {
		t.Error("no update makes an item of its key")
	}
}
