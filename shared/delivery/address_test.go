package delivery_test

import (
	"net/netip"
	"net/url"
	"testing"

	"fulcrum/shared/delivery"
)

func TestWhereDeliveriesMayGo(t *testing.T) {
	tests := map[string]struct {
		address       string
		public, local bool
	}{
		"a name":                             {"https://joinedly.example/hooks", true, true},
		"its port spelt out":                 {"https://joinedly.example:443/hooks", true, true},
		"a public address":                   {"https://93.184.215.14/", true, true},
		"a public address of version 6":      {"https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", true, true},
		"another port":                       {"https://joinedly.example:8443/", false, false},
		"no encryption":                      {"http://joinedly.example/", false, false},
		"a name and a password":              {"https://user:pass@joinedly.example/", false, false},
		"a fragment":                         {"https://joinedly.example/#x", false, false},
		"no host":                            {"https:///hooks", false, false},
		"no address":                         {"://", false, false},
		"nothing":                            {"", false, false},
		"a file":                             {"file:///etc/passwd", false, false},
		"the metadata of an instance":        {"https://169.254.169.254/latest/meta-data", false, false},
		"a network at home":                  {"https://192.168.1.1/", false, false},
		"this machine":                       {"http://127.0.0.1:8080/", false, true},
		"this machine, version 6":            {"http://[::1]:8080/", false, true},
		"this machine, in version 6's dress": {"https://[::ffff:127.0.0.1]/", false, true},
		"a private one in version 6's dress": {"https://[::ffff:10.0.0.1]/", false, false},
		"a private one behind NAT64":         {"https://[64:ff9b::a00:1]/", false, false},
		"a private one in a 6to4 address":    {"https://[2002:a00:1::]/", false, false},
		"a unique local one":                 {"https://[fd00:ec2::254]/", false, false},
		"a link-local one with a zone":       {"https://[fe80::1%25eth0]/", false, false},
		"shared address space":               {"https://100.64.0.1/", false, false},
		"everything":                         {"https://0.0.0.0/", false, false},
		"everybody":                          {"https://255.255.255.255/", false, false},
		"a group":                            {"https://224.0.0.1/", false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := (delivery.Addresses{}).Check(tt.address); (err == nil) != tt.public {
				t.Errorf("deployed: %v", err)
			}
			if err := (delivery.Addresses{Loopback: true}).Check(tt.address); (err == nil) != tt.local {
				t.Errorf("on a developer's machine: %v", err)
			}
		})
	}
}

// Whatever the text of an address: what is let through is https to port 443, and
// where it names an IP address, one that Go too knows as public.
func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"https://a.example/", "https://[::ffff:7f00:1]/", "https://127.1/", "https://0x7f.1/", "https://a.example:443@b/", "HTTPS://10.0.0.1\\@a.example/"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		if (delivery.Addresses{}).Check(address) != nil {
			return
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.Port() != "" && u.Port() != "443" || u.Hostname() == "" {
			t.Fatalf("%q is let through", address)
		}
		if ip, err := netip.ParseAddr(u.Hostname()); err == nil {
			if ip = ip.Unmap(); ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
				t.Fatalf("%q is let through", address)
			}
		}
	})
}
