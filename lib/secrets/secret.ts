import { ApiObject } from 'cdk8s';
import { list, object, type Rule, text, variant } from '../app/rules';
import type { Environment } from '../environment/environment';
import { validateSecretName } from '../environment/name';
import { EnvironmentPart } from '../environment/part';
import type { Creator } from '../app/validated';
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

const SECRET_KEY = text(
  /^(?!\.\.?$)[-._a-zA-Z0-9]{1,253}$/,
  'be 1 to 253 letters, digits, "-", "_" or "."',
  'use a name such as "password"',
);
const ACCOUNT = text(/^[a-z][a-z0-9_]{0,31}$/, 'be an account', 'use a name such as "user_1"');
const WORD = text(/./, 'be a string that is not empty', 'put it in quotes');

type Source<Kind extends SecretSource['kind']> = Omit<
  Extract<SecretSource, { kind: Kind }>,
  'kind'
>;

const SOURCE = variant(
  {
    account: object<Source<'account'>>(
      {
        accounts: pair(ACCOUNT),
        store: object<AccountStore>(
          { pod: WORD, script: list(WORD) },
          "use one such as { pod: 'mysql-0', script: ['bash', '/account'] }",
        ),
      },
      '',
    ),
    password: object<object>({}, ''),
    certificate: object<Source<'certificate'>>({ hosts: some(WORD) }, ''),
    given: object<Source<'given'>>({ keys: some(SECRET_KEY) }, ''),
  },
  "use one such as { kind: 'password' }",
);

/**
 * A Secret by reference. No value is ever written: `npm run secrets` makes them in the cluster, or the External
 * Secrets operator brings them, for which an ExternalSecret is written beside the environment.
 */
export class SecretReference extends EnvironmentPart {
  readonly keys: readonly string[];
  readonly files: readonly SecretFile[];

  constructor(
    environment: Environment,
    readonly name: string,
    source: SecretSource,
    creator?: Creator,
  ) {
    super(environment, secretId(name), creator ?? new.target);
    const errors = [...validateSecretName('name', name), ...SOURCE('source', source)];
    this.keys = errors.length > 0 ? [] : keysOf(source);
    this.files = this.keys.map((key) => ({ secret: name, key }));
    if (!this.accept(errors, () => this.claim('name', name, 'Secret', [name]))) return;
    const chart = this.chart(name, 'external-secrets');
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

  /** One whose values only a person has; several stores may name the same. */
  static given(
    environment: Environment,
    name: string,
    keys: readonly string[],
    creator: Creator,
  ): SecretReference {
    const known = environment.node.tryFindChild(secretId(name));
    const isSame = known instanceof SecretReference && known.keys.join() === keys.join();
    return isSame
      ? known
      : new SecretReference(environment, name, { kind: 'given', keys }, creator);
  }
}

function secretId(name: string): string {
  return `secret-${name}`;
}

function some(of: Rule): Rule {
  return (field, value) =>
    Array.isArray(value) && value.length === 0
      ? [{ field, rule: 'must have one or more', received: value, fix: 'add one' }]
      : list(of)(field, value);
}

function pair(of: Rule): Rule {
  return (field, value) =>
    Array.isArray(value) && (value.length !== 2 || value[0] === value[1])
      ? [{ field, rule: 'must be two that differ', received: value, fix: "use ['a_1', 'a_2']" }]
      : list(of)(field, value);
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
