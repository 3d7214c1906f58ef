package delivery_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	engine "fulcrum/local/aws"
	"fulcrum/local/rig"
	"fulcrum/local/tried"
	"fulcrum/shared/delivery"
	"fulcrum/shared/store"
)

// peer is a partner's endpoint on a real socket. What it does to its first connection is
// its fate; whoever comes again is answered.
type peer struct {
	net.Listener
	fate func(c net.Conn) error

	mu    sync.Mutex
	conns []net.Conn
	all   sync.WaitGroup
	got   []string // id and body of each request that was answered
	wrote int64    // what the fate could write
}

func listen(t *testing.T, fate func(*peer) func(net.Conn) error) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{Listener: l}
	p.fate = fate(p)
	p.all.Go(p.serve)
	t.Cleanup(p.end)
	return p
}

func (p *peer) serve() {
	for first := true; ; first = false {
		c, err := p.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		p.conns = append(p.conns, c)
		p.mu.Unlock()
		meet := p.answer
		if first {
			meet = p.fate
		}
		p.all.Go(func() {
			defer c.Close()
			_ = meet(c) // the caller may have gone first, which is what is tried here
		})
	}
}

// end closes all, and waits until nobody is there any more.
func (p *peer) end() {
	p.Close()
	p.mu.Lock()
	for _, c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.all.Wait()
}

// answer is what a peer does that is well.
func (p *peer) answer(c net.Conn) error {
	from := bufio.NewReader(c)
	for {
		req, err := http.ReadRequest(from)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.got = append(p.got, req.Header.Get("webhook-id")+" "+string(body))
		p.mu.Unlock()
		if _, err := io.WriteString(c, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
			return err
		}
	}
}

// heard reads a request to its end.
func heard(c net.Conn) error {
	req, err := http.ReadRequest(bufio.NewReader(c))
	if err == nil {
		_, err = io.Copy(io.Discard, req.Body)
	}
	return err
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"

// say hears a request and answers with texts, of which the last is repeated until the
// caller has enough where forever is set, with pauses where it drips.
func say(forever bool, pause time.Duration, texts ...string) func(*peer) func(net.Conn) error {
	return func(p *peer) func(net.Conn) error {
		return func(c net.Conn) error {
			err := heard(c)
			for i := 0; err == nil && (i < len(texts) || forever); i++ {
				var n int
				n, err = io.WriteString(c, texts[min(i, len(texts)-1)])
				p.mu.Lock()
				p.wrote += int64(n)
				p.mu.Unlock()
				time.Sleep(pause)
			}
			return err
		}
	}
}

// then hears a request, says something, and does something to the connection; then it
// waits until the caller goes.
func then(text string, do func(c *net.TCPConn) error) func(*peer) func(net.Conn) error {
	return func(*peer) func(net.Conn) error {
		return func(c net.Conn) error {
			if err := heard(c); err != nil {
				return err
			}
			if _, err := io.WriteString(c, text); err != nil {
				return err
			}
			if err := do(c.(*net.TCPConn)); err != nil {
				return err
			}
			_, err := io.Copy(io.Discard, c)
			return err
		}
	}
}

// atOnce does something before anything is heard.
func atOnce(do func(c *net.TCPConn) error) func(*peer) func(net.Conn) error {
	return func(*peer) func(net.Conn) error { return func(c net.Conn) error { return do(c.(*net.TCPConn)) } }
}

func reset(c *net.TCPConn) error { return errors.Join(c.SetLinger(0), c.Close()) }

func stays(*net.TCPConn) error { return nil }

// bomb is an answer that is much when it is unpacked.
func bomb() string {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	for range 64 {
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			return err.Error()
		}
	}
	if err := w.Close(); err != nil {
		return err.Error()
	}
	return "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + packed.String()
}

// mischief is what a peer does, and what is to be said of it.
type mischief struct {
	fate    func(*peer) func(net.Conn) error
	arrives bool
	never   bool // the attempt ends by its time only
}

func mischiefs() map[string]mischief {
	begun := ok + "Content-Length: 200\r\n\r\nbegun"
	return map[string]mischief{
		"it is reset before the request is heard":     {fate: atOnce(reset)},
		"it is closed before the request is heard":    {fate: atOnce((*net.TCPConn).Close)},
		"it is reset instead of an answer":            {fate: then("", reset)},
		"it is reset within an answer":                {fate: then(begun, reset)},
		"it is half closed instead of an answer":      {fate: then("", (*net.TCPConn).CloseWrite)},
		"it is half closed within an answer":          {fate: then(begun, (*net.TCPConn).CloseWrite)},
		"the answer is truncated in its header":       {fate: then(ok[:30], (*net.TCPConn).Close)},
		"the answer is truncated in a chunk":          {fate: then(ok+"Transfer-Encoding: chunked\r\n\r\nff\r\nbegun", (*net.TCPConn).Close)},
		"a chunk's size is none":                      {fate: then(ok+"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", stays)},
		"the answer never comes":                      {fate: then("", stays), never: true},
		"the answer's body never comes":               {fate: then(ok+"Content-Length: 200\r\n\r\n", stays), never: true},
		"the header drips":                            {fate: say(true, 5*time.Millisecond, ok, "X: y\r\n"), never: true},
		"the body drips":                              {fate: say(true, 5*time.Millisecond, ok+"\r\n", "."), never: true},
		"the header has no end":                       {fate: say(true, 0, ok, strings.Repeat("X: yyyyyyyy\r\n", 1000))},
		"early hints have no end":                     {fate: say(true, 0, strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n", 100))},
		"the body has no end":                         {fate: say(true, 0, ok+"\r\n", strings.Repeat("x", 64<<10)), arrives: true},
		"the body is little and becomes much":         {fate: say(false, 0, bomb()), arrives: true},
		"the status line is of another protocol":      {fate: then("SSH-2.0-OpenSSH_9.9\r\n", stays)},
		"the status is none":                          {fate: then("HTTP/1.1 OK 200\r\n\r\n", stays)},
		"the status line has no end":                  {fate: say(true, 0, strings.Repeat("HTTP", 4<<10))},
		"the answer is bytes":                         {fate: then("\x00\x01\x02\xff\r\n\r\n", stays)},
		"two lengths are said":                        {fate: then(ok+"Content-Length: 5\r\nContent-Length: 6\r\n\r\nbegun", stays)},
		"the answer is followed by what nobody asked": {fate: then("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 No\r\n\r\n", stays), arrives: true},
	}
}

// real is a Deliverer as it is deployed, to a peer on a real socket, with a delivery on
// its way.
func real(t *testing.T, p *peer, scheme string) (*bench, *delivery.Deliverer) {
	t.Helper()
	b := &bench{t, store.FromEnv(rig.New(t, engine.Options{}).Env(t, "HubDeliver")), &later{}, nil}
	b.set(store.Endpoint{URL: scheme + "://" + p.Addr().String() + "/hooks", Secrets: []string{secret}})
	b.queued("dlv_1")
	return b, delivery.New(b.table, b.later, delivery.Addresses{Loopback: true}, nil, time.Now)
}

// arrivesOnce makes an attempt that meets the peer's fate, and the one after it where
// that is needed, and looks what the table has of them.
func (b *bench) arrivesOnce(p *peer, d *delivery.Deliverer, f mischief) {
	b.Helper()
	if f.never {
		d.Impatient(250 * time.Millisecond)
	}
	b.post(d)
	first := b.item("dlv_1")
	if f.arrives {
		b.expect("dlv_1", store.Arrived, "")
		return
	}
	if first.State != store.Pending || first.Tries != 1 || len(first.Attempts) != 1 || first.Attempts[0].Status != 0 || first.Attempts[0].Why == "" {
		b.Fatalf("after the fault it is %+v", first)
	}
	if len(b.later.sent) != 1 || b.later.delays[0] <= 0 {
		b.Errorf("it is tried again: %v after %v", b.later.sent, b.later.delays)
	}
	d.Impatient(time.Minute)
	b.post(d)
	b.expect("dlv_1", store.Arrived, "")
	if want := `dlv_1 {"type":"joiner.hired"}`; len(p.got) != 1 || p.got[0] != want {
		b.Errorf("what came at last is %q", p.got)
	}
}

func (b *bench) post(d *delivery.Deliverer) {
	b.Helper()
	out, err := d.Handle(b.Context(), b.batch("dlv_1"))
	if err != nil || out.BatchItemFailures != nil {
		b.Fatalf("the message fails: %v, %v", out.BatchItemFailures, err)
	}
}

// Whatever a partner's endpoint does on a real connection: the document has arrived or
// is posted again, no attempt takes more memory than an answer may, and nobody is left
// who waits for what does not come.
func TestWhateverTheEndpointDoesTheDocumentArrivesOrIsTriedAgain(t *testing.T) {
	for name, f := range mischiefs() {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			p := listen(t, f.fate)
			b, d := real(t, p, "http")
			took := allocated(func() { b.arrivesOnce(p, d, f) })
			if took > 16<<20 || p.wrote > 64<<20 {
				t.Errorf("%d bytes were taken for an answer of %d", took, p.wrote)
			}
			d.Close()
			p.end()
			nobodyWaits(t)
			tried.Note(t, "faults of real connections", 1)
		})
	}
}

// allocated is how many bytes were taken while f ran.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// nobodyWaits fails where someone is still at a connection. They need a moment to see
// that it is closed.
func nobodyWaits(t *testing.T) {
	t.Helper()
	var stacks bytes.Buffer
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		stacks.Reset()
		if err := pprof.Lookup("goroutine").WriteTo(&stacks, 2); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(stacks.String(), "net/http.(*persistConn)") && !strings.Contains(stacks.String(), "delivery.(*Deliverer)") {
			return
		}
	}
	t.Errorf("somebody waits still:\n%s", stacks.String())
}

// With TLS it is the same: cut before, in or after the handshake.
func TestWhateverTheEndpointDoesWithTLSTheDocumentIsTriedAgain(t *testing.T) {
	certified := httptest.NewUnstartedServer(nil)
	certified.StartTLS()
	defer certified.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certified.Certificate())
	// secured talks within TLS for a while, then the connection is cut below it.
	secured := func(text string, do func(c *net.TCPConn) error) func(*peer) func(net.Conn) error {
		return func(*peer) func(net.Conn) error {
			return func(c net.Conn) error {
				within := tls.Server(c, &tls.Config{Certificates: certified.TLS.Certificates})
				if err := heard(within); err != nil {
					return err
				}
				_, err := io.WriteString(within, text)
				return errors.Join(err, do(c.(*net.TCPConn)))
			}
		}
	}
	hello := func(do func(c *net.TCPConn) error) func(*peer) func(net.Conn) error {
		return atOnce(func(c *net.TCPConn) error {
			_, err := c.Read(make([]byte, 64))
			return errors.Join(err, do(c))
		})
	}
	plain := func(c *net.TCPConn) error {
		_, err := io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		return err
	}
	for name, m := range map[string]mischief{
		"it is closed in the handshake":        {fate: hello((*net.TCPConn).Close)},
		"it is reset in the handshake":         {fate: hello(reset)},
		"it answers in plain text":             {fate: hello(plain)},
		"it is cut instead of an answer":       {fate: secured("", (*net.TCPConn).Close)},
		"it is cut within an answer":           {fate: secured(ok+"Content-Length: 200\r\n\r\nbegun", (*net.TCPConn).Close)},
		"it is reset within an answer":         {fate: secured(ok+"Content-Length: 200\r\n\r\nbegun", reset)},
		"it says in the clear what is to come": {fate: secured("", plain)},
		// The status was said, and nobody can tell that more was to come.
		"an answer without length is cut": {fate: secured(ok+"\r\nbegun", (*net.TCPConn).Close), arrives: true},
	} {
		t.Run(name, func(t *testing.T) {
			rig.Some(t)
			p := listen(t, m.fate)
			b, d := real(t, p, "https")
			d.Trust(roots)
			b.post(d)
			now := b.item("dlv_1")
			if arrived := now.State == store.Arrived; arrived != m.arrives || !arrived && (now.Tries != 1 || now.Attempts[0].Status != 0) {
				t.Errorf("after the fault it is %+v", now)
			}
			d.Close()
			p.end()
			nobodyWaits(t)
			tried.Note(t, "faults of real connections", 1)
		})
	}
}

// A certificate that nobody vouches for ends the attempt before anything is said.
func TestNothingIsSaidToWhomNobodyVouchesFor(t *testing.T) {
	reached := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	p := &peer{Listener: server.Listener}
	b, d := real(t, p, "https")
	defer d.Close()
	b.post(d)
	if now := b.item("dlv_1"); now.State != store.Pending || reached {
		t.Errorf("it is %s, reached: %v", now.State, reached)
	}
}
