import { describeIdentity, kindOf } from '../verdict/identity';
import type { Kind, PodSecurityLevel } from '../verdict/judgement';
import { ENFORCE_LABEL, EnforcedLevels } from '../verdict/pod-security';
import { changedFields } from './changed-fields';
import { isReplaced, isUnpruned } from './flux';
import { isSameText, type Pair } from './pairs';
import type { Side } from './side';
import type { Applier, FieldChange, FieldError } from './plan-types';
import { type Fields, fieldsOf, listAt, textAt, valueAt } from './read';
import type { Ask } from './selection';
import { withoutAllocated, withoutServerFields } from './server-fields';
import { workloadOf } from './workload';

/** A pair and what applying its new side does. */
export interface JudgedPair extends Pair {
  /** The same text on both sides: nothing was asked. */
  readonly same: boolean;
  /** Null: of a kind that is not judged, as a warning says. */
  readonly accepted: boolean | null;
  /** What is there is deleted, as it cannot be updated, and the new one created if that is accepted. */
  readonly replaced: boolean;
  readonly errors: readonly FieldError[];
  readonly podErrors: readonly FieldError[];
  readonly warnings: readonly string[];
  /** The object before and after, as the API server holds it as far as that is known; undefined for none. */
  readonly before: Fields | undefined;
  readonly after: Fields | undefined;
  readonly fields: readonly FieldChange[];
  /** Of what the old set alone has: why it can never have been applied, so that it is not there. */
  readonly neverApplied?: FieldError;
}

/**
 * Judges what differs: the apply of the new side onto what the old one made.
 * @throws Error when an object of a kind that is judged is not: there is no plan of a part
 */
export async function judgePairs(
  ask: Ask,
  pairs: readonly Pair[],
  applier: Applier,
  kinds: readonly Kind[],
): Promise<JudgedPair[]> {
  const was = levelsIn(pairs.map(({ old }) => old));
  const levels = levelsIn(pairs.map(({ new: now }) => now));
  return Promise.all(
    pairs.map(async (pair): Promise<JudgedPair> => {
      const { old, new: now } = pair;
      if (now === undefined) {
        const stays = applier === 'flux' && isUnpruned(old?.live ?? old?.object);
        if (stays && old !== undefined) return unchanged(pair, old);
        return { ...deleted(pair, old), ...(await neverApplied(ask, old, applier)) };
      }
      const level = levels.of(now.identity.namespace);
      if (isSameText(pair)) {
        const isHeld =
          level === was.of(now.identity.namespace) || workloadOf(now.object) === undefined;
        const answer = isHeld
          ? {}
          : await ask({ op: 'create', new: now.object, podSecurity: level });
        return { ...unchanged(pair, now), podErrors: errorsOf(answer, 'podErrors') };
      }
      const judgement = await judged(ask, pair, now, applier, level);
      if (judgement.accepted === null && kindOf(now.identity, kinds) !== undefined) {
        const why = judgement.warnings.join('; ').replace(/^not judged: /, '');
        throw new Error(
          `${describeIdentity(now.identity)}: what happens to it cannot be told: ${why}`,
        );
      }
      return judgement;
    }),
  );
}

/** The Pod Security levels that the Namespaces of a set enforce. */
function levelsIn(sides: readonly (Side | undefined)[]): EnforcedLevels {
  const levels = new EnforcedLevels();
  for (const side of sides) {
    if (side?.identity.kind !== 'Namespace') continue;
    levels.note(side.identity.name, textAt(side.object, 'metadata', 'labels', ENFORCE_LABEL));
  }
  return levels;
}

const NOTHING = {
  accepted: true,
  replaced: false,
  errors: [],
  podErrors: [],
  warnings: [],
  fields: [],
} as const;

function deleted(pair: Pair, old: Side | undefined): JudgedPair {
  return { ...pair, ...NOTHING, same: false, before: old?.object, after: undefined };
}

async function neverApplied(
  ask: Ask,
  old: Side | undefined,
  applier: Applier,
): Promise<Pick<JudgedPair, 'neverApplied'>> {
  if (old === undefined || old.live !== undefined) return {};
  const serverSide = applier !== 'kubectl';
  const [error] = errorsOf(await ask({ op: 'applied', new: old.object, serverSide }), 'errors');
  return error === undefined ? {} : { neverApplied: error };
}

function unchanged(pair: Pair, now: Side): JudgedPair {
  return { ...pair, ...NOTHING, same: true, before: now.object, after: now.object };
}

async function judged(
  ask: Ask,
  pair: Pair,
  now: Side,
  applier: Applier,
  podSecurity: PodSecurityLevel | undefined,
): Promise<JudgedPair> {
  const apply = (old: Side | undefined, next: Side): Promise<unknown> =>
    ask({
      op: 'apply',
      old: old?.object,
      live: old?.live,
      new: next.object,
      serverSide: applier !== 'kubectl',
      podSecurity,
      objects: true,
    });
  // To the cluster, an object under another name is another one.
  const isSuccessor = pair.old?.identity.name !== now.identity.name;
  const update = await apply(isSuccessor ? undefined : pair.old, now);
  // What could not be applied before is not there: the new one is created.
  const wasRefused = listAt(update, 'change', 'oldErrors').length > 0;
  const old = wasRefused ? undefined : pair.old;
  const isAnew =
    applier === 'flux' &&
    old !== undefined &&
    !isSuccessor &&
    isReplaced(old.live ?? old.object, now.object, errorsOf(update, 'errors'));
  const answer = isAnew ? await apply(undefined, now) : update;
  const accepted = valueAt(answer, 'accepted');
  const known = [now.object, pair.old?.object, pair.old?.live];
  const shown = (object: unknown): Fields | undefined =>
    typeof object === 'object' && object !== null
      ? withoutAllocated(withoutServerFields(fieldsOf(object)), known)
      : undefined;
  // What it succeeds, or is put in the place of, is compared as the API server holds that.
  const predecessor = async (): Promise<unknown> =>
    old !== undefined && (isSuccessor || isAnew)
      ? (old.live ?? valueAt(await apply(undefined, old), 'new'))
      : undefined;
  const before = shown(valueAt(update, 'old')) ?? shown(await predecessor()) ?? old?.object;
  const after = shown(valueAt(answer, 'new')) ?? (accepted === false ? undefined : now.object);
  const warnings = valueAt(answer, 'warnings');
  return {
    ...pair,
    old,
    same: false,
    accepted: typeof accepted === 'boolean' ? accepted : null,
    replaced: isAnew,
    errors: errorsOf(answer, 'errors'),
    podErrors: errorsOf(answer, 'podErrors'),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    before,
    after,
    // Of what is refused, the fields that were to change.
    fields:
      old === undefined
        ? []
        : changedFields(before, after ?? now.object, now.identity.kind).filter(
            ({ path }) => !IDENTITY.has(path),
          ),
  };
}

/** What a plan tells of an object in fields of their own. */
const IDENTITY = new Set(['apiVersion', 'metadata.name']);

function errorsOf(answer: unknown, name: 'errors' | 'podErrors'): FieldError[] {
  return listAt(answer, name).map((error) => ({
    field: textAt(error, 'field'),
    type: textAt(error, 'type'),
    message: textAt(error, 'message'),
  }));
}
