import { ApiObject, Chart } from 'cdk8s';
import { Namespace } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { KubeNetworkPolicy } from '../../imports/k8s';
import { Folder } from '../app/app';
import { object, optional, type Rules } from '../app/rules';
import { ValidatedConstruct } from '../app/validated';
import { addValidation, type FieldError } from '../app/validation';
import { validateRendered } from '../secrets/rendered';
import { validateName, validateNamespace, validateObjectName } from './name';

/** Sibling folders: their objects are of kinds that a cluster may not know. */
const PARTS = ['gateway', 'monitoring', 'external-secrets'] as const;
export type Part = (typeof PARTS)[number];

export interface EnvironmentProps {
  /**
   * Namespace that holds all of it.
   *
   * @default - `user-` and the id, so that environments can share a cluster
   */
  readonly namespace?: string;
  /**
   * The Gateway whose listeners carry the routes. It is the platform's, and not made here.
   *
   * @default - `{ name: 'public', namespace: 'gateway' }`: one for all services, in a namespace that they may not change
   */
  readonly gateway?: GatewayReference;
  /**
   * Namespace of Prometheus, the only one that may read metrics.
   *
   * @default monitoring: where the Prometheus operator's own manifests put it
   */
  readonly monitoringNamespace?: string;
  /**
   * ClusterSecretStore that the ExternalSecret objects name.
   *
   * @default platform: a store is the platform's, and the name says whose
   */
  readonly secretStore?: string;
}

/** A Gateway with TLS: https://gateway-api.sigs.k8s.io/guides/tls/ */
export interface GatewayReference {
  readonly name: string;
  readonly namespace: string;
  /** Its listener that terminates TLS. @default https, as the Gateway API's guides name it */
  readonly secureListener?: string;
  /** Its listener without TLS, whose requests are redirected. @default http, likewise */
  readonly plainListener?: string;
}

const PROPS: Rules<EnvironmentProps> = {
  namespace: optional(validateNamespace),
  gateway: optional(
    object<GatewayReference>(
      {
        name: validateObjectName,
        namespace: validateNamespace,
        secureListener: optional(validateObjectName),
        plainListener: optional(validateObjectName),
      },
      "use one such as { name: 'public', namespace: 'gateway' }",
    ),
  ),
  monitoringNamespace: optional(validateNamespace),
  secretStore: optional(validateObjectName),
};

/**
 * A namespace of its own that holds the service, its stores and all that belongs to them, written to the folder of
 * its id; what a cluster may have no definitions for goes to siblings such as `ID-gateway`.
 *
 * No secret is written in it. Its Pods run under the Pod Security level `restricted`, and no network path is open but those that its constructs
 * open.
 */
export class Environment extends ValidatedConstruct {
  readonly namespace: string;
  readonly gateway: Required<GatewayReference>;
  readonly monitoringNamespace: string;
  readonly secretStore: string;
  private readonly folder: Folder;

  constructor(scope: Construct, id: string, props: EnvironmentProps = {}) {
    super(scope, `${id}-environment`);
    const errors = [
      ...validateId(id),
      ...object(PROPS, "leave it out, or use one such as { namespace: 'shop' }")('', props),
    ];
    // What is in it is validated too, and must not be blamed for what is wrong here.
    const { namespace, gateway, monitoringNamespace, secretStore }: EnvironmentProps =
      errors.length > 0 ? {} : props;
    this.namespace = namespace ?? (errors.length > 0 ? 'invalid' : `user-${id}`);
    this.gateway = {
      secureListener: 'https',
      plainListener: 'http',
      ...(gateway ?? { name: 'public', namespace: 'gateway' }),
    };
    this.monitoringNamespace = monitoringNamespace ?? 'monitoring';
    this.secretStore = secretStore ?? 'platform';
    const { root } = this.node;
    const isValid = this.accept(errors, () =>
      [
        ...this.claim('id', id, 'environment', [id], root),
        ...this.claim('namespace', this.namespace, 'namespace', [this.namespace], root),
      ].slice(0, 1),
    );
    this.folder = new Folder(this, isValid ? id : 'invalid');
    if (!isValid) return;
    addValidation(this, () =>
      this.node
        .findAll()
        .filter((construct) => ApiObject.isApiObject(construct))
        .flatMap(validateRendered),
    );

    // kubectl applies files in the order of their names.
    const chart = this.chart('00-namespace');
    new Namespace(chart, 'namespace', {
      metadata: {
        name: this.namespace,
        namespace: undefined,
        labels: {
          'pod-security.kubernetes.io/enforce': 'restricted',
          'pod-security.kubernetes.io/audit': 'restricted',
          'pod-security.kubernetes.io/warn': 'restricted',
        },
      },
    });
    new KubeNetworkPolicy(chart, 'deny-all', {
      metadata: { name: 'deny-all' },
      spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
    });
  }

  /** The file of this environment `ID.k8s.yaml`, in its folder or in the sibling of that part. */
  chart(id: string, part?: Part): Chart {
    const folder = part === undefined ? this.folder : this.sibling(part);
    const known = folder.node.tryFindChild(id);
    if (known instanceof Chart) return known;
    return new Chart(folder, id, {
      namespace: this.namespace,
      labels: { 'app.kubernetes.io/part-of': this.namespace },
    });
  }

  private sibling(part: Part): Folder {
    const id = `${this.folder.node.id}-${part}`;
    const known = this.node.tryFindChild(id);
    return known instanceof Folder ? known : new Folder(this, id);
  }
}

/** Names its folder, beside which there may be those of its parts. */
function validateId(id: unknown): FieldError[] {
  const errors = validateName('id', id);
  const part = PARTS.find((part) => String(id).endsWith(`-${part}`));
  if (errors.length > 0 || part === undefined) return errors;
  return [
    {
      field: 'id',
      rule: `must not end with -${part}: so ends the folder of that part of another environment`,
      received: id,
      fix: 'use another, such as "production"',
    },
  ];
}
