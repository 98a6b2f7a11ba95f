import type { FieldError, PodSecurityLevel } from '../verdict/judgement';
import { EnforcedLevels } from '../verdict/pod-security';
import { changedFields } from './changed-fields';
import { isSameText, type Pair, type Side } from './pairs';
import type { Applier, FieldChange } from './plan-types';
import { type Fields, fieldsOf, listAt, textAt, valueAt } from './read';
import type { Ask } from './selection';

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
    if (pair.new !== undefined) levels.note(pair.new.object);
  }
  return Promise.all(
    pairs.map(async (pair): Promise<JudgedPair> => {
      const { old, new: now } = pair;
      if (now === undefined) return deleted(pair, old);
      if (isSameText(pair)) return unchanged(pair, now);
      return judged(ask, pair, now, applier !== 'kubectl', levels.of(now.identity.namespace));
    }),
  );
}

const NOTHING = { accepted: true, errors: [], podErrors: [], warnings: [], fields: [] } as const;

function deleted(pair: Pair, old: Side | undefined): JudgedPair {
  return { ...pair, ...NOTHING, same: false, before: old?.object, after: undefined };
}

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
  const common = { new: now.object, podSecurity, result: true };
  // To the cluster, an object under another version or name is another one.
  const { apiVersion, name } = pair.old?.identity ?? {};
  const applies = apiVersion === now.identity.apiVersion && name === now.identity.name;
  const apply = (): Promise<unknown> =>
    ask({ op: 'apply', old: pair.old?.object, live: pair.old?.live, serverSide, ...common });
  const applied = applies ? await apply() : undefined;
  // What could not be applied before is not there: the new one is created.
  const wasRefused = errorsOf(applied, 'errors').some(({ message }) =>
    message.startsWith('old manifest: '),
  );
  const old = wasRefused ? undefined : pair.old;
  const answer =
    applied === undefined || wasRefused ? await ask({ op: 'create', ...common }) : applied;
  const accepted = valueAt(answer, 'accepted');
  const result = accepted === true ? fieldsOf(valueAt(answer, 'result')) : {};
  // What it succeeds is compared as the API server holds that.
  const predecessor = async (): Promise<unknown> =>
    valueAt(await ask({ op: 'create', new: old?.object, result: true }), 'result', 'after');
  const before =
    result.before ??
    (old === undefined || applies ? undefined : await predecessor()) ??
    old?.object;
  const after = result.after ?? (accepted === false ? undefined : now.object);
  const warnings = valueAt(answer, 'warnings');
  return {
    ...pair,
    old,
    same: false,
    accepted: typeof accepted === 'boolean' ? accepted : null,
    errors: errorsOf(answer, 'errors'),
    podErrors: errorsOf(answer, 'podErrors'),
    warnings: Array.isArray(warnings) ? warnings.map(String) : [],
    before: before === undefined ? undefined : fieldsOf(before),
    after: after === undefined ? undefined : fieldsOf(after),
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
