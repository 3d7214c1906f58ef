package elsewhere_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fulcrum/local/elsewhere"
)

// backend is a DynamoDB that answers by what is asked of it, and remembers all.
type backend struct {
	answers map[string]string // by operation; one that begins with ! is a refusal
	asked   []string
}

func (b *backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	b.asked = append(b.asked, operation+" "+string(text))
	answer, refused := strings.CutPrefix(b.answers[operation], "!")
	w.Header().Set("X-Amz-Crc32", "1")
	if refused {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = io.WriteString(w, answer)
}

const refusal = `!{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`

func TestOlder(t *testing.T) {
	tests := map[string]struct {
		answers         map[string]string
		operation, body string
		want            string
		asked           []string
	}{
		"an empty text is kept as another and comes back": {
			answers: map[string]string{"GetItem": `{"Item":{"a":{"S":"\u0000"},"b":{"S":"x"}}}`}, operation: "GetItem", body: `{"Key":{"a":{"S":""}}}`,
			want: `{"Item":{"a":{"S":""},"b":{"S":"x"}}}`, asked: []string{`GetItem {"Key":{"a":{"S":"\u0000"}}}`},
		},
		"a refused update tells what is there when it is asked to": {
			answers:   map[string]string{"UpdateItem": refusal, "GetItem": `{"Item":{"n":{"N":"7"}}}`},
			operation: "UpdateItem", body: `{"TableName":"T","Key":{"pk":{"S":"a"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			want: `{"Item":{"n":{"N":"7"}},"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`,
			asked: []string{`UpdateItem {"TableName":"T","Key":{"pk":{"S":"a"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
				`GetItem {"ConsistentRead":true,"Key":{"pk":{"S":"a"}},"TableName":"T"}`},
		},
		"a refused put is looked up by the key in its item": {
			answers:   map[string]string{"PutItem": refusal, "GetItem": `{"Item":{"n":{"N":"7"}}}`},
			operation: "PutItem", body: `{"TableName":"T","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"n":{"N":"8"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
			want: `{"Item":{"n":{"N":"7"}},"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"}`,
			asked: []string{`PutItem {"TableName":"T","Item":{"pk":{"S":"a"},"sk":{"S":"b"},"n":{"N":"8"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`,
				`GetItem {"ConsistentRead":true,"Key":{"pk":{"S":"a"},"sk":{"S":"b"}},"TableName":"T"}`},
		},
		"a refusal stays as it is when nothing is there any more": {
			answers: map[string]string{"PutItem": refusal, "GetItem": `{}`}, operation: "PutItem",
			body: `{"TableName":"T","Item":{},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, want: refusal[1:],
			asked: []string{`PutItem {"TableName":"T","Item":{},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, `GetItem {"ConsistentRead":true,"Key":{"pk":null,"sk":null},"TableName":"T"}`},
		},
		"a refusal that nobody asks about leads to no read": {
			answers: map[string]string{"PutItem": refusal}, operation: "PutItem", body: `{"TableName":"T","Item":{}}`, want: refusal[1:],
			asked: []string{`PutItem {"TableName":"T","Item":{}}`},
		},
		"another refusal leads to no read": {
			answers: map[string]string{"PutItem": `!{"__type":"ValidationException"}`}, operation: "PutItem",
			body: `{"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`, want: `{"__type":"ValidationException"}`,
			asked: []string{`PutItem {"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := &backend{answers: tt.answers}
			server := httptest.NewServer(b)
			defer server.Close()
			target, err := url.Parse(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(tt.body))
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+tt.operation)
			w := httptest.NewRecorder()
			elsewhere.Older(target).ServeHTTP(w, r)
			if got := w.Body.String(); got != tt.want {
				t.Errorf("answer %s, want %s", got, tt.want)
			}
			if refused := strings.HasPrefix(tt.answers[tt.operation], "!"); (w.Code == http.StatusBadRequest) != refused || w.Header().Get("X-Amz-Crc32") != "" {
				t.Errorf("status %d, header %v", w.Code, w.Header())
			}
			if strings.Join(b.asked, "\n") != strings.Join(tt.asked, "\n") {
				t.Errorf("asked %q, want %q", b.asked, tt.asked)
			}
		})
	}
}
