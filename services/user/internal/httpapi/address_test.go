package httpapi

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestFindsTheClientBehindTrustedProxiesOnly(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	rows := []struct {
		name, peer string
		forwarded  []string
		client     string
	}{
		{"a peer that is no proxy is the client", "192.0.2.1:1", []string{"198.51.100.1"}, "192.0.2.1"},
		{"a proxy names the client", "10.0.0.1:1", []string{"198.51.100.1"}, "198.51.100.1"},
		{"what a client wrote itself is not reached", "10.0.0.1:1", []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{"proxies behind proxies are passed", "10.0.0.1:1", []string{"198.51.100.1, 10.0.0.2", "10.0.0.3"}, "198.51.100.1"},
		{"a proxy that names nobody is the client", "10.0.0.1:1", nil, "10.0.0.1"},
		{"what is no address ends the search", "10.0.0.1:1", []string{"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		{"only proxies: the first of them", "10.0.0.1:1", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		{"IPv6 proxies and ports", "[2001:db8::1]:1", []string{"[2001:db9::7]:443"}, "2001:db9::7"},
		{"IPv4 in IPv6 is IPv4", "[::ffff:10.0.0.1]:1", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
	}
	for _, row := range rows {
		r := &http.Request{RemoteAddr: row.peer, Header: http.Header{"X-Forwarded-For": row.forwarded}}
		if got := clientAddress(r, trusted); got.String() != row.client {
			t.Errorf("%s: %s; promised %s", row.name, got, row.client)
		}
	}
}
