/** Whether Pods are replaced: verdict's `rollout` beside the ReplicaSets and ControllerRevisions that appear. */
import * as fc from 'fast-check';
import { CheckFailure } from '../../harness/check';
import type { TestContext } from '../../harness/test-context';
import { percent } from './compare';
import type { Base } from './corpus';
import { withParity, type Draw, type ParityContext } from './context';
import { isRecord, setAt, valueAt, textOf, type JsonObject } from './json';
import { applyMutations, edits, type Case } from './mutations';

/** Which objects a controller makes, one for each template. */
const TEMPLATES: Readonly<Record<string, string>> = {
  'apps/v1 Deployment': 'ReplicaSet',
  'apps/v1 StatefulSet': 'ControllerRevision',
  'apps/v1 DaemonSet': 'ControllerRevision',
};
const AT_A_TIME = 4;

interface Observation {
  readonly type: string;
  /** Undefined: both refuse it. */
  readonly rolledOut: boolean | undefined;
  readonly difference: string | undefined;
}

export function judgeRollouts(context: TestContext, draw: Draw): Promise<string> {
  const { count, seed } = draw;
  return withParity(context, draw, async (parity) => {
    const types = Object.keys(TEMPLATES).filter((type) => parity.bases.has(type));
    if (types.length === 0) return 'none of these kinds rolls out';
    const subjects = types.flatMap((type, index) => {
      const bases = parity.bases.get(type) ?? [];
      const arbitrary = fc
        .constantFrom(...bases)
        .chain((base) =>
          fc
            .array(edits(base), { minLength: 1, maxLength: 2 })
            .map((mutations): Case => ({ base, mutations, live: false })),
        );
      const each = Math.ceil(count / types.length);
      return fc.sample(arbitrary, { numRuns: each, seed: seed + index });
    });
    const observations: Observation[] = [];
    const queue = subjects.entries();
    const work = async () => {
      for (const [index, subject] of queue)
        observations.push(await observe(context, parity, subject, index));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return figure(observations, seed);
  });
}

function figure(observations: readonly Observation[], seed: number): string {
  const different = observations.flatMap(({ difference = [] }) => difference);
  const accepted = observations.filter(({ rolledOut }) => rolledOut !== undefined);
  const rolled = accepted.filter(({ rolledOut }) => rolledOut);
  const text =
    `${observations.length} applies of ${new Set(observations.map(({ type }) => type)).size} kinds, ` +
    `${percent(accepted.length, observations.length)} accepted, ${rolled.length} rolled out, ` +
    `${percent(observations.length - different.length, observations.length)} agree, seed ${seed}`;
  if (different.length > 0) throw new CheckFailure([text, ...different].join('\n'));
  return text;
}

/** Makes an object of its own, applies the next manifest for real, and observes what the controller makes of it. */
async function observe(
  context: TestContext,
  parity: ParityContext,
  subject: Case,
  index: number,
): Promise<Observation> {
  const { base } = subject;
  const name = `rollout-${index}`;
  const previous = named(base.manifest, name);
  const next = named(applyMutations(subject), name);
  const judgement = await parity.verdict.apply(previous, next, { serverSide: true });
  const apply = (manifest: JsonObject) =>
    parity.server.apply(manifest, name, parity.namespace, false);
  const made = await apply(previous);
  if (!made.accepted) throw new CheckFailure(`${base.type} ${name}: ${textOf(made.body.message)}`);
  const before = await untilActed(context, parity, base, name);
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
  const after = await untilActed(context, parity, base, name);
  const rolledOut = after.some((uid) => !before.includes(uid));
  const alike = rolledOut === (judgement.change?.kind === 'rollout');
  const difference = alike
    ? undefined
    : `${said()}; the controller made ${rolledOut ? 'a' : 'no'} new ${String(TEMPLATES[type])}`;
  await parity.server.delete(base.manifest, name, parity.namespace);
  return { type, rolledOut, difference };
}

function named(manifest: JsonObject, name: string): JsonObject {
  return setAt(manifest, ['metadata', 'name'], name);
}

/**
 * Waits until the controller has observed the object's generation.
 *
 * @returns the uids of what it has made of its templates.
 */
async function untilActed(
  context: TestContext,
  { server, namespace }: ParityContext,
  base: Base,
  name: string,
): Promise<string[]> {
  return context.until<string[]>(`${base.type} ${name} to be observed`, async () => {
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
