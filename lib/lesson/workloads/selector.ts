import type { LabelSelector } from '../../../imports/k8s';

/** Selects Pods whose labels have all of these values: all that a ReplicationController can say. */
export interface EqualitySelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions?: never;
}

/** Selects Pods whose labels meet all of these requirements: for ReplicaSet and upwards. */
export interface SetBasedSelector {
  /** @default - none */
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly Requirement[];
}

/** One set-based requirement on the label `key`. A Pod without that label meets `NotIn` and `DoesNotExist`. */
export type Requirement =
  | { readonly key: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly string[] }
  | { readonly key: string; readonly operator: 'Exists' | 'DoesNotExist'; readonly values?: never };

export type Selector = EqualitySelector | SetBasedSelector;

/** The selector as the Kubernetes API has it. */
export function labelSelector({ matchLabels, matchExpressions }: Selector): LabelSelector {
  return {
    matchLabels: matchLabels && { ...matchLabels },
    matchExpressions: matchExpressions?.map(({ key, operator, values }) => ({
      key,
      operator,
      values: values && [...values],
    })),
  };
}
