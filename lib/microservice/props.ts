import type { Duration } from 'cdk8s';
import type { Endpoint } from '../network/endpoint';
import type { Resources } from '../pod/resources';
import type { SecretReference } from '../secrets/secret';

export interface MicroserviceProps {
  /** Image reference with a version, best by a digest: a tag may come to mean another image, `latest` is refused. */
  readonly image: string;
  /** TCP port that the program serves on, 1024 to 65535: without privileges it can take no lower one. */
  readonly port: number;
  /**
   * TCP port of probes and metrics, 1024 to 65535, which no route leads to.
   *
   * @default - they are on `port`: a program with one port needs no second one. Where there are two, clients cannot read
   * what is for operators
   */
  readonly adminPort?: number;
  readonly probes: Probes;
  /**
   * How many Pods, an integer of 1 or more. With 1, every drain of its node is an outage.
   *
   * @default 3: one may be drained and one may fail at the same time
   */
  readonly replicas?: number;
  /**
   * Lets the number of Pods follow their load; `replicas` cannot be given then, since each apply would undo its work.
   *
   * @default - none: it needs a metrics server, and a limit that only the author knows
   */
  readonly autoscaler?: Autoscaler;
  /**
   * @default - 100m to 1 processor, 128 MiB of memory: what a small program in Go idles in, with room for a burst; and
   * never none, or a Pod could take all of its node
   */
  readonly resources?: Resources;
  /** @default - those of the image, which runs as it was tested */
  readonly args?: readonly string[];
  /**
   * Configuration as environment variables. A change rolls out.
   *
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What it calls, by the prefix of the variables that tell it where: `MYSQL` gives MYSQL_HOST, MYSQL_PORT and so on.
   * Nothing else can be reached, DNS apart.
   *
   * @default - nothing
   */
  readonly uses?: Readonly<Record<string, Endpoint>>;
  /**
   * Secrets whose files it reads below /etc/secrets/NAME, besides those that `uses` brings.
   *
   * @default - none
   */
  readonly secrets?: Readonly<
    Record<string, { readonly from: SecretReference; readonly key: string }>
  >;
  /**
   * Name by which clients outside of the cluster call it.
   *
   * @default - none: only `uses` of others leads to it
   */
  readonly host?: string;
  /**
   * What carries `host` to it: a route of the environment's Gateway, or an Ingress for clusters that have a controller
   * of those; both with TLS.
   *
   * @default - `{ kind: 'gateway' }`: the Gateway API is what goes on, while Ingress-NGINX has been retired
   */
  readonly route?: Route;
  /**
   * Namespaces whose Pods may call it.
   *
   * @default - the one of the route's Gateway, which is where `host` leads; none without a route
   */
  readonly openTo?: readonly string[];
  /**
   * How Prometheus finds its metrics at /metrics: by a PodMonitor object (written to the sibling folder), or by
   * annotations of the Pods.
   *
   * @default pod-monitor: Prometheus has to be told by somebody who may, where annotations are anybody's
   */
  readonly metrics?: 'pod-monitor' | 'annotations' | 'none';
  /**
   * How long it goes on serving after SIGTERM while nodes and gateways learn that it ends: written to DRAIN_DELAY.
   *
   * @default - none is written: not every program knows the variable, and this one has a default of its own
   */
  readonly drainDelay?: Duration;
  /**
   * From SIGTERM to SIGKILL; longer than `drainDelay`.
   *
   * @default - 25 seconds beyond `drainDelay`, so that the longest request (10 seconds) can end
   */
  readonly gracePeriod?: Duration;
  /**
   * A pause before SIGTERM, by the kubelet's own `sleep`, for programs that cannot delay by themselves. Needs
   * Kubernetes 1.30.
   *
   * @default - none: a program that delays by itself goes on answering meanwhile
   */
  readonly preStopSleep?: Duration;
  /**
   * How long a new Pod must have been ready before the next old one may go.
   *
   * @default - 10 seconds: a Pod that crashes under its first load stops the rollout
   */
  readonly minReady?: Duration;
  /**
   * A rollout that makes no progress for so long is reported as failed; the old Pods go on serving.
   *
   * @default - 10 minutes, which is Kubernetes' own: time to pull an image and to wait for a store, and short enough that
   * somebody who watches is still there
   */
  readonly progressDeadline?: Duration;
  /**
   * Pods that an eviction may take away at once, 1 or more. With one replica there is no budget: none could be kept
   * without blocking the drain of its node.
   *
   * @default 1: a drain takes longer, and never meets a service with half of its Pods
   */
  readonly maxUnavailable?: number;
  /**
   * Runs to its end, from the same image, for each new version of it, with rights that the service itself lacks.
   *
   * @default - none: not every service has a schema
   */
  readonly migration?: Migration;
  /**
   * Numeric user of its processes, 1 or more.
   *
   * @default 65532: `nonroot` of distroless images
   */
  readonly user?: number;
}

/** Paths that the kubelet asks, on `adminPort` if there is one. */
export interface Probes {
  /**
   * Answers 200 once the program can serve, stores and all. It is asked until it does, for half an hour (a store that is
   * being restored is no reason to restart who waits for it), and never again.
   *
   * @default - `live`, which is right for a program that waits for nothing
   */
  readonly start?: string;
  /**
   * Answers 200 while requests should be sent to this Pod. Stores that all Pods share do not belong in it: their
   * outage would take every Pod out of the Service, and clients would meet refused connections where they could be
   * told when to come again.
   *
   * @default - `live`, which asks no store either
   */
  readonly ready?: string;
  /** Answers 200 unless only a restart can help. It must not ask a store. */
  readonly live: string;
  /** @default - `adminPort` if there is one, else `port` */
  readonly port?: number;
}

/** https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/ */
export interface Autoscaler {
  /** 2 or more. */
  readonly min: number;
  /** At least `min`. */
  readonly max: number;
  /**
   * Percentage of the requested processor that it steers for.
   *
   * @default 70: what is left carries the load while new Pods start
   */
  readonly cpu?: number;
}

export type Route =
  | { readonly kind: 'gateway' }
  | {
      readonly kind: 'ingress';
      /** IngressClass of the controller. */
      readonly className: string;
      /** Namespace of the controller, which alone may call the service. */
      readonly namespace: string;
      /** Secret with the certificate, as cert-manager keeps it. @default - the service's name and `-tls`, as its guides do */
      readonly tlsSecret?: string;
    };

export interface Migration {
  readonly args: readonly string[];
  /** @default - none */
  readonly env?: Readonly<Record<string, string>>;
  /** What it calls; see `uses` of the service. */
  readonly uses: Readonly<Record<string, Endpoint>>;
}
