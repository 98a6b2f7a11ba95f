import type { LabelSelector } from '../../imports/k8s';
import type { Refusal } from '../app/refusal';
import { refuseLabelKey, refuseLabels, refuseLabelValue } from './names';

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

/** All that is wrong with a selector which stands in the prop `selector`, for a template with these labels. */
export function refuseSelector(
  selector: Selector,
  labels: Readonly<Record<string, string>>,
): Refusal[] {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return [
    ...refuseLabels('selector.matchLabels', matchLabels),
    ...Object.entries(matchLabels)
      .filter(([key, value]) => labels[key] !== value)
      .map(([key, value]) =>
        mismatch(`selector.matchLabels[${JSON.stringify(key)}]`, value, labels),
      ),
    ...matchExpressions.flatMap((requirement, index) => {
      const field = `selector.matchExpressions[${String(index)}]`;
      return [
        ...refuseLabelKey(`${field}.key`, requirement.key),
        ...(requirement.values ?? []).flatMap((value, v) =>
          refuseLabelValue(`${field}.values[${String(v)}]`, value),
        ),
        ...(meets(requirement, labels) ? [] : [mismatch(field, requirement, labels)]),
      ];
    }),
  ];
}

function meets(
  { key, operator, values }: Requirement,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function mismatch(
  field: string,
  received: unknown,
  labels: Readonly<Record<string, string>>,
): Refusal {
  return {
    field,
    rule: `must match template.labels ${JSON.stringify(labels)}, or the controller would never find its own Pods`,
    received,
    mend: 'change the selector or the labels of the template',
  };
}
