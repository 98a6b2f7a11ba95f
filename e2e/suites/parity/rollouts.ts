/** Whether Pods are replaced: verdict's `rollout` beside the ReplicaSets and ControllerRevisions that appear. */
import * as fc from 'fast-check';
import { ClaimFailure } from '../../harness/claim';
import type { Stage } from '../../harness/stage';
import { percent } from './compare';
import type { Base } from './corpus';
import { onGround, type Ground } from './ground';
import { isRecord, setAt, valueAt, textOf, type JsonObject } from './json';
import { applyMutations, edits, type Case } from './mutations';
import type { Size } from './size';

/** Which objects a controller makes, one for each template. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'apps/v1 Deployment': 'ReplicaSet',
  'apps/v1 StatefulSet': 'ControllerRevision',
  'apps/v1 DaemonSet': 'ControllerRevision',
};
const AT_A_TIME = 4;

interface Seen {
  readonly type: string;
  /** Undefined: both refuse it. */
  readonly rolledOut: boolean | undefined;
  readonly difference: string | undefined;
}

export function judgeRollouts(stage: Stage, { count, seed }: Size): Promise<string> {
  return onGround(stage, async (ground) => {
    const subjects = Object.keys(TEMPLATES).flatMap((type, index) => {
      const bases = ground.bases.get(type) ?? [];
      const arbitrary = fc
        .constantFrom(...bases)
        .chain((base) =>
          fc
            .array(edits(base), { minLength: 1, maxLength: 2 })
            .map((mutations): Case => ({ base, mutations, live: false })),
        );
      const each = Math.ceil(count / Object.keys(TEMPLATES).length);
      return fc.sample(arbitrary, { numRuns: each, seed: seed + index });
    });
    const seen: Seen[] = [];
    const queue = subjects.entries();
    const work = async () => {
      for (const [index, subject] of queue) seen.push(await observe(stage, ground, subject, index));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return figure(seen, seed);
  });
}

function figure(seen: readonly Seen[], seed: number): string {
  const different = seen.flatMap(({ difference = [] }) => difference);
  const accepted = seen.filter(({ rolledOut }) => rolledOut !== undefined);
  const rolled = accepted.filter(({ rolledOut }) => rolledOut);
  const text =
    `${seen.length} applies of ${new Set(seen.map(({ type }) => type)).size} kinds, ` +
    `${percent(accepted.length, seen.length)} accepted, ${rolled.length} rolled out, ` +
    `${percent(seen.length - different.length, seen.length)} agree, seed ${seed}`;
  if (different.length > 0) throw new ClaimFailure([text, ...different].join('\n'));
  return text;
}

/** Makes an object of its own, applies the next manifest for real, and looks what the controller makes of it. */
async function observe(stage: Stage, ground: Ground, subject: Case, index: number): Promise<Seen> {
  const { base } = subject;
  const name = `rollout-${index}`;
  const previous = named(base.manifest, name);
  const next = named(applyMutations(subject), name);
  const judgement = await ground.verdict.apply(previous, next, { serverSide: true });
  const apply = (manifest: JsonObject) =>
    ground.server.apply(manifest, name, ground.namespace, false);
  const made = await apply(previous);
  if (!made.accepted) throw new ClaimFailure(`${base.type} ${name}: ${textOf(made.body.message)}`);
  const before = await untilActed(stage, ground, base, name);
  const answer = await apply(next);
  const type = base.type;
  const said = () =>
    `${type}, ${JSON.stringify(subject.mutations)}: verdict ${JSON.stringify(judgement)}`;
  if (!answer.accepted || judgement.accepted !== true) {
    const alike = answer.accepted === judgement.accepted;
    const difference = alike
      ? undefined
      : `${said()}; the API server ${JSON.stringify(answer.body)}`;
    return { type, rolledOut: undefined, difference };
  }
  const after = await untilActed(stage, ground, base, name);
  const rolledOut = after.some((uid) => !before.includes(uid));
  const alike = rolledOut === (judgement.change?.kind === 'rollout');
  const difference = alike
    ? undefined
    : `${said()}; the controller made ${rolledOut ? 'a' : 'no'} new ${String(TEMPLATES[type])}`;
  await ground.server.delete(base.manifest, name, ground.namespace);
  return { type, rolledOut, difference };
}

function named(manifest: JsonObject, name: string): JsonObject {
  return setAt(manifest, ['metadata', 'name'], name);
}

/** Waits until the controller has seen the object's generation. @returns the uids of what it has made of its templates. */
async function untilActed(
  stage: Stage,
  { server, namespace }: Ground,
  base: Base,
  name: string,
): Promise<string[]> {
  return stage.until<string[]>(`${base.type} ${name} to be observed`, async () => {
    const { body } = await server.get(base.manifest, name, namespace);
    const generation = valueAt(body, ['metadata', 'generation']);
    const observed = valueAt(body, ['status', 'observedGeneration']);
    const owner = valueAt(body, ['metadata', 'uid']);
    const all = await server.list('apps/v1', TEMPLATES[base.type] ?? '', namespace);
    const own = all.filter((one) => ownersOf(one).includes(owner));
    if (observed === generation && own.length > 0) {
      return { found: own.map((one) => textOf(valueAt(one, ['metadata', 'uid']))) };
    }
    return {
      lastSeen: `generation ${textOf(generation)}, observed ${textOf(observed)}, ${own.length} templates`,
    };
  });
}

function ownersOf(object: JsonObject): unknown[] {
  const owners = valueAt(object, ['metadata', 'ownerReferences']);
  return Array.isArray(owners) ? owners.map((owner) => isRecord(owner) && owner.uid) : [];
}
