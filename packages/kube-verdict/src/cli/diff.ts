import { type KnownObject, type Pair, pairObjects } from '../pairing/pair';
import { InOrder } from '../reading/in-order';
import type { InputOptions } from '../reading/inputs';
import { type ManifestSet, readSet } from '../reading/manifest-set';
import { kindOf } from '../verdict/identity';
import type { ApplyJudgement } from '../verdict/judgement';
import { judgementOf } from '../verdict/judgement-of';
import { EnforcedLevels } from '../verdict/pod-security';
import { appliedRequest, applyRequest, ManifestJson, requestOf } from '../verdict/request';
import { describeFieldError } from '../words/describe-field-error';
import { describeLostField } from '../words/describe-lost-field';
import type { DiffCommand } from './arguments';
import type { Asked } from './check';
import type { Action } from './finding';
import type { Report } from './report';

/** The judgement of what is no more given: nothing happens to it, if it is there at all. */
function notGiven({ errors }: ApplyJudgement): ApplyJudgement {
  const change = { kind: 'none', fields: [], oldErrors: errors } as const;
  return { accepted: true, errors: [], warnings: [], podErrors: [], change };
}

/** Judges the apply of one set of manifests over another that was applied before. */
export async function diff(
  { paths, cluster, serverSide }: DiffCommand,
  { about, reader, ask }: Asked,
  inputs: InputOptions,
  report: Report,
): Promise<void> {
  const [older, newer] = await Promise.all(paths.map((path) => readSet(path, reader, inputs)));
  if (older === undefined || newer === undefined) return;
  for (const remark of [...older.remarks, ...newer.remarks]) report.remark(remark);
  // Of nothing at all, what is left would look created or left behind.
  if ([older, newer].some((set) => set.objects.length === 0 && !isWhole(set))) return;
  const { namespace } = cluster;
  const rules = { ...about, ...(namespace === undefined ? {} : { namespace }) };
  const { pairs, remarks } = pairObjects(older.objects, newer.objects, rules);
  for (const remark of remarks) report.remark(remark);
  const levels = new EnforcedLevels();
  for (const { identity, new: next } of pairs) {
    levels.note(identity.name, next?.found.object.enforces);
  }
  const judge = async (pair: Pair): Promise<ApplyJudgement> => {
    const options = { ...cluster, serverSide };
    if (pair.new === undefined) {
      return notGiven(judgementOf(await ask(requestOf(appliedRequest(jsonOf(pair.old), options)))));
    }
    const podSecurity = levels.of(pair.identity.namespace);
    const old = pair.old === undefined ? undefined : jsonOf(pair.old);
    const request = applyRequest(old, jsonOf(pair.new), { ...options, podSecurity, changes: true });
    return judgementOf(await ask(requestOf(request)));
  };
  const output = new InOrder();
  for (const pair of pairs) {
    // It may stand in what cannot be read.
    if (pair.new === undefined && !isWhole(newer)) continue;
    await output.add(judge(pair), (judgement) => {
      report.finding({ ...findingOf(pair, serverSide, judgement), isKnown: isKnown(pair) });
    });
  }
  await output.done();

  function isKnown({ identity }: Pair): boolean {
    return kindOf(identity, about.kinds) !== undefined;
  }
}

function isWhole({ remarks }: ManifestSet): boolean {
  return remarks.every(({ kind }) => kind !== 'unreadable');
}

function jsonOf(side: KnownObject | undefined): ManifestJson {
  if (side === undefined) throw new Error('a pair has a side');
  return new ManifestJson(side.found.object.manifest);
}

function findingOf(pair: Pair, serverSide: boolean, judgement: ApplyJudgement) {
  const found = (pair.new ?? pair.old)?.found;
  if (found === undefined) throw new Error('a pair has a side');
  const { lost = [], oldErrors = [] } = judgement.change ?? {};
  const [oldError] = oldErrors;
  const isGiven = pair.new !== undefined;
  return {
    file: found.file,
    index: found.index,
    identity: pair.identity,
    judgement,
    action: isGiven ? actionOf(judgement) : oldError === undefined ? LEFT_BEHIND : NEVER_APPLIED,
    remarks: [
      ...lost.map((field) => describeLostField(field, serverSide)),
      ...(oldError === undefined
        ? []
        : [
            `${isGiven ? 'judged as a new object, for ' : ''}the old manifest could not have been applied: ${describeFieldError(oldError)}`,
          ]),
    ],
    placeOf: found.placeOf,
  };
}

const LEFT_BEHIND: Action = 'left behind';
const NEVER_APPLIED: Action = 'never applied';
const ACTIONS = {
  create: 'created',
  none: 'unchanged',
  update: 'updated',
  rollout: 'rolled out',
} as const;

function actionOf({ accepted, change }: ApplyJudgement): Action {
  if (accepted === false) return 'refused';
  if (accepted === null && change?.kind === 'update') return 'changed';
  return ACTIONS[change?.kind ?? 'none'];
}
