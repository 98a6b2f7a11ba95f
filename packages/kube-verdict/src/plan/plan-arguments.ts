import { checkArgument, mistakeText, rule, type Rules, TEXT } from '../rule';
import type { Manifest } from '../verdict/judgement';
import { jsonOf } from '../verdict/request';
import type { PlanOptions } from './plan';
import type { Applier } from './plan-types';
import type { Member } from './side';

export const APPLIERS: readonly Applier[] = ['kubectl', 'server-side', 'flux'];
/** More than any cluster has: https://kubernetes.io/docs/setup/best-practices/cluster-large/ */
export const MOST_NODES = 100_000;

export const PLAN_RULES: Rules<PlanOptions> = {
  applier: rule(APPLIERS.join(', '), (value) => APPLIERS.some((one) => one === value)),
  nodes: rule(
    `a number of nodes, at most ${MOST_NODES}`,
    (value) => Number.isInteger(value) && Number(value) >= 0 && Number(value) <= MOST_NODES,
  ),
  name: TEXT,
  from: TEXT,
  to: TEXT,
};

const MANIFESTS = rule(
  'manifests, as an array or another iterable',
  (value) => typeof value === 'object' && value !== null && Symbol.iterator in value,
);

/**
 * A set of manifests that stand nowhere.
 * @param argument what it is called where it is none
 * @throws TypeError
 */
export function membersOf(argument: string, set: Iterable<Manifest>): Member[] {
  checkArgument(argument, MANIFESTS, set);
  return Array.from(set, (manifest, index) => {
    const item = `${argument}[${index}]`;
    if (jsonOf(item, manifest) === undefined) {
      throw new TypeError(mistakeText(item, 'an object that is nested less deeply', manifest));
    }
    return { manifest, place: null };
  });
}
