package delivery

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// errAddress says that an endpoint's address is not one to deliver to. It holds
// nothing of the address.
var errAddress = errors.New("the endpoint's address is not public https on port 443")

// Addresses says where deliveries may go: to https on port 443 of a public
// address, or, on a developer's machine, to loopback as well.
type Addresses struct{ Loopback bool }

// Check refuses an endpoint by what its URL says. What its name resolves to is
// checked when it is dialled, because a name can change between the two.
func (a Addresses) Check(endpoint string) error {
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return errAddress
	}
	ip, err := netip.ParseAddr(u.Hostname())
	switch {
	case err == nil && a.Loopback && ip.Unmap().IsLoopback():
		return nil
	case u.Scheme != "https", u.Port() != "" && u.Port() != "443", err == nil && !a.allows(ip):
		return errAddress
	}
	return nil
}

// control refuses a connection by the address that is dialled, after the name was
// resolved and before anything is sent.
func (a Addresses) control(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return errAddress
	}
	if a.Loopback && to.Addr().Unmap().IsLoopback() {
		return nil
	}
	if to.Port() != 443 || !a.allows(to.Addr()) {
		return errAddress
	}
	return nil
}

// allows reports whether an address is one of the public Internet. Addresses of
// IPv6 that carry one of IPv4 count as that one.
func (a Addresses) allows(ip netip.Addr) bool {
	ip = ip.WithZone("")
	if a.Loopback && ip.Unmap().IsLoopback() {
		return true
	}
	for _, reserved := range reserved() {
		if reserved.Contains(ip) || reserved.Contains(ip.Unmap()) {
			return false
		}
	}
	return ip.IsValid()
}

// reserved are the ranges that are not of the public Internet: the special-purpose
// registries of IANA for IPv4 and IPv6 (RFC 6890 and its updates), multicast, and
// what embeds addresses of IPv4.
func reserved() []netip.Prefix {
	ranges := [...]string{
		"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
		"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
		"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
		"::/127", "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23",
		"2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
	}
	out := make([]netip.Prefix, len(ranges))
	for i, r := range ranges {
		out[i] = netip.MustParsePrefix(r)
	}
	return out
}

// transport dials only where deliveries may go, and through no proxy whatever the
// environment says.
func (a Addresses) transport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second, Control: a.control}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: maxAnswer,
	}
}
