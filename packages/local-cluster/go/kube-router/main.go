// Command kube-router is the network policy controller of kube-router alone, which enforces the NetworkPolicies of the
// Pods on its node. Without the router and the service proxy of kube-router it needs no BGP, and is built in a fraction
// of the time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/cloudnativelabs/kube-router/v2/pkg/controllers/netpol"
	"github.com/cloudnativelabs/kube-router/v2/pkg/healthcheck"
	"github.com/cloudnativelabs/kube-router/v2/pkg/options"
	"github.com/spf13/pflag"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

const nodeTimeout = time.Minute

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kube-router:", err)
		os.Exit(1)
	}
}

func run() error {
	klog.InitFlags(nil)
	config := options.NewKubeRouterConfig()
	config.AddFlags(pflag.CommandLine)
	healthAddress := pflag.String("health-address", "", "host:port of the server of /healthz")
	pflag.Parse()
	if err := errors.Join(flag.Set("logtostderr", "true"), flag.Set("v", config.VLevel)); err != nil {
		return err
	}

	clientConfig, err := clientcmd.BuildConfigFromFlags(config.Master, config.Kubeconfig)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(clientConfig)
	if err != nil {
		return err
	}

	stop := make(chan struct{})
	factory := informers.NewSharedInformerFactory(client, 0)
	pods := factory.Core().V1().Pods().Informer()
	policies := factory.Networking().V1().NetworkPolicies().Informer()
	namespaces := factory.Core().V1().Namespaces().Informer()
	factory.Start(stop)
	for kind, synced := range factory.WaitForCacheSync(stop) {
		if !synced {
			return fmt.Errorf("cannot list %v", kind)
		}
	}

	if err := waitForNode(client, config.HostnameOverride); err != nil {
		return err
	}
	iptables, ipsets, err := netpol.NewIPTablesHandlers(config)
	if err != nil {
		return err
	}
	controller, err := netpol.NewNetworkPolicyController(
		client, config, pods, policies, namespaces, &sync.Mutex{}, iptables, ipsets)
	if err != nil {
		return err
	}
	for informer, handler := range map[cache.SharedIndexInformer]cache.ResourceEventHandler{
		pods: controller.PodEventHandler, policies: controller.NetworkPolicyEventHandler,
		namespaces: controller.NamespaceEventHandler,
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return err
		}
	}

	var running sync.WaitGroup
	// Buffered as kube-router has it: the controller sends one at the beginning of each synchronization.
	heartbeats := make(chan *healthcheck.ControllerHeartbeat, 10)
	running.Add(1)
	go controller.Run(heartbeats, stop, &running)
	served := make(chan error, 1)
	go func() { served <- serveHealth(*healthAddress, config.IPTablesSyncPeriod, heartbeats) }()

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	select {
	case <-signals:
	case err = <-served:
	}
	close(stop)
	running.Wait()
	return err
}

// waitForNode waits until kubelet, which is started at the same time, has made the node known with its address: the
// controller looks for it once.
func waitForNode(client kubernetes.Interface, name string) error {
	return wait.PollUntilContextTimeout(context.Background(), 100*time.Millisecond, nodeTimeout, true,
		func(ctx context.Context) (bool, error) {
			node, err := client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
			if apierrors.IsNotFound(err) {
				return false, nil
			}
			return err == nil && len(node.Status.Addresses) > 0, err
		})
}

// serveHealth answers 200 while the controller has begun a synchronization within two of its periods.
func serveHealth(
	address string, period time.Duration, heartbeats <-chan *healthcheck.ControllerHeartbeat) error {
	var lock sync.Mutex
	var last time.Time
	go func() {
		for beat := range heartbeats {
			lock.Lock()
			last = beat.LastHeartBeat
			lock.Unlock()
		}
	}()
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		lock.Lock()
		age := time.Since(last)
		lock.Unlock()
		if age > 2*period {
			http.Error(w, "no synchronization of policies yet, or none for "+age.String(), http.StatusServiceUnavailable)
		}
	})
	server := http.Server{Addr: address, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
