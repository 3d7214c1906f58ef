package trust_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"fulcrum/shared/trust"
)

// server speaks TLS with a certificate that only its own pool knows.
func server(t *testing.T) (*httptest.Server, *x509.CertPool) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		io.WriteString(w, "got "+string(body))
	}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return s, pool
}

// system is a transport whose own roots are pool.
func system(pool *x509.CertPool) *http.Transport {
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
}

func post(t *testing.T, through http.RoundTripper, url, body string) (string, error) {
	t.Helper()
	res, err := (&http.Client{Transport: through}).Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return string(text), err
}

// listen has the log lines of a test.
func listen(t *testing.T) *bytes.Buffer {
	t.Helper()
	before, lines := slog.Default(), &bytes.Buffer{}
	slog.SetDefault(slog.New(slog.NewTextHandler(lines, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	return lines
}

func TestAKnownRootNeedsNoOther(t *testing.T) {
	lines := listen(t)
	s, pool := server(t)
	got, err := post(t, trust.Transport(system(x509.NewCertPool()), pool), s.URL, "a")
	if err != nil || got != "got a" {
		t.Errorf("%q, %v", got, err)
	}
	if lines.Len() > 0 {
		t.Errorf("logged %s", lines)
	}
}

func TestAnotherRootIsLookedForAmongTheSystems(t *testing.T) {
	lines := listen(t)
	s, pool := server(t)
	through := trust.Transport(system(pool), trust.Amazon())
	for _, body := range []string{"first", "second"} {
		if got, err := post(t, through, s.URL, body); err != nil || got != "got "+body {
			t.Errorf("%q, %v", got, err)
		}
	}
	if n := strings.Count(lines.String(), "WARN"); n != 1 {
		t.Errorf("told %d times: %s", n, lines)
	}
}

func TestWhatNobodyHasSignedIsRefused(t *testing.T) {
	listen(t)
	s, _ := server(t)
	_, err := post(t, trust.Transport(system(x509.NewCertPool()), trust.Amazon()), s.URL, "a")
	var unknown x509.UnknownAuthorityError
	if !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
}

// A certificate of another host is no reason to look further.
func TestAnotherHostsCertificateIsRefused(t *testing.T) {
	lines := listen(t)
	s, pool := server(t)
	through := system(pool)
	through.TLSClientConfig.ServerName = "other.test"
	_, err := post(t, trust.Transport(through, pool), s.URL, "a")
	var wrong x509.HostnameError
	if !errors.As(err, &wrong) || lines.Len() > 0 {
		t.Errorf("error %v, logged %s", err, lines)
	}
}

func TestABodyThatCanBeReadOnceIsNotSent(t *testing.T) {
	s, pool := server(t)
	req, err := http.NewRequest(http.MethodPost, s.URL, io.MultiReader(strings.NewReader("a")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Transport(system(pool), pool).RoundTrip(req); err == nil {
		t.Error("sent, and could not have been sent again")
	}
}

func TestAmazonsRootsAreTheirFiveAndLastLongEnough(t *testing.T) {
	text, err := os.ReadFile("amazon.pem")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Amazon Root CA 1", "Amazon Root CA 2", "Amazon Root CA 3", "Amazon Root CA 4", "Starfield Services Root Certificate Authority - G2"}
	for _, name := range want {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			t.Fatalf("%s is missing", name)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if c.Subject.CommonName != name || !c.IsCA || c.CheckSignatureFrom(c) != nil {
			t.Errorf("%s, CA %v; want the root %s", c.Subject.CommonName, c.IsCA, name)
		}
		if left := time.Until(c.NotAfter); left < 2*365*24*time.Hour {
			t.Errorf("%s ends on %v", name, c.NotAfter)
		}
	}
	if block, _ := pem.Decode(text); block != nil {
		t.Error("there is a sixth")
	}
}
