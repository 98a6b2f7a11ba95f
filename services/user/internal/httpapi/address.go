package httpapi

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// clientAddress is the TCP peer, or, if that is a trusted proxy, the last
// address in X-Forwarded-For that is not one: each proxy appends the peer it
// saw, so that whatever a client wrote itself stands further left and is not
// reached. An entry that is no address ends the search at the proxy that wrote it.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := peer.Addr().Unmap()
	if !isTrusted(address, trusted) {
		return address
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		parsed, err := parseHop(strings.TrimSpace(hop))
		if err != nil {
			return address
		}
		address = parsed.Unmap()
		if !isTrusted(address, trusted) {
			return address
		}
	}
	return address
}

// parseHop also takes an address with a port, as some proxies write it.
func parseHop(hop string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(hop); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(strings.Trim(hop, "[]"))
}

func isTrusted(address netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(prefix netip.Prefix) bool { return prefix.Contains(address) })
}
