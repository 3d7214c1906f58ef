package connect

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Returns are the addresses that a browser may go back to after set-up, by
// partner. An address that ends with a slash allows what is below it.
type Returns map[string][]string

// ParseReturns reads the allow-list of a deployment: partner=address, separated by
// white space, a partner as often as it has addresses.
func ParseReturns(text string) (Returns, error) {
	all := Returns{}
	for _, entry := range strings.Fields(text) {
		partner, address, _ := strings.Cut(entry, "=")
		if _, ok := plain(address); !ok || partner == "" {
			return nil, fmt.Errorf("return address %.60q is not of the form partner=https://host/path", entry)
		}
		all[partner] = append(all[partner], address)
	}
	return all, nil
}

// Allow reports whether a partner's customers may be sent to an address.
func (r Returns) Allow(partner, address string) bool {
	to, ok := plain(address)
	if !ok {
		return false
	}
	return slices.ContainsFunc(r[partner], func(allowed string) bool {
		entry, ok := plain(allowed)
		if !ok || entry.Scheme != to.Scheme || entry.Host != to.Host {
			return false
		}
		return entry.Path == to.Path || strings.HasSuffix(entry.Path, "/") && strings.HasPrefix(to.Path, entry.Path)
	})
}

// plain parses an absolute address that every browser reads as Go does: no user, no
// backslash, no control character, no dots in its path, no fragment. Without TLS
// only this machine counts.
func plain(address string) (*url.URL, bool) {
	if strings.ContainsFunc(address, foreign) {
		return nil, false
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" || u.String() != address {
		return nil, false
	}
	local := slices.Contains([]string{"127.0.0.1", "::1", "localhost"}, u.Hostname())
	return u, straight(u) && (u.Scheme == "https" || u.Scheme == "http" && local)
}

// foreign tells characters that stand in no address that is encoded as it should
// be.
func foreign(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("\\\"<>^{}|`", r) }

// straight reports whether a path leads nowhere but down.
func straight(u *url.URL) bool {
	return u.Path != "" && u.RawPath == "" && !strings.Contains(u.Path, "//") && !strings.Contains(u.Path, "/.")
}
