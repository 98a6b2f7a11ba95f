import { type DeploymentStrategy as KubeDeploymentStrategy, IntOrString } from '../../imports/k8s';
import type { Refusal } from '../app/refusal';

/** A number of Pods, or a share of the replicas: `1`, `'25%'`. */
export type PodCount = number | `${number}%`;

/** How a Deployment replaces its Pods when the template changes. */
export type DeploymentStrategy =
  | {
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
  | { readonly type: 'Recreate'; readonly rollingUpdate?: never };

/**
 * The strategy as the Kubernetes API has it. The `rollingUpdate` block is always written out: only what was applied
 * can be taken back by `kubectl apply --server-side`. Where the block was left to Kubernetes' defaults, a later change
 * to Recreate is refused ("spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is
 * 'Recreate'"); where it was written, it goes away with the change.
 */
export function kubeDeploymentStrategy(strategy: DeploymentStrategy): KubeDeploymentStrategy {
  if (strategy.type === 'Recreate') return { type: strategy.type };
  const { maxSurge, maxUnavailable } = withDefaults(strategy);
  return {
    type: strategy.type,
    rollingUpdate: { maxSurge: intOrString(maxSurge), maxUnavailable: intOrString(maxUnavailable) },
  };
}

/** All that is wrong with a strategy which stands in the prop `strategy`. */
export function refuseDeploymentStrategy(strategy: DeploymentStrategy): Refusal[] {
  const { type } = strategy;
  // Also for programs that run without a type check.
  const { rollingUpdate }: { rollingUpdate?: unknown } = strategy;
  switch (type) {
    case 'Recreate':
      if (rollingUpdate === undefined) return [];
      return [
        {
          field: 'strategy.rollingUpdate',
          rule: 'must not be given with type Recreate',
          received: rollingUpdate,
          mend: 'remove it, or set strategy.type to "RollingUpdate"',
        },
      ];
    case 'RollingUpdate': {
      const { maxSurge, maxUnavailable } = withDefaults(strategy);
      const refusals = [
        ...refusePodCount('strategy.rollingUpdate.maxSurge', maxSurge),
        ...refusePodCount('strategy.rollingUpdate.maxUnavailable', maxUnavailable),
      ];
      if (
        refusals.length > 0 ||
        Number.parseInt(String(maxSurge)) > 0 ||
        Number.parseInt(String(maxUnavailable)) > 0
      )
        return refusals;
      return [
        {
          field: 'strategy.rollingUpdate',
          rule: 'must not have both maxSurge and maxUnavailable 0, with which no Pod could ever be replaced',
          received: { maxSurge, maxUnavailable },
          mend: 'set one of them to 1 or more',
        },
      ];
    }
    default:
      return [
        {
          field: 'strategy.type',
          rule: 'must be RollingUpdate or Recreate',
          received: type satisfies never,
          mend: 'use "RollingUpdate" or "Recreate"',
        },
      ];
  }
}

function withDefaults({ rollingUpdate }: DeploymentStrategy): {
  maxSurge: PodCount;
  maxUnavailable: PodCount;
} {
  return {
    maxSurge: rollingUpdate?.maxSurge ?? '25%',
    maxUnavailable: rollingUpdate?.maxUnavailable ?? '25%',
  };
}

function refusePodCount(field: string, count: PodCount): Refusal[] {
  if (typeof count === 'number' ? Number.isInteger(count) && count >= 0 : /^[0-9]+%$/.test(count))
    return [];
  return [
    {
      field,
      rule: 'must be an integer of 0 or more, or such an integer with "%"',
      received: count,
      mend: 'use a value such as 1 or "25%"',
    },
  ];
}

function intOrString(count: PodCount): IntOrString {
  return typeof count === 'number' ? IntOrString.fromNumber(count) : IntOrString.fromString(count);
}
