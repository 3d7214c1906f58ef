package conformance

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// D10: the messages are those that dynalite records in its tests, which run
// against AWS (test/updateItem.js, test/putItem.js), and that
// nubo-db/dynamodb-conformance recorded in 2026 (tests/tier3/error-messages); for
// operands that are not distinct, operands that are missing, and the order of
// several problems they are DynamoDB Local's.
func TestD10ExpressionsAreValidated(t *testing.T) {
	tests := map[string]struct {
		update, condition, values, hint string
		names                           map[string]string
	}{
		"a name that is not used": {update: "SET a = :v", values: `{":v": 1}`, names: map[string]string{"#a": "a"},
			hint: "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}"},
		"a value that is not used": {update: "SET a = :v", values: `{":v": 1, ":w": 1}`,
			hint: "Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}"},
		"a value that is not defined": {update: "SET a = :v", values: ``,
			hint: "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: :v"},
		"a name that is not defined": {update: "REMOVE a", condition: "#b = a",
			hint: "Invalid ConditionExpression: An expression attribute name used in the document path is not defined; attribute name: #b"},
		"names without an expression": {names: map[string]string{"#a": "a"},
			hint: "ExpressionAttributeNames can only be specified when using expressions"},
		"values without an expression": {values: `{":v": 1}`,
			hint: "ExpressionAttributeValues can only be specified when using expressions"},
		"a path twice": {update: "SET a = :v REMOVE a", values: `{":v": 1}`,
			hint: "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]"},
		"a path and a path into it": {update: "SET a.b[0].c = :v, a.b = :v", values: `{":v": 1}`,
			hint: "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b, [0], c], path two: [a, b]"},
		"a name and a place in one": {update: "SET a.b = :v, a[0] = :v", values: `{":v": 1}`,
			hint: "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]"},
		"a clause twice": {update: "SET a = :v SET b = :v", values: `{":v": 1}`,
			hint: `Invalid UpdateExpression: The "SET" section can only be used once in an update expression;`},
		"an unknown clause": {update: "INVALID SYNTAX HERE",
			hint: `Invalid UpdateExpression: Syntax error; token: "INVALID", near: "INVALID SYNTAX"`},
		"an end too early": {update: "SET a =",
			hint: `Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "="`},
		"an unknown operator": {condition: "a != b",
			hint: `Invalid ConditionExpression: Syntax error; token: "!", near: "a !="`},
		"a name with an underscore in front": {update: "REMOVE _a",
			hint: `Syntax error; token: "_", near: "REMOVE _a"`},
		"an empty expression": {condition: " ", hint: "Invalid ConditionExpression: Syntax error"},
		"parentheses twice": {condition: "((attribute_exists(a)))",
			hint: "Invalid ConditionExpression: The expression has redundant parentheses;"},
		"an unknown function": {condition: "exists(a)",
			hint: "Invalid ConditionExpression: Invalid function name; function: exists"},
		"a function of updates in a condition": {condition: "if_not_exists(a, b) = c",
			hint: "The function is not allowed in a condition expression; function: if_not_exists"},
		"a function of conditions in an update": {update: "SET a = size(b)",
			hint: "The function is not allowed in an update expression; function: size"},
		"size as a condition": {condition: "size(a)",
			hint: "The function is not allowed to be used this way in an expression; function: size"},
		"a path between itself": {condition: "a BETWEEN b AND a",
			hint: "The first operand must be distinct from the remaining operands for this operator or function; operator: BETWEEN, first operand: [a]"},
		"a path among itself": {condition: "a IN (b, a)",
			hint: "The first operand must be distinct from the remaining operands for this operator or function; operator: IN, first operand: [a]"},
		"a path in the place of itself": {update: "SET a = if_not_exists(b, b)",
			hint: "The first operand must be distinct from the remaining operands for this operator or function; operator: if_not_exists, first operand: [b]"},
		"nothing in the place of something": {update: "SET a = if_not_exists(p, b)", condition: "attribute_not_exists(p)",
			hint: "The provided expression refers to an attribute that does not exist in the item"},
		"a keyword of conditions in an update": {update: "SET a.not = :v", values: `{":v": 1}`,
			hint: `Invalid UpdateExpression: Syntax error; token: "not", near: ".not ="`},
		"of two problems, that of the paths before that of a value": {update: "SET a = :w, a = :v", values: `{":v": 1}`,
			hint: "Invalid UpdateExpression: Two document paths overlap with each other"},
		"of two problems, that of a function before that of a name": {update: "SET #b = now(a)",
			hint: "Invalid UpdateExpression: Invalid function name; function: now"},
		"too many values": {condition: "a IN (" + strings.Repeat(":v,", 99) + ":v)", values: `{":v": 1}`,
			hint: "Invalid ConditionExpression: The IN operator is provided with too many operands; number of operands: 101"},
		"the wrong number of operands": {condition: "begins_with(a)",
			hint: "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1"},
		"a value for a path": {condition: "attribute_exists(:v)", values: `{":v": "a"}`,
			hint: "Operator or function requires a document path; operator or function: attribute_exists"},
		"a list in a comparison": {condition: "a < :v", values: `{":v": []}`,
			hint: "Incorrect operand type for operator or function; operator or function: <, operand type: L"},
		"a number as a beginning": {condition: "begins_with(a, :v)", values: `{":v": 1}`,
			hint: "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"},
		"a text added": {update: "ADD a :v", values: `{":v": "1"}`,
			hint: "Incorrect operand type for operator or function; operator: ADD, operand type: STRING"},
		"an unknown type": {condition: "attribute_type(a, :v)", values: `{":v": "DOG"}`,
			hint: "Invalid attribute type name found; type: DOG"},
		"a path compared with itself": {condition: "a = a",
			hint: "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [a]"},
		"bounds the wrong way round": {condition: "a BETWEEN :v AND :w", values: `{":v": 2, ":w": 1}`,
			hint: "The BETWEEN operator requires upper bound to be greater than or equal to lower bound"},
		"bounds of two kinds": {condition: "a BETWEEN :v AND :w", values: `{":v": 2, ":w": "3"}`,
			hint: "The BETWEEN operator requires same data type for lower and upper bounds"},
	}
	everywhere(t, "dynamodb", "D10", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		for sentence, tt := range tests {
			in := &dynamodb.UpdateItemInput{TableName: &name, Key: item(`{"p": "a"}`), ExpressionAttributeNames: tt.names}
			if tt.update != "" {
				in.UpdateExpression = &tt.update
			}
			if tt.condition != "" {
				in.ConditionExpression = &tt.condition
			}
			if tt.values != "" {
				in.ExpressionAttributeValues = item(tt.values)
			}
			_, err := b.UpdateItem(b.ctx, in)
			t.Log(sentence)
			b.invalid(err, tt.hint)
		}
		b.holds(name, `{"p": "a"}`, "")
	})
}

// D11: Developer Guide, "Reserved words in DynamoDB"; the message is recorded
// by dynalite (test/putItem.js).
func TestD11ReservedWords(t *testing.T) {
	everywhere(t, "dynamodb", "D11", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		for _, word := range []string{"status", "name", "data", "ttl", "Status", "m.data", "count", "state", "token", "owner"} {
			_, err := b.update(name, `{"p": "a"}`, "REMOVE "+word, "", "")
			b.invalid(err, "Attribute name is a reserved keyword; reserved keyword: ")
			in := &dynamodb.UpdateItemInput{TableName: &name, Key: item(`{"p": "a"}`), UpdateExpression: aws.String("REMOVE #w"), ExpressionAttributeNames: map[string]string{"#w": word}}
			_, err = b.UpdateItem(b.ctx, in)
			b.ok(err)
		}
		for _, word := range []string{"statuses", "p", "id", "kind", "connection_id", "version", "etag", "due"} {
			_, err := b.update(name, `{"p": "b"}`, "REMOVE x_"+word, "", "")
			b.ok(err)
		}
	})
}

// D25: Developer Guide, "Projection expressions"; the shapes are checked
// against AWS by ScyllaDB (test_projection_expression.py).
func TestD25Projections(t *testing.T) {
	tests := map[string]struct {
		projection string
		names      map[string]string
		want       string
	}{
		"names":                           {`a, s`, nil, `{"a": 1, "s": "x"}`},
		"blanks":                          {"  a ,\n s ", nil, `{"a": 1, "s": "x"}`},
		"a name from outside":             {`#n`, map[string]string{"#n": "name"}, `{"name": "n"}`},
		"a name with a dot in it":         {`#n`, map[string]string{"#n": "m.k"}, `{"m.k": "flat"}`},
		"a nested name":                   {`m.k`, nil, `{"m": {"k": [1, 2, {"x": "y", "z": 0}]}}`},
		"a place":                         {`m.k[1]`, nil, `{"m": {"k": [2]}}`},
		"places move together":            {`m.k[2].x, m.k[0]`, nil, `{"m": {"k": [1, {"x": "y"}]}}`},
		"what is not there is left out":   {`nope, m.nope, m.k[7], a.b, s`, nil, `{"s": "x"}`},
		"of nothing there is an item too": {`nope`, nil, `{}`},
		"two paths into one map":          {`m.k[0], m.q`, nil, `{"m": {"k": [1], "q": true}}`},
		"nested names from outside":       {`#m.#k[0]`, map[string]string{"#m": "m", "#k": "k"}, `{"m": {"k": [1]}}`},
	}
	everywhere(t, "dynamodb", "D25", func(t *testing.T, e endpoint) {
		b := newBench(t, e)
		name := b.table("p")
		b.put(name, `{"p": "a", "a": 1, "s": "x", "name": "n", "m.k": "flat", "m": {"k": [1, 2, {"x": "y", "z": 0}], "q": true}}`)
		for sentence, tt := range tests {
			out, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: &name, Key: item(`{"p": "a"}`), ProjectionExpression: &tt.projection, ExpressionAttributeNames: tt.names})
			b.ok(err)
			b.want(sentence, show(out.Item), same(tt.want))
		}
		_, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: &name, Key: item(`{"p": "a"}`), ProjectionExpression: aws.String("m, m.k")})
		b.invalid(err, "Invalid ProjectionExpression: Two document paths overlap")
		out, err := b.GetItem(b.ctx, &dynamodb.GetItemInput{TableName: &name, Key: item(`{"p": "not there"}`), ProjectionExpression: aws.String("a")})
		b.ok(err)
		b.want("no item", show(out.Item), "")
	})
}
