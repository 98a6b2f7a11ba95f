package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// connect says of each address, host:port, whether a TCP connection to it can
// be made from here: `open`, or why not.
func connect(ctx context.Context, addresses []string) (map[string]string, error) {
	if len(addresses) == 0 {
		return nil, errors.New("connect needs addresses, as host:port")
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	found := make(map[string]string, len(addresses))
	var mutex sync.Mutex
	var running sync.WaitGroup
	for _, address := range addresses {
		running.Go(func() {
			result := "open"
			var dialer net.Dialer
			connection, err := dialer.DialContext(ctx, "tcp", address)
			var unknown *net.DNSError
			switch {
			case errors.As(err, &unknown):
				result = fmt.Sprintf("no address: %v", unknown)
			case err != nil:
				result = fmt.Sprintf("closed: %v", err)
			default:
				_ = connection.Close()
			}
			mutex.Lock()
			defer mutex.Unlock()
			found[address] = result
		})
	}
	running.Wait()
	return found, nil
}
