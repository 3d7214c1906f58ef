package delivery

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"time"
)

// Impatient has each attempt of a Deliverer take no longer than d, so that a test on
// real sockets does not wait.
func (d *Deliverer) Impatient(most time.Duration) { d.http.Timeout = most }

// Trust has the Deliverer's own connections trust a certificate of a test.
func (d *Deliverer) Trust(roots *x509.CertPool) {
	d.http.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: roots}
}

// Close ends the connections that were kept.
func (d *Deliverer) Close() { d.http.CloseIdleConnections() }
