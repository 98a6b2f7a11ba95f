import type { Construct } from 'constructs';
import {
  type DeploymentStrategy as KubeDeploymentStrategy,
  IntOrString,
  KubeDeployment,
} from '../../../imports/k8s';
import {
  controllerMetadata,
  controllerSpec,
  type LessonControllerProps,
  validateWorkload,
} from './workload';

export interface LessonDeploymentProps extends LessonControllerProps {
  /**
   * How Pods are replaced when the template changes.
   *
   * @default - none is written: Kubernetes makes it RollingUpdate with 25% for both. A change from there to Recreate
   * is refused by `kubectl apply --server-side`; write RollingUpdate out first if it may ever be made.
   */
  readonly strategy?: DeploymentStrategy;
}

/** How a Deployment replaces its Pods when the template changes. */
export type DeploymentStrategy =
  RollingUpdateStrategy | { readonly type: 'Recreate'; readonly rollingUpdate?: never };

interface RollingUpdateStrategy {
  readonly type: 'RollingUpdate';
  readonly rollingUpdate?: {
    /**
     * How many Pods may exist above `replicas`; a share is rounded up.
     *
     * @default '25%'
     */
    readonly maxSurge?: PodCount;
    /**
     * How many Pods may be unavailable; a share is rounded down. Not 0 together with maxSurge.
     *
     * @default '25%'
     */
    readonly maxUnavailable?: PodCount;
  };
}

/** A number of Pods, or a share of the replicas: `1`, `'25%'`. */
export type PodCount = number | `${number}%`;

/**
 * The lesson's Deployment: what it is given and nothing else, where `Deployment` of cdk8s-plus adds defaults. It keeps a
 * number of Pods, and replaces them when anything in the template changes: a rollout.
 */
export class LessonDeployment extends KubeDeployment {
  constructor(scope: Construct, id: string, props: LessonDeploymentProps) {
    const { strategy } = props;
    super(scope, id, {
      metadata: controllerMetadata(props),
      spec: { ...controllerSpec(props), strategy: strategy && kubeDeploymentStrategy(strategy) },
    });
    validateWorkload(this, props);
  }
}

/**
 * The strategy as the Kubernetes API has it. The block `rollingUpdate` is always written out: only what was applied
 * can be taken back by `kubectl apply --server-side`. Where the block was left to Kubernetes' defaults, a later change
 * to Recreate is refused ("spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is
 * 'Recreate'"); where it was written, it goes away with the change.
 */
function kubeDeploymentStrategy(strategy: DeploymentStrategy): KubeDeploymentStrategy {
  const { type } = strategy;
  // One that stands beside Recreate, against its type, is written all the same, for Kubernetes to refuse.
  const { rollingUpdate }: Pick<RollingUpdateStrategy, 'rollingUpdate'> = strategy;
  if (type === 'Recreate' && rollingUpdate === undefined) return { type };
  const { maxSurge = '25%', maxUnavailable = '25%' } = rollingUpdate ?? {};
  return {
    type,
    rollingUpdate: { maxSurge: intOrString(maxSurge), maxUnavailable: intOrString(maxUnavailable) },
  };
}

function intOrString(count: PodCount): IntOrString {
  return typeof count === 'number' ? IntOrString.fromNumber(count) : IntOrString.fromString(count);
}
