import type { PodSecurityLevel } from '../verdict/judgement';
import { ENFORCE_LABEL, EnforcedLevels } from '../verdict/pod-security';
import { changedFields } from './changed-fields';
import { isSameText, type Pair } from './pairs';
import type { Side } from './side';
import type { Applier, FieldChange, FieldError } from './plan-types';
import { type Fields, fieldsOf, listAt, textAt, valueAt } from './read';
import type { Ask } from './selection';
import { withoutServerFields } from './server-fields';

/** A pair and what applying its new side does. */
export interface JudgedPair extends Pair {
  /** The same text on both sides: nothing was asked. */
  readonly same: boolean;
  /** Null: not judged, and a warning says why. */
  readonly accepted: boolean | null;
  readonly errors: readonly FieldError[];
  readonly podErrors: readonly FieldError[];
  readonly warnings: readonly string[];
  /** The object before and after, as the API server holds it as far as that is known; undefined for none. */
  readonly before: Fields | undefined;
  readonly after: Fields | undefined;
  readonly fields: readonly FieldChange[];
}

/** Judges what differs: the apply of the new side onto what the old one made. */
export async function judgePairs(
  ask: Ask,
  pairs: readonly Pair[],
  applier: Applier,
): Promise<JudgedPair[]> {
  const levels = new EnforcedLevels();
  for (const pair of pairs) {
    const { new: now } = pair;
    if (now?.identity.kind !== 'Namespace') continue;
    levels.note(now.identity.name, textAt(now.object, 'metadata', 'labels', ENFORCE_LABEL));
  }
  return Promise.all(
    pairs.map(async (pair): Promise<JudgedPair> => {
      const { old, new: now } = pair;
      if (now === undefined) {
        const stays = applier === 'flux' && isUnpruned(old?.live ?? old?.object);
        return stays && old !== undefined ? unchanged(pair, old) : deleted(pair, old);
      }
      if (isSameText(pair)) return unchanged(pair, now);
      return judged(ask, pair, now, applier !== 'kubectl', levels.of(now.identity.namespace));
    }),
  );
}

const NOTHING = { accepted: true, errors: [], podErrors: [], warnings: [], fields: [] } as const;

function deleted(pair: Pair, old: Side | undefined): JudgedPair {
  return { ...pair, ...NOTHING, same: false, before: old?.object, after: undefined };
}

/** Whether Flux leaves the object when it goes from the set: https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources */
function isUnpruned(object: unknown): boolean {
  return textAt(object, 'metadata', 'annotations', PRUNE).toLowerCase() === 'disabled';
}

const PRUNE = 'kustomize.toolkit.fluxcd.io/prune';

function unchanged(pair: Pair, now: Side): JudgedPair {
  return { ...pair, ...NOTHING, same: true, before: now.object, after: now.object };
}

async function judged(
  ask: Ask,
  pair: Pair,
  now: Side,
  serverSide: boolean,
  podSecurity: PodSecurityLevel | undefined,
): Promise<JudgedPair> {
  const apply = (old: Side | undefined, next: Side): Promise<unknown> =>
    ask({
      op: 'apply',
      old: old?.object,
      live: old?.live,
      new: next.object,
      serverSide,
      podSecurity,
      objects: true,
    });
  // To the cluster, an object under another name is another one.
  const isSuccessor = pair.old?.identity.name !== now.identity.name;
  const answer = await apply(isSuccessor ? undefined : pair.old, now);
  // What could not be applied before is not there: the new one is created.
  const wasRefused = listAt(answer, 'change', 'oldErrors').length > 0;
  const old = wasRefused ? undefined : pair.old;
  const accepted = valueAt(answer, 'accepted');
  const shown = (object: unknown): Fields | undefined =>
    typeof object === 'object' && object !== null
      ? withoutServerFields(fieldsOf(object))
      : undefined;
  // What it succeeds is compared as the API server holds that.
  const predecessor = async (): Promise<unknown> =>
    old === undefined || !isSuccessor ? undefined : valueAt(await apply(undefined, old), 'new');
  const before = shown(valueAt(answer, 'old')) ?? shown(await predecessor()) ?? old?.object;
  const after = shown(valueAt(answer, 'new')) ?? (accepted === false ? undefined : now.object);
  const warnings = valueAt(answer, 'warnings');
  return {
    ...pair,
    old,
    same: false,
    accepted: typeof accepted === 'boolean' ? accepted : null,
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
