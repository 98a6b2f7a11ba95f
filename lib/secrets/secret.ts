import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { Environment } from '../environment/environment';
import type { SecretFile } from '../network/endpoint';

/**
 * How the values of a Secret come to be, for `npm run secrets`:
 *
 * - `account`: `username` and `password`; rotation changes to the other of two accounts, by the script of its store
 * - `password`: `password`
 * - `certificate`: `tls.crt`, `tls.key` and `ca.crt` for the names of a server
 * - `given`: values that only a person has
 */
export type SecretSource =
  | {
      readonly kind: 'account';
      readonly accounts: readonly [string, string];
      readonly store: AccountStore;
    }
  | { readonly kind: 'password' }
  | { readonly kind: 'certificate'; readonly hosts: readonly string[] }
  | { readonly kind: 'given'; readonly keys: readonly string[] };

/**
 * Where the accounts of a store are made. The script takes a verb and the name of an account: `make`, with the password
 * as its input; `callers`, which prints the address of each client
 * that is logged in, on a line; `lock`.
 */
export interface AccountStore {
  readonly pod: string;
  readonly script: readonly string[];
}

/** Annotation of an ExternalSecret object: its {@link SecretSource} as JSON. */
export const SOURCE_ANNOTATION = 'user-service-kubernetes/source';

/**
 * A Secret by reference. No value is ever written: `npm run secrets` makes them in the cluster, or the External
 * Secrets operator brings them, for which an ExternalSecret is written beside the environment.
 */
export class SecretReference extends Construct {
  readonly keys: readonly string[];
  readonly files: readonly SecretFile[];

  constructor(
    environment: Environment,
    readonly name: string,
    source: SecretSource,
  ) {
    super(environment, `secret-${name}`);
    this.keys = keysOf(source);
    this.files = this.keys.map((key) => ({ secret: name, key }));
    const chart = environment.chart(name, 'external-secrets');
    new ApiObject(chart, 'external-secret', {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata: { name, annotations: { [SOURCE_ANNOTATION]: JSON.stringify(source) } },
      spec: {
        refreshInterval: '1h',
        secretStoreRef: { kind: 'ClusterSecretStore', name: environment.secretStore },
        // Pods that run on it outlive a mistake in the store.
        target: { name, creationPolicy: 'Owner', deletionPolicy: 'Retain' },
        data: this.keys.map((key) => ({
          secretKey: key,
          remoteRef: { key: `${environment.namespace}/${name}`, property: key },
        })),
      },
    });
  }
}

/** Where Pods find a Secret's files: never by subPath, which would keep the kubelet from updating them. */
export function secretFolder(name: string): string {
  return `/etc/secrets/${name}`;
}

function keysOf(source: SecretSource): readonly string[] {
  switch (source.kind) {
    case 'account':
      return ['username', 'password'];
    case 'password':
      return ['password'];
    case 'certificate':
      return ['ca.crt', 'tls.crt', 'tls.key'];
    case 'given':
      return source.keys;
  }
}
