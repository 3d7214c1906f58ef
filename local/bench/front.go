package bench

import (
	"crypto/md5"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// front is an AWS endpoint with TLS before the embedded AWS: it counts what it is
// asked, and can take as long as the services do. Messages that are sent end here,
// so that nothing works on thousands of made-up events.
type front struct {
	*httptest.Server
	// roots is a file with the certificate, for SSL_CERT_FILE.
	roots string

	mu          sync.Mutex
	calls       []string // service and action, in their order
	connections int
	slow        map[string]latency
	kept        time.Duration // how long calls were kept waiting since that was asked
	random      *rand.Rand
}

// latency is how long a service takes: a log-normal distribution of this median
// and 99th percentile.
type latency struct{ p50, p99 time.Duration }

// typical are the latencies that the modelled figures stand on. They are
// assumptions: AWS publishes none.
func typical() map[string]latency {
	return map[string]latency{
		"sqs": {7 * time.Millisecond, 25 * time.Millisecond},
	}
}

func newFront(to, dir string) (*front, error) {
	target, err := url.Parse(to)
	if err != nil {
		return nil, err
	}
	f := &front{roots: filepath.Join(dir, "roots.pem"), random: rand.New(rand.NewPCG(1, 2))}
	proxy := httputil.NewSingleHostReverseProxy(target)
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.keep(f.note(r))
		if r.Header.Get("X-Amz-Target") == "AmazonSQS.SendMessage" {
			sent(w, r)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	// Each function tries Amazon's roots first, and the server says so.
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			f.mu.Lock()
			f.connections++
			f.mu.Unlock()
		}
	}
	f.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	f.StartTLS()
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	if err := os.WriteFile(f.roots, block, 0o600); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// overlay is the argument of go build by which a binary trusts the front as it trusts
// Amazon: its root is one more of those that package trust has built in. At another
// certificate a cold function would read the system's roots after three handshakes in
// vain, which it does not at AWS.
func (f *front) overlay(root, dir string) (string, error) {
	built := filepath.Join(root, "shared", "trust", "amazon.pem")
	amazon, err := os.ReadFile(built)
	if err != nil {
		return "", err
	}
	mine, err := os.ReadFile(f.roots)
	if err != nil {
		return "", err
	}
	both, file := filepath.Join(dir, "trusted.pem"), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{built: both}})
	if err != nil {
		return "", err
	}
	return "-overlay=" + file, errors.Join(os.WriteFile(both, append(amazon, mine...), 0o600), os.WriteFile(file, text, 0o600))
}

// sent answers SendMessage.
func sent(w http.ResponseWriter, r *http.Request) {
	var in struct{ MessageBody string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	fmt.Fprintf(w, `{"MessageId":"059f36b4-87a3-44ab-83d2-661975830a7d","MD5OfMessageBody":"%x"}`, md5.Sum([]byte(in.MessageBody)))
}

// note counts a call and gives how long it takes.
func (f *front) note(r *http.Request) time.Duration {
	service, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	service = services()[service]
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, service+" "+action)
	l, ok := f.slow[service]
	if !ok {
		return 0
	}
	const z99 = 2.326 // the 99th percentile of the standard normal distribution
	sigma := math.Log(float64(l.p99)/float64(l.p50)) / z99
	return time.Duration(float64(l.p50) * math.Exp(sigma*f.random.NormFloat64()))
}

// keep has a call wait.
func (f *front) keep(d time.Duration) {
	began := time.Now()
	time.Sleep(d)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.kept += time.Since(began)
}

// waited is how long calls were kept waiting since it was last asked.
func (f *front) waited() time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.kept
	f.kept = 0
	return d
}

func services() map[string]string {
	return map[string]string{"AmazonSQS": "sqs", "secretsmanager": "secretsmanager", "DynamoDB_20120810": "dynamodb"}
}

// since gives the calls and new connections after a mark, and the next mark.
func (f *front) since(m mark) (calls []string, connections int, next mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next = mark{len(f.calls), f.connections}
	return f.calls[m.calls:], f.connections - m.connections, next
}

type mark struct{ calls, connections int }

// takes sets how long the services take.
func (f *front) takes(l map[string]latency) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.slow = l
}
