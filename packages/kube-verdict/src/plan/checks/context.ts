import { describeIdentity } from '../../verdict/identity';
import type { JudgedPair } from '../judged-pairs';
import type { Links } from '../links';
import type { Applier, Finding, FindingCode, Level } from '../plan-types';
import type { AskedRollout } from '../rollouts';
import type { Ask } from '../selection';
import type { Thing, World } from '../world';

/** What the checks between objects look at. */
export interface Context {
  readonly ask: Ask;
  readonly applier: Applier;
  readonly pairs: readonly JudgedPair[];
  readonly before: World;
  readonly after: World;
  readonly linksBefore: Links;
  readonly linksAfter: Links;
  /** What the objects after the change select among the Pods before it. */
  readonly linksAcross: Links;
  readonly rollouts: ReadonlyMap<string, AskedRollout>;
}

/** One check: what it has to say of a change, nothing of what was so before. */
export type Check = (context: Context) => Finding[] | Promise<Finding[]>;

export function finding(
  code: FindingCode,
  level: Level,
  object: string,
  message: string,
  related: readonly string[] = [],
): Finding {
  return { code, level, object, related, message };
}

/** `Deployment default/web`, or the id of what is in neither world. */
export function nameOf({ before, after }: Pick<Context, 'before' | 'after'>, id: string): string {
  const thing = after.get(id) ?? before.get(id);
  return thing === undefined ? id : describeIdentity(thing.identity);
}

/** Ids of what is in the old set and no longer in the new one. */
export function isDeleted(
  { before, after }: Pick<Context, 'before' | 'after'>,
  id: string,
): boolean {
  return before.has(id) && !after.has(id);
}

/** Whether the workload has any Pods, as far as its manifest says. */
export function hasPods(thing: Thing | undefined): boolean {
  return thing?.workload !== undefined && thing.workload.replicas !== 0;
}
