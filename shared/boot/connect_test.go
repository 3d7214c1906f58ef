package boot_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"fulcrum/shared/boot"
)

// What was connected to before the first event is not connected to again.
func TestConnectOpensTheConnectionThatIsUsed(t *testing.T) {
	var opened atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, `{"__type":"UnknownOperationException"}`, http.StatusNotFound)
	}))
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	for name, cfg := range map[string]struct {
		endpoint *string
		address  string
	}{
		"the client's endpoint": {aws.String(server.URL), "https://sqs.eu-west-1.amazonaws.com/1/q"},
		"the address's host":    {nil, server.URL + "/000000000000/fulcrum-partner-{partner}"},
	} {
		t.Run(name, func(t *testing.T) {
			opened.Store(0)
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			if err := boot.Connect(aws.Config{BaseEndpoint: cfg.endpoint, HTTPClient: client}, cfg.address)(t.Context()); err != nil {
				t.Fatal(err)
			}
			res, err := client.Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			if err := res.Body.Close(); err != nil || opened.Load() != 1 {
				t.Errorf("%d connections, %v", opened.Load(), err)
			}
		})
	}
	for _, address := range []string{"", "sqs", "http://[::1"} {
		if err := boot.Connect(aws.Config{HTTPClient: http.DefaultClient}, address)(t.Context()); err == nil {
			t.Errorf("%q is connected to", address)
		}
	}
}
