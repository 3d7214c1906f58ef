package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"fulcrum/local/gateway"
	"fulcrum/local/lambda"
	"fulcrum/local/template"

	"github.com/aws/aws-lambda-go/events"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// functions are fakes: a name and what it answers.
type functions map[string]func(ctx context.Context, event []byte) (lambda.Answer, error)

func (f functions) invoke(ctx context.Context, name string, event []byte) (lambda.Answer, error) {
	return f[name](ctx, event)
}

func says(payload string) func(context.Context, []byte) (lambda.Answer, error) {
	return func(context.Context, []byte) (lambda.Answer, error) {
		return lambda.Answer{Payload: []byte(payload)}, nil
	}
}

func fails(err error) func(context.Context, []byte) (lambda.Answer, error) {
	return func(context.Context, []byte) (lambda.Answer, error) { return lambda.Answer{}, err }
}

func newGateway(t *testing.T, api template.API, f functions) *gateway.Gateway {
	t.Helper()
	for i := range api.Routes {
		if api.Routes[i].Timeout == 0 {
			api.Routes[i].Timeout = 30 * time.Second
		}
	}
	g, err := gateway.New(gateway.Options{API: api, Region: "eu-west-1", Account: "123456789012", Invoke: f.invoke})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// serve sends a request and gives the answer.
func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// one is an API of a single route to the function F.
func one(method, path string) template.API {
	return template.API{Routes: []template.Route{{Function: "F", Method: method, Path: path}}}
}

func TestARequestBecomesAnEventOfFormat2(t *testing.T) {
	var got map[string]any
	h := newGateway(t, one("POST", "/webhooks/{event}/{hook}"), functions{"F": func(_ context.Context, event []byte) (lambda.Answer, error) {
		return lambda.Answer{Payload: []byte(`{}`)}, json.Unmarshal(event, &got)
	}})
	server := httptest.NewServer(h)
	defer server.Close()
	req, err := http.NewRequest("POST", server.URL+"/webhooks/candidate%20hired/h1?a=1&b=x%20y&a=2&empty", strings.NewReader(`{"token":"t"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json; charset=utf-8"}, "X-Many": {"one", "two"}, "User-Agent": {"Lever"},
		"Cookie": {"a=1; b=2", "c=3"}, "X-Forwarded-For": {"10.0.0.1"}, "Accept-Encoding": {"gzip"}}
	before := time.Now()
	res, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	rc := got["requestContext"].(map[string]any)
	if epoch := int64(rc["timeEpoch"].(float64)); epoch < before.UnixMilli() || epoch > time.Now().UnixMilli() {
		t.Errorf("timeEpoch %d", epoch)
	}
	if rc["requestId"] != res.Header.Get("Apigw-Requestid") || !regexp.MustCompile(`^[\w-]{15}=$`).MatchString(rc["requestId"].(string)) {
		t.Errorf("request id %v, header %q", rc["requestId"], res.Header.Get("Apigw-Requestid"))
	}
	if stamp, err := time.Parse("02/Jan/2006:15:04:05 +0000", rc["time"].(string)); err != nil || stamp.Sub(before).Abs() > time.Minute {
		t.Errorf("time %v", rc["time"])
	}
	headers := got["headers"].(map[string]any)
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`).MatchString(headers["x-amzn-trace-id"].(string)) {
		t.Errorf("trace %v", headers["x-amzn-trace-id"])
	}
	for _, volatile := range []string{"requestId", "time", "timeEpoch"} {
		delete(rc, volatile)
	}
	delete(headers, "x-amzn-trace-id")
	_, port, _ := strings.Cut(host, ":")
	want := map[string]any{
		"version": "2.0", "routeKey": "POST /webhooks/{event}/{hook}", "rawPath": "/webhooks/candidate hired/h1",
		"rawQueryString": "a=1&b=x%20y&a=2&empty", "cookies": []any{"a=1", "b=2", "c=3"},
		"queryStringParameters": map[string]any{"a": "1,2", "b": "x y", "empty": ""},
		"pathParameters":        map[string]any{"event": "candidate hired", "hook": "h1"},
		"headers": map[string]any{
			"host": host, "content-type": "application/json; charset=utf-8", "content-length": "13", "x-many": "one,two",
			"user-agent": "Lever", "accept-encoding": "gzip",
			"x-forwarded-for": "10.0.0.1, 127.0.0.1", "x-forwarded-port": port, "x-forwarded-proto": "http",
		},
		"requestContext": map[string]any{
			"accountId": "123456789012", "apiId": "local", "domainName": host, "domainPrefix": "127",
			"routeKey": "POST /webhooks/{event}/{hook}", "stage": "$default",
			"http": map[string]any{"method": "POST", "path": "/webhooks/candidate hired/h1", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "Lever"},
		},
		"body": `{"token":"t"}`, "isBase64Encoded": false,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

func TestABodyIsTextOnlyForTextJSONXMLAndJavaScript(t *testing.T) {
	tests := map[string]struct {
		contentType, body string
		want              string
		base64            bool
	}{
		"JSON":                       {"application/json", `{}`, `{}`, false},
		"JSON in capitals":           {"Application/JSON; charset=utf-8", `{}`, `{}`, false},
		"text of any kind":           {"text/csv", "a,b", "a,b", false},
		"XML":                        {"application/xml", "<a/>", "<a/>", false},
		"JavaScript":                 {"application/javascript", "a()", "a()", false},
		"JSON with a prefix":         {"application/problem+json", `{}`, "e30=", true},
		"a form":                     {"application/x-www-form-urlencoded", "a=b", "YT1i", true},
		"bytes":                      {"application/octet-stream", "\xff\x00", "/wA=", true},
		"no type":                    {"", `{}`, "e30=", true},
		"a type that cannot be read": {"json;;", `{}`, "e30=", true},
		"no body, whatever its type": {"application/octet-stream", "", "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got events.APIGatewayV2HTTPRequest
			h := newGateway(t, one("ANY", "/"), functions{"F": func(_ context.Context, event []byte) (lambda.Answer, error) {
				return lambda.Answer{Payload: []byte(`{}`)}, json.Unmarshal(event, &got)
			}})
			r := httptest.NewRequest("PUT", "/", strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.contentType)
			if w := serve(h, r); w.Code != 200 {
				t.Fatalf("status %d", w.Code)
			}
			if got.Body != tt.want || got.IsBase64Encoded != tt.base64 {
				t.Errorf("body %q, base64 %v", got.Body, got.IsBase64Encoded)
			}
		})
	}
}

func TestAnswersBecomeHTTP(t *testing.T) {
	tests := map[string]struct {
		answer string
		status int
		header http.Header // what must be there
		body   string
	}{
		"all of format 2.0": {`{"statusCode":201,"headers":{"content-type":"application/problem+json","X-Number":5,"x-flag":true},"cookies":["a=1; Path=/","b=2"],"body":"{}"}`,
			201, http.Header{"Content-Type": {"application/problem+json"}, "X-Number": {"5"}, "X-Flag": {"true"}, "Set-Cookie": {"a=1; Path=/", "b=2"}}, "{}"},
		"no type is plain text":             {`{"statusCode":200,"body":"hi"}`, 200, http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}, "hi"},
		"a body in base64":                  {`{"statusCode":200,"body":"/wA=","isBase64Encoded":true}`, 200, nil, "\xff\x00"},
		"no body":                           {`{"statusCode":204}`, 204, nil, ""},
		"an object without a statusCode":    {`{"ok":true}`, 200, http.Header{"Content-Type": {"application/json"}}, `{"ok":true}`},
		"one whose members look like ours":  {`{"body":5}`, 200, http.Header{"Content-Type": {"application/json"}}, `{"body":5}`},
		"a string":                          {`"done"`, 200, http.Header{"Content-Type": {"application/json"}}, `"done"`},
		"null":                              {`null`, 200, http.Header{"Content-Type": {"application/json"}}, `null`},
		"a length that is wrong":            {`{"statusCode":200,"headers":{"content-length":"99","connection":"close"},"body":"hi"}`, 200, http.Header{"Content-Length": {"2"}, "Connection": nil}, "hi"},
		"no JSON":                           {`oops`, 500, nil, `{"message":"Internal Server Error"}`},
		"a statusCode that is no number":    {`{"statusCode":"ok"}`, 500, nil, `{"message":"Internal Server Error"}`},
		"a statusCode that is out of range": {`{"statusCode":99}`, 500, nil, `{"message":"Internal Server Error"}`},
		"a body that is no string":          {`{"statusCode":200,"body":{}}`, 500, nil, `{"message":"Internal Server Error"}`},
		"base64 that is none":               {`{"statusCode":200,"body":"?","isBase64Encoded":true}`, 500, nil, `{"message":"Internal Server Error"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := serve(newGateway(t, one("GET", "/x"), functions{"F": says(tt.answer)}), httptest.NewRequest("GET", "/x", nil))
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%d %q", w.Code, w.Body)
			}
			for name, want := range tt.header {
				if got := w.Header()[name]; !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestHEADHasNoBody(t *testing.T) {
	w := serve(newGateway(t, one("ANY", "/x"), functions{"F": says(`{"statusCode":200,"body":"hi"}`)}), httptest.NewRequest("HEAD", "/x", nil))
	if w.Code != 200 || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "2" {
		t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
	}
}

func TestWhatTheFunctionDoesNotAnswerTheGatewayDoes(t *testing.T) {
	failed := func(context.Context, []byte) (lambda.Answer, error) {
		return lambda.Answer{Payload: []byte(`{"errorType":"x"}`), Failed: true}, nil
	}
	tests := map[string]struct {
		function func(context.Context, []byte) (lambda.Answer, error)
		request  *http.Request
		status   int
		body     string
	}{
		"a function that fails":            {failed, httptest.NewRequest("GET", "/x", nil), 500, `{"message":"Internal Server Error"}`},
		"a function that is throttled":     {fails(lambda.ErrThrottled), httptest.NewRequest("GET", "/x", nil), 503, `{"message":"Service Unavailable"}`},
		"a stack that stops":               {fails(lambda.ErrClosed), httptest.NewRequest("GET", "/x", nil), 503, `{"message":"Service Unavailable"}`},
		"an event that Lambda refuses":     {fails(lambda.ErrTooLarge), httptest.NewRequest("GET", "/x", nil), 413, `{"message":"Request Entity Too Large"}`},
		"a path of no route":               {nil, httptest.NewRequest("GET", "/y", nil), 404, `{"message":"Not Found"}`},
		"a method of no route":             {nil, httptest.NewRequest("POST", "/x", nil), 404, `{"message":"Not Found"}`},
		"a body over 10 MB":                {nil, httptest.NewRequest("GET", "/x", bytes.NewReader(make([]byte, 10<<20+1))), 413, `{"message":"Request Entity Too Large"}`},
		"a body that ends early":           {nil, httptest.NewRequest("GET", "/x", io.MultiReader(strings.NewReader("{"), broken{})), 400, `{"message":"Bad Request"}`},
		"a header over 10,240 bytes":       {nil, withHeader(10_240), 431, `{"message":"Request Header Fields Too Large"}`},
		"a header that is just not":        {says(`"ok"`), withHeader(10_240 - len("GET /x HTTP/1.1\r\nHost: example.com\r\nX: \r\n")), 200, `"ok"`},
		"a header that is just over":       {nil, withHeader(10_241 - len("GET /x HTTP/1.1\r\nHost: example.com\r\nX: \r\n")), 431, `{"message":"Request Header Fields Too Large"}`},
		"a caller who does not wait":       {fails(context.Canceled), httptest.NewRequest("GET", "/x", nil), 503, `{"message":"Service Unavailable"}`},
		"a body of 10 MB that Lambda took": {says(`"ok"`), httptest.NewRequest("GET", "/x", bytes.NewReader(make([]byte, 10<<20))), 200, `"ok"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := serve(newGateway(t, one("GET", "/x"), functions{"F": tt.function}), tt.request)
			if w.Code != tt.status || w.Body.String() != tt.body || w.Header().Get("Content-Type") != "application/json" {
				t.Errorf("%d %q %v", w.Code, w.Body, w.Header())
			}
		})
	}
}

// broken is a body whose sender hangs up.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("hung up") }

func withHeader(length int) *http.Request {
	r := httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("X", strings.Repeat("x", length))
	return r
}

func TestTheLogAndTheMountsAreAsUsersOfSamLocalKnowThem(t *testing.T) {
	api := template.API{Routes: []template.Route{
		{Function: "Hired", Method: "POST", Path: "/webhooks/candidate-hired/{hook}", Timeout: time.Second},
		{Function: "Api", Method: "GET", Path: "/v1"}, {Function: "Api", Method: "PUT", Path: "/v1"},
		{Function: "Page", Method: "ANY", Path: "/page"}, {Function: "Rest", Method: "ANY"},
	}}
	want := []string{
		"Mounting Hired at http://127.0.0.1:3000/webhooks/candidate-hired/{hook} [POST]",
		"Mounting Api at http://127.0.0.1:3000/v1 [GET, PUT]",
		"Mounting Page at http://127.0.0.1:3000/page [DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]",
		"Mounting Rest at http://127.0.0.1:3000/$default [DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT]",
	}
	if got := gateway.Mounts(api, "http://127.0.0.1:3000"); !reflect.DeepEqual(got, want) {
		t.Errorf("mounts %q", got)
	}
	var log bytes.Buffer
	g, err := gateway.New(gateway.Options{API: api, Invoke: functions{"Hired": says(`"ok"`)}.invoke, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	serve(g, httptest.NewRequest("POST", "/webhooks/candidate-hired/h1?q=1", nil))
	if !regexp.MustCompile(`^192\.0\.2\.1 - - \[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] "POST /webhooks/candidate-hired/h1 HTTP/1\.1" 200 -\n$`).Match(log.Bytes()) {
		t.Errorf("log %q", log.String())
	}
}
