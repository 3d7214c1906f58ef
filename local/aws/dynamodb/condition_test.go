package dynamodb

import (
	"strings"
	"testing"
)

// sample is the item that conditions are tried on.
const sample = `{
	"id":{"S":"abc"}, "num":{"N":"1"}, "bin":{"B":"AAEC"}, "yes":{"BOOL":true}, "nil":{"NULL":true}, "same":{"S":"abc"}, "three":{"N":"3"},
	"li":{"L":[{"N":"1"},{"S":"a"},{"L":[{"N":"7"}]}]},
	"ma":{"M":{"x":{"N":"1"},"deep":{"M":{"k":{"S":"v"},"li":{"L":[{"S":"w"}]}}}}},
	"ss":{"SS":["a","b"]}, "ns":{"NS":["1","2"]}, "bs":{"BS":["AAE="]}}`

func TestConditionsOfAnItem(t *testing.T) {
	tests := map[string]struct {
		condition string
		want      bool
	}{
		"an equal text":                          {"id = :abc", true},
		"an equal number":                        {"num = :one", true},
		"another kind is not equal":              {"num = :a", false},
		"it is unequal":                          {"num <> :a", true},
		"two attributes":                         {"id = same", true},
		"a list in depth":                        {"li[0] = :one", true},
		"a set in any order":                     {"ss = :ss", true},
		"a map in depth":                         {"ma.x = :one", true},
		"what is missing equals nothing":         {"gone = :a", false},
		"not even what is missing":               {"gone = lost", false},
		"so it is unequal to all":                {"gone <> lost", true},
		"what is missing is in no order":         {"gone < :one", false},
		"nor in the reverse":                     {"NOT gone < :one AND NOT gone >= :one", true},
		"less":                                   {"num < :two", true},
		"not less":                               {"num < :one", false},
		"less or equal":                          {"num <= :one", true},
		"greater":                                {"num > :zero", true},
		"greater or equal":                       {"num >= :two", false},
		"texts are in order":                     {"id > :a AND id < :b", true},
		"kinds are in no order":                  {"id < :one OR id >= :one", false},
		"a value first":                          {":one = num", true},
		"two values":                             {":one < :two", true},
		"between, with both ends":                {"num BETWEEN :one AND :one", true},
		"between, outside":                       {"num BETWEEN :two AND :three", false},
		"between attributes":                     {":two BETWEEN num AND three", true},
		"between another kind":                   {"id BETWEEN :one AND :two", false},
		"in":                                     {"num IN (:zero, :one)", true},
		"in one":                                 {"num IN (:zero)", false},
		"in attributes":                          {":abc IN (num, same)", true},
		"in 99 values":                           {"num IN (" + strings.Repeat(":two,", 98) + ":one)", true},
		"in other kinds":                         {"id IN (:one, :null)", false},
		"it exists":                              {"attribute_exists(ma.deep.k)", true},
		"it exists though it is null":            {"attribute_exists(nil)", true},
		"it does not exist":                      {"attribute_not_exists(ma.deep.gone)", true},
		"a way through a text":                   {"attribute_exists(id.x)", false},
		"a way through a place of a map":         {"attribute_exists(ma[0])", false},
		"a way through a name of a list":         {"attribute_exists(li.x)", false},
		"a place behind the end":                 {"attribute_exists(li[3])", false},
		"a place in a list in a list":            {"li[2][0] > :three", true},
		"a kind":                                 {"attribute_type(id, :typeS)", true},
		"a kind of set":                          {"attribute_type(ss, :typeSS)", true},
		"another kind":                           {"attribute_type(num, :typeS)", false},
		"the kind of nothing":                    {"attribute_type(gone, :typeS)", false},
		"a beginning":                            {"begins_with(id, :a)", true},
		"the empty beginning":                    {"begins_with(id, :empty)", true},
		"no beginning":                           {"begins_with(id, :b)", false},
		"a binary beginning":                     {"begins_with(bin, :bin)", true},
		"a beginning of another kind":            {"begins_with(bin, :a)", false},
		"a number does not begin":                {"begins_with(num, :a)", false},
		"a part of a text":                       {"contains(id, :b)", true},
		"no part of a text":                      {"contains(same, :typeX)", false},
		"no part of a binary":                    {"contains(:bin, bin)", false},
		"a text is no part of a binary":          {"contains(bin, :empty)", false},
		"no beginning of a binary":               {"begins_with(:bin, bin)", false},
		"a part of a binary":                     {"contains(bin, :bin)", true},
		"a member of a set":                      {"contains(ss, :a)", true},
		"a member of a set of numbers":           {"contains(ns, :one)", true},
		"a member of another kind":               {"contains(ss, :one)", false},
		"a member of a list":                     {"contains(li, :a)", true},
		"a number is no part of a text":          {"contains(id, :one)", false},
		"nothing contains what is not there":     {"contains(li, gone)", false},
		"a map contains nothing":                 {"contains(ma, :one)", false},
		"a size":                                 {"size(id) = :three", true},
		"a size of a list":                       {"size(li) > :two", true},
		"two sizes":                              {"size(ss) = size(ns)", true},
		"a size between":                         {"size(bs) BETWEEN :one AND :two", true},
		"a size in":                              {"size(ma) IN (:one, :two)", true},
		"a size that there is not":               {"size(num) >= :zero", false},
		"the size of nothing":                    {"size(gone) = :zero", false},
		"not":                                    {"NOT num = :two", true},
		"not not":                                {"NOT NOT num = :one", true},
		"not binds closer than and":              {"NOT num = :two AND num = :two", false},
		"and binds closer than or":               {"num = :one OR num = :two AND num = :three", true},
		"parentheses bind closest":               {"(num = :one OR num = :two) AND num = :three", false},
		"parentheses around a condition":         {"(num = :one)", true},
		"parentheses around an operand":          {"(num) = (:one)", true},
		"parentheses around operands of between": {"(num) BETWEEN (:zero) AND (:one)", true},
		"keywords in small letters":              {"not num = :two and num between :zero and :two or num in (:two)", true},
		"no space where none is needed":          {"num=:one AND(id=:abc)AND size(ss)>:one", true},
		"names in the place of others":           {"#ma.#deep.#k > :a AND #num = :one", true},
		"a name for a reserved word":             {"attribute_not_exists(#status)", true},
		"a name with the beginning of a keyword": {"attribute_not_exists(andy) AND attribute_not_exists(oracle)", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.condition, attributes(t, dictionary))
			c := refs.condition(expression{"ConditionExpression", &tt.condition})
			if err := refs.err(); err != nil {
				t.Fatal(err)
			}
			if got := c.holds(item(t, sample)); got != tt.want {
				t.Errorf("%s is %v", tt.condition, got)
			}
		})
	}
}

func TestConditionsOfNoItem(t *testing.T) {
	for src, want := range map[string]bool{
		"attribute_not_exists(id)": true,
		"attribute_exists(id)":     false,
		"id <> :abc":               true,
		"NOT id = :abc":            true,
		"size(id) >= :zero":        false,
	} {
		refs := refer(t, src, attributes(t, dictionary))
		c := refs.condition(expression{"ConditionExpression", &src})
		if err := refs.err(); err != nil || c.holds(nil) != want {
			t.Errorf("%s of nothing: %v, want %v", src, err, want)
		}
	}
}

// The messages were compared with those of DynamoDB Local, or are from recorded
// answers of AWS.
func TestConditionsThatAreRefused(t *testing.T) {
	const wrongKind = "Incorrect operand type for operator or function; operator or function: "
	tests := map[string]struct{ condition, problem string }{
		"nothing":                             {"", "The expression can not be empty;"},
		"blanks":                              {"  ", `Syntax error; token: "<EOF>", near: "  "`},
		"no operator":                         {"id", `Syntax error; token: "<EOF>", near: "id"`},
		"no operand":                          {"id = ", `Syntax error; token: "<EOF>", near: "= "`},
		"a character that nobody knows":       {"id = :a ! num", `Syntax error; token: "!", near: ":a ! num"`},
		"a parenthesis that stays open":       {"(id = :a", `Syntax error; token: "<EOF>", near: ":a"`},
		"a parenthesis that was never open":   {"id = :a)", `Syntax error; token: ")", near: ":a)"`},
		"a number that stands for itself":     {"num = 1", `Syntax error; token: "1", near: "= 1"`},
		"a text that stands for itself":       {`id = "a"`, `Syntax error; token: ""a"", near: "= "a""`},
		"a quote that stays open":             {`id = 'a`, `Syntax error; token: "'", near: "= 'a"`},
		"a letter that is none of theirs":     {"id = é", `Syntax error; token: "é", near: "= é"`},
		"an equals sign twice":                {"id == :a", `Syntax error; token: "=", near: "== :a"`},
		"a place that is no number":           {"li[x] = :a", `Syntax error; token: "x", near: "[x]"`},
		"a place below zero":                  {"li[-1] = :a", `Syntax error; token: "-", near: "[-1"`},
		"between without and":                 {"num BETWEEN :one, :two", `Syntax error; token: ",", near: ":one, :two"`},
		"in without parentheses":              {"num IN :one", `Syntax error; token: ":one", near: "IN :one"`},
		"in of nothing":                       {"num IN ()", `Syntax error; token: ")", near: "()"`},
		"a keyword for a name":                {"and = :one", `Syntax error; token: "and", near: "and ="`},
		"a value for a name":                  {"ma.:a = :a", `Syntax error; token: ":a", near: ".:a ="`},
		"an undefined value":                  {"id = :undefined", "An expression attribute value used in expression is not defined; attribute value: :undefined"},
		"an undefined name":                   {"#undefined = :a", "An expression attribute name used in the document path is not defined; attribute name: #undefined"},
		"a reserved word":                     {"Status = :a", "Attribute name is a reserved keyword; reserved keyword: Status"},
		"a reserved word on the way":          {"ma.name = :a", "Attribute name is a reserved keyword; reserved keyword: name"},
		"an unknown function":                 {"exists(id)", "Invalid function name; function: exists"},
		"a function in capitals":              {"Attribute_Exists(id)", "Invalid function name; function: Attribute_Exists"},
		"a function of updates":               {"if_not_exists(id, :a) = :a", "The function is not allowed in a condition expression; function: if_not_exists"},
		"too few operands":                    {"begins_with(id)", "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"},
		"too many operands":                   {"attribute_exists(id, num)", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2"},
		"the existence of a value":            {"attribute_exists(:a)", "Operator or function requires a document path; operator or function: attribute_exists"},
		"the existence of a size":             {"attribute_exists(size(id))", "Operator or function requires a document path; operator or function: attribute_exists"},
		"a size alone":                        {"size(id)", "The function is not allowed to be used this way in an expression; function: size"},
		"a comparison of a test":              {"attribute_exists(id) = :yes", "The function is not allowed to be used this way in an expression; function: attribute_exists"},
		"a test of a test":                    {"contains(id, begins_with(id, :a))", "The function is not allowed to be used this way in an expression; function: begins_with"},
		"the size of a number":                {"size(:one) = :one", wrongKind + "size, operand type: N"},
		"an order of truths":                  {"id < :yes", wrongKind + "<, operand type: BOOL"},
		"an order of sets":                    {":ss >= id", wrongKind + ">=, operand type: SS"},
		"between lists":                       {"id BETWEEN :list AND :list", wrongKind + "BETWEEN, operand type: L"},
		"the beginning of a number":           {"begins_with(id, :one)", wrongKind + "begins_with, operand type: N"},
		"a kind that is no text":              {"attribute_type(id, :one)", wrongKind + "attribute_type, operand type: N"},
		"a kind that is an attribute":         {"attribute_type(id, same)", wrongKind + "attribute_type, operand type: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
		"a kind that nobody knows":            {"attribute_type(id, :typeX)", "Invalid attribute type name found; type: X, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
		"bounds in the wrong order":           {"num BETWEEN :two AND :one", "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
		"bounds of two kinds":                 {"num BETWEEN :a AND :one", "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:a}, upper bound operand: AttributeValue: {N:1}"},
		"a path against itself":               {"ma.x = ma.x", "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [ma, x]"},
		"a path between itself":               {"num BETWEEN :one AND num", "The first operand must be distinct from the remaining operands for this operator or function; operator: BETWEEN, first operand: [num]"},
		"a path among itself":                 {"num IN (:one, num)", "The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [num]"},
		"a keyword of updates":                {"id = :a OR set = :a", `Syntax error; token: "set", near: "OR set ="`},
		"a path in itself":                    {"contains(li[0], li[0])", "The first operand must be distinct from the remaining operands for this operator or function; operator: contains, first operand: [li, [0]]"},
		"parentheses in parentheses":          {"((id = :a))", "The expression has redundant parentheses;"},
		"parentheses twice around an operand": {"((id)) = :a", "The expression has redundant parentheses;"},
		"too many values":                     {"num IN (" + strings.Repeat(":one,", 99) + ":one)", "The IN operator is provided with too many operands; number of operands: 101"},
		"too many operators":                  {strings.Repeat("NOT ", 300) + "num = :one", "The expression contains too many operators; operator count: 301"},
		"an expression that is too long":      {"num = :one" + strings.Repeat(" ", 4087), "Expression size has exceeded the maximum allowed size; expression size: 4097"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.condition, attributes(t, dictionary))
			refs.condition(expression{"ConditionExpression", &tt.condition})
			want := "Invalid ConditionExpression: " + tt.problem
			if err := refs.err(); err == nil || message(err) != want {
				t.Errorf("%.80s\ngot  %v\nwant %s", tt.condition, err, want)
			}
		})
	}
}

// TestOfSeveralProblemsTheEarliestIsTold has the order in which DynamoDB Local
// looks for them.
func TestOfSeveralProblemsTheEarliestIsTold(t *testing.T) {
	tests := map[string]struct{ parameter, src, want string }{
		"syntax before all":                   {"ConditionExpression", "status = :undefined AND", "Syntax error"},
		"parentheses before functions":        {"ConditionExpression", "exists(id) AND ((id = :a))", "redundant parentheses"},
		"functions before values":             {"ConditionExpression", "id = :undefined AND exists(id)", "Invalid function name"},
		"reserved words before names":         {"ConditionExpression", "#undefined = :a AND status = :abc", "reserved keyword"},
		"misplaced functions before counts":   {"ConditionExpression", "begins_with(id) AND size(id)", "used this way"},
		"names and values as they come":       {"ConditionExpression", "id = :undefined AND #undefined = :a", "attribute value: :undefined"},
		"values and names as they come":       {"ConditionExpression", "#undefined = :a AND id = :undefined", "attribute name: #undefined"},
		"functions before sections":           {"UpdateExpression", "SET v = :a SET w = now(v)", "Invalid function name"},
		"sections before names":               {"UpdateExpression", "SET #undefined = :a SET w = :b", "section can only be used once"},
		"names before values":                 {"UpdateExpression", "SET v = :undefined, #undefined = :b", "attribute name: #undefined"},
		"paths before values":                 {"UpdateExpression", "SET v = :undefined, v = :a", "overlap"},
		"paths before kinds":                  {"UpdateExpression", "ADD v :a, v :one", "overlap"},
		"in projections reserved words first": {"ProjectionExpression", "id, id, status", "reserved keyword"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			refs := refer(t, tt.src, attributes(t, dictionary))
			e := expression{tt.parameter, &tt.src}
			switch tt.parameter {
			case "UpdateExpression":
				refs.update(e)
			case "ProjectionExpression":
				refs.projection(e)
			default:
				refs.condition(e)
			}
			if err := refs.err(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v, want %s", tt.src, err, tt.want)
			}
		})
	}
}

func TestWhatIsProvidedMustBeUsed(t *testing.T) {
	const (
		names  = "ExpressionAttributeNames"
		values = "ExpressionAttributeValues"
	)
	condition := "id = :a AND #x = :b"
	tests := map[string]struct {
		names   map[string]string
		values  string
		none    bool // no expression
		problem string
	}{
		"all is used":                      {names: map[string]string{"#x": "id"}, values: `{":a":{"S":"a"},":b":{"S":"b"}}`},
		"a value is not":                   {names: map[string]string{"#x": "id"}, values: `{":a":{"S":"a"},":b":{"S":"b"},":c":{"S":"c"},":d":{"S":"d"}}`, problem: "Value provided in " + values + " unused in expressions: keys: {:c, :d}"},
		"a name is not":                    {names: map[string]string{"#x": "id", "#y": "num"}, values: `{":a":{"S":"a"},":b":{"S":"b"}}`, problem: "Value provided in " + names + " unused in expressions: keys: {#y}"},
		"no values":                        {names: map[string]string{"#x": "id"}, values: `{}`, problem: values + " must not be empty"},
		"no names":                         {names: map[string]string{}, values: `{":a":{"S":"a"}}`, problem: names + " must not be empty"},
		"values, and no expression":        {values: `{":a":{"S":"a"}}`, none: true, problem: values + " can only be specified when using expressions: ConditionExpression is null"},
		"names, and no expression":         {names: map[string]string{"#x": "id"}, none: true, problem: names + " can only be specified when using expressions"},
		"a value without a colon":          {values: `{"a":{"S":"a"}}`, problem: values + ` contains invalid key: Syntax error; key: "a"`},
		"a value of a colon":               {values: `{":":{"S":"a"}}`, problem: values + ` contains invalid key: Syntax error; key: ":"`},
		"a name with a blank":              {names: map[string]string{"#a b": "id"}, problem: names + ` contains invalid key: Syntax error; key: "#a b"`},
		"a name of nothing":                {names: map[string]string{"#x": ""}, problem: names + " contains invalid value: Empty attribute name for key #x"},
		"a value that is none":             {values: `{":a":{"N":"x"}}`, problem: values + " contains invalid value: The parameter cannot be converted to a numeric value: x for key :a"},
		"a value of two kinds":             {values: `{":a":{"N":"1","S":"a"}}`, problem: values + " contains invalid value: Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes for key :a"},
		"the values are looked at first":   {names: map[string]string{}, values: `{}`, problem: values + " must not be empty"},
		"a value that is not used is read": {values: `{":zz":{}}`, problem: values + " contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :zz"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			e := expression{"ConditionExpression", &condition}
			if tt.none {
				e.source = nil
			}
			var values map[string]attribute
			if tt.values != "" {
				values = attributes(t, tt.values)
			}
			refs := newReferences(tt.names, values, e)
			refs.condition(e)
			got := ""
			if err := refs.err(); err != nil {
				got = message(err)
			}
			if got != tt.problem {
				t.Errorf("got  %s\nwant %s", got, tt.problem)
			}
		})
	}
}

func TestReservedWords(t *testing.T) {
	if n := len(strings.Fields(reservedWords)); n != 573 {
		t.Errorf("there are %d, want 573", n)
	}
	for word, want := range map[string]bool{
		"ABORT": true, "Status": true, "name": true, "ttl": true, "zone": true,
		"id": false, "": false, "a": false, "statu": false, "statuses": false,
	} {
		if isReserved(word) != want {
			t.Errorf("%q is reserved: %v", word, !want)
		}
	}
}
