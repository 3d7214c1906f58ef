package delivery

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// The address is checked when it is dialled: a name may be public when it is
// checked and private a moment later.
func TestAPrivateAddressIsNotDialled(t *testing.T) {
	reached := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer server.Close()
	for name, tt := range map[string]struct {
		allowed Addresses
		want    int
	}{"deployed": {Addresses{}, 0}, "on a developer's machine": {Addresses{Loopback: true}, 1}} {
		t.Run(name, func(t *testing.T) {
			reached = 0
			transport := tt.allowed.transport()
			defer transport.CloseIdleConnections()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := transport.RoundTrip(req)
			if err == nil {
				err = res.Body.Close()
			}
			if reached != tt.want || (err == nil) != (tt.want == 1) {
				t.Errorf("reached %d times, %v", reached, err)
			}
		})
	}
}

func TestNoProxyIsUsedWhateverTheEnvironmentSays(t *testing.T) {
	if (Addresses{}).transport().Proxy != nil {
		t.Error("deliveries go through a proxy, past the check of the address")
	}
}
