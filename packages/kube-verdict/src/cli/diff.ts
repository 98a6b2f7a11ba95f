import { identityOf } from '../verdict/identity';
import type { ApplyJudgement, Judgement, Kind } from '../verdict/judgement';
import type { EnforcedLevels } from '../verdict/pod-security';
import type { Verdict } from '../verdict/verdict';
import { InOrder } from './in-order';
import { InputError } from './inputs';
import type { Finding, Report } from './report';
import { enforcedLevels, type Found, objectsOf } from './set';

type Outcome = Pick<Finding, 'judgement' | 'action' | 'fields'>;

const ACTIONS = { none: 'unchanged', update: 'updated', rollout: 'rolled out' } as const;

const REMOVED: Outcome = {
  judgement: { accepted: true, errors: [], warnings: [], podErrors: [] },
  action: 'removed',
};

/** Judges the apply of one set of manifests over another that was applied before. */
export async function diff(
  loading: Promise<Verdict>,
  [older, newer]: readonly [string, string],
  serverSide: boolean,
  report: Report,
): Promise<void> {
  const levels = await enforcedLevels([newer]);
  const verdict = await loading;
  const before = await setOf(older, verdict.kinds, report);
  const after = await setOf(newer, verdict.kinds, report);
  const output = new InOrder();
  for (const [key, found] of after) {
    const outcome = judge(verdict, before.get(key), found, { serverSide, levels });
    await output.add(outcome, (result) => {
      report.finding({ ...found, identity: identityOf(found.manifest, verdict.kinds), ...result });
    });
  }
  for (const [key, found] of before) {
    if (after.has(key)) continue;
    const identity = identityOf(found.manifest, verdict.kinds);
    await output.add(Promise.resolve(), () => {
      report.finding({ ...found, identity, ...REMOVED });
    });
  }
  await output.done();
}

async function judge(
  verdict: Verdict,
  previous: Found | undefined,
  next: Found,
  { serverSide, levels }: { serverSide: boolean; levels: EnforcedLevels },
): Promise<Outcome> {
  const podSecurity = levels.of(identityOf(next.manifest, verdict.kinds).namespace);
  if (previous === undefined) {
    const judgement = await verdict.create(next.manifest, { podSecurity });
    return { judgement, action: actionOf(judgement, 'created') };
  }
  const { change, ...judgement } = await verdict.apply(previous.manifest, next.manifest, {
    serverSide,
    podSecurity,
  });
  const action = actionOf(judgement, change === undefined ? 'unchanged' : ACTIONS[change.kind]);
  return { judgement, action, fields: change?.fields ?? [] };
}

function actionOf({ accepted }: Judgement | ApplyJudgement, otherwise: string): string {
  if (accepted === null) return 'not judged';
  return accepted ? otherwise : 'refused';
}

/** The objects of a set by what a cluster knows them by, whatever the version of their group. */
async function setOf(
  path: string,
  kinds: readonly Kind[],
  report: Report,
): Promise<Map<string, Found>> {
  const set = new Map<string, Found>();
  for await (const found of objectsOf([path])) {
    if (found instanceof InputError) {
      report.broken(found);
      continue;
    }
    const { apiVersion, kind, namespace, name } = identityOf(found.manifest, kinds);
    const group = apiVersion.includes('/') ? apiVersion.split('/', 1).join() : '';
    const key = JSON.stringify([group, kind, namespace, name]);
    const first = set.get(key);
    if (first === undefined) {
      set.set(key, found);
      continue;
    }
    const line = String(first.position('').line);
    const message = `${kind} ${name} is given twice, first in ${first.file}:${line}`;
    report.broken(new InputError(found.file, message, found.position('')));
  }
  return set;
}
