import { ApiObject, Chart } from 'cdk8s';
import { Namespace } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { KubeNetworkPolicy } from '../../imports/k8s';
import { Folder } from '../app/app';
import { addValidation } from '../app/validation';
import { validateRendered } from '../secrets/rendered';
import { validateName } from './name';

/** Sibling folders: their objects are of kinds that a cluster may not know. */
export type Part = 'gateway' | 'monitoring' | 'external-secrets';

export interface EnvironmentProps {
  /**
   * Namespace that holds all of it.
   *
   * @default - `user-` and the id
   */
  readonly namespace?: string;
  /**
   * The Gateway whose listeners carry the routes. It is the platform's, and not made here.
   *
   * @default - `{ name: 'public', namespace: 'gateway' }`
   */
  readonly gateway?: GatewayReference;
  /**
   * Namespace of Prometheus, the only one that may read metrics.
   *
   * @default monitoring
   */
  readonly monitoringNamespace?: string;
  /**
   * ClusterSecretStore that the ExternalSecret objects name.
   *
   * @default platform
   */
  readonly secretStore?: string;
}

/** A Gateway with TLS: https://gateway-api.sigs.k8s.io/guides/tls/ */
export interface GatewayReference {
  readonly name: string;
  readonly namespace: string;
  /** Its listener that terminates TLS. @default https */
  readonly secureListener?: string;
  /** Its listener without TLS, whose requests are redirected. @default http */
  readonly plainListener?: string;
}

/**
 * A namespace of its own that holds the service, its stores and all that belongs to them, written to the folder of
 * its id; what a cluster may have no definitions for goes to siblings such as `ID-gateway`.
 *
 * No secret is written in it. Its Pods run under the Pod Security level `restricted`, and no network path is open but those that its constructs
 * open.
 */
export class Environment extends Construct {
  readonly namespace: string;
  readonly gateway: GatewayReference;
  readonly monitoringNamespace: string;
  readonly secretStore: string;
  private readonly folder: Folder;
  private readonly siblings = new Map<Part, Folder>();

  constructor(scope: Construct, id: string, props: EnvironmentProps = {}) {
    super(scope, `${id}-environment`);
    this.namespace = props.namespace ?? `user-${id}`;
    this.gateway = props.gateway ?? { name: 'public', namespace: 'gateway' };
    this.monitoringNamespace = props.monitoringNamespace ?? 'monitoring';
    this.secretStore = props.secretStore ?? 'platform';
    this.folder = new Folder(this, id);
    const errors = [
      ...validateName('id', id),
      ...validateName('namespace', this.namespace),
      ...validateName('gateway.namespace', this.gateway.namespace),
      ...validateName('gateway.name', this.gateway.name),
      ...validateName('monitoringNamespace', this.monitoringNamespace),
      ...validateName('secretStore', this.secretStore),
    ];
    addValidation(this, () => errors);
    if (errors.length > 0) return;
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

  /** A new file of this environment: `ID.k8s.yaml` in its folder, or in the sibling of that part. */
  chart(id: string, part?: Part): Chart {
    return new Chart(part === undefined ? this.folder : this.sibling(part), id, {
      namespace: this.namespace,
      labels: { 'app.kubernetes.io/part-of': this.namespace },
    });
  }

  private sibling(part: Part): Folder {
    const known = this.siblings.get(part);
    if (known !== undefined) return known;
    const folder = new Folder(this, `${this.folder.node.id}-${part}`);
    this.siblings.set(part, folder);
    return folder;
  }
}
