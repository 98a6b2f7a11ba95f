/** `kubectl apply` of dist: the same again changes nothing, and nothing has drifted. */
import { isDeepStrictEqual } from 'node:util';
import { expect, type Claim, type Scene } from '../../harness/claim';
import type { Controller } from '../../harness/objects';
import { refuseNewPods, templates, untilObserved } from '../../harness/rollout';
import { DIST } from '../../harness/root';
import type { Stage } from '../../harness/stage';

interface Subject {
  readonly kind: 'Pod' | 'Deployment';
  readonly reference: string;
  readonly file: string;
  readonly shown: string;
  /** Changes what was applied behind its author's back. */
  readonly change: readonly string[];
}

const SUBJECTS: readonly Subject[] = [
  {
    kind: 'Pod',
    reference: 'pod/user-service',
    file: DIST.pod,
    shown: 'dist/user-service.k8s.yaml',
    change: ['set', 'image', 'pod/user-service', 'redis=redis:6.0'],
  },
  {
    kind: 'Deployment',
    reference: 'deployment/user-service',
    file: DIST.deployment,
    shown: 'dist/user-service-deployment.k8s.yaml',
    change: ['scale', 'deployment/user-service', '--replicas=5'],
  },
];

/** Each takes some tenths of a second. */
const LOOKS = 10;

type Flags = readonly [] | readonly ['--server-side'];

function apply(stage: Stage, { file }: Subject, flags: Flags): Promise<string> {
  const command = ['apply', ...flags, `--filename=${stage.file(file)}`];
  return stage.kubectl(command).then(({ stdout }) => stdout.trim());
}

async function prepare(stage: Stage, subject: Subject, flags: Flags): Promise<void> {
  // The object is looked at, not its Pods: three MariaDBs would start for nothing.
  if (subject.kind === 'Deployment') await refuseNewPods(stage);
  await apply(stage, subject, flags);
}

/**
 * A controller may write the status between the two looks that kubectl takes: that is gone at the next look, a drift
 * stays.
 *
 * @throws {ClaimFailure} with the difference.
 */
async function expectNoDrift(
  stage: Stage,
  subject: Subject,
  flags: Flags,
  looks = LOOKS,
): Promise<void> {
  const command = ['diff', ...flags, `--filename=${stage.file(subject.file)}`];
  const { code, stdout, stderr } = await stage.kubectl(command, { allowFailure: true });
  const isEmpty = code === 0 && stdout === '';
  if (!isEmpty && looks > 1) return expectNoDrift(stage, subject, flags, looks - 1);
  expect(isEmpty, () => `no difference was promised: ${changedLines(stdout)}${stderr}`);
}

/** What a unified diff adds and takes away, without its headers. */
function changedLines(diff: string): string {
  return diff
    .split('\n')
    .filter((line) => /^[+-](?![+-]{2} )/.test(line))
    .map((line) => line.replace(/\s+/g, ' '))
    .join('; ');
}

function noDrift(subject: Subject, flags: Flags, name: string): Scene {
  const { kind, reference, shown } = subject;
  const words = ['kubectl', 'apply', ...flags, '-f', shown].join(' ');
  const claim: Claim = {
    name: `${words} leaves no drift`,
    how: `applied, then kubectl ${['diff', ...flags].join(' ')}: empty, exit code 0; applied again: the same generation`,
    prepare: (stage) => prepare(stage, subject, flags),
    run: async (stage) => {
      await expectNoDrift(stage, subject, flags);
      const before = await stage.get(reference);
      const said = await apply(stage, subject, flags);
      const after = await stage.get(reference);
      expect(
        isDeepStrictEqual(before.spec, after.spec) && generation(before) === generation(after),
        () => `no change was promised; kubectl said: ${said}`,
      );
      return `diff empty; again: ${said}, generation ${generation(after)}`;
    },
    breakage: {
      what: `kubectl ${subject.change.join(' ')} in between`,
      cluster: async (stage) => {
        await stage.kubectl(subject.change);
      },
    },
  };
  return { name: `${name}-${kind.toLowerCase()}`, claims: [claim] };
}

/** From `kubectl apply` to `kubectl apply --server-side`, which owns each field by manager. */
function changeOver(subject: Subject): Scene {
  const { kind, shown } = subject;
  const claim: Claim = {
    name: `kubectl apply --server-side -f ${shown} takes over from kubectl apply`,
    how: 'applied client-side, then server-side: no conflict, the same .spec, and nothing rolls out',
    prepare: (stage) => prepare(stage, subject, []),
    run: async (stage) => {
      const before = await look(stage, subject);
      const said = await apply(stage, subject, ['--server-side']);
      const after = await look(stage, subject);
      expect(
        isDeepStrictEqual(before, after),
        () => `the same .spec and ReplicaSets were promised; kubectl said: ${said}`,
      );
      return `${said}; .spec equal, ${after.templates.length} ReplicaSets as before`;
    },
    breakage: {
      what: `kubectl ${subject.change.join(' ')} in between`,
      cluster: async (stage) => {
        await stage.kubectl(subject.change);
      },
    },
  };
  return { name: `change-over-${kind.toLowerCase()}`, claims: [claim] };
}

/** The generation of a Deployment also counts its annotations, of which server-side apply takes one away. */
async function look(stage: Stage, { kind, reference }: Subject) {
  if (kind === 'Deployment') await untilObserved(stage, reference);
  const { spec } = await stage.get(reference);
  return { spec, templates: await templates(stage) };
}

function generation({ metadata }: Controller): number {
  return metadata.generation ?? 0;
}

export const DRIFT_SCENES: readonly Scene[] = SUBJECTS.flatMap((subject) => [
  noDrift(subject, [], 'client-side'),
  noDrift(subject, ['--server-side'], 'server-side'),
  changeOver(subject),
]);
