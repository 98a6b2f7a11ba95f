/** `kubectl apply` of dist: the same again changes nothing, and nothing has drifted. */
import { isDeepStrictEqual } from 'node:util';
import { expect, type Check, type Fixture } from '../../harness/check';
import type { Controller } from '../../harness/objects';
import { refuseNewPods, templates, untilObserved } from '../../harness/rollout';
import type { TestContext } from '../../harness/test-context';

interface Subject {
  readonly kind: 'Pod' | 'Deployment';
  readonly reference: string;
  readonly file: string;
  /** Changes what was applied behind its author's back. */
  readonly change: readonly string[];
}

const SUBJECTS: readonly Subject[] = [
  {
    kind: 'Pod',
    reference: 'pod/user-service',
    file: 'dist/user-service.k8s.yaml',
    change: ['set', 'image', 'pod/user-service', 'redis=redis:6.0'],
  },
  {
    kind: 'Deployment',
    reference: 'deployment/user-service',
    file: 'dist/user-service-deployment.k8s.yaml',
    change: ['scale', 'deployment/user-service', '--replicas=5'],
  },
];

/** Each takes some tenths of a second. */
const POLLS = 10;

type Flags = readonly [] | readonly ['--server-side'];

function apply(context: TestContext, { file }: Subject, flags: Flags): Promise<string> {
  const command = ['apply', ...flags, `--filename=${context.file(file)}`];
  return context.kubectl(command).then(({ stdout }) => stdout.trim());
}

async function prepare(context: TestContext, subject: Subject, flags: Flags): Promise<void> {
  // The object matters, not its Pods: three MariaDBs would start for nothing.
  if (subject.kind === 'Deployment') await refuseNewPods(context);
  await apply(context, subject, flags);
}

/**
 * A controller may write the status between the two reads that kubectl does: that is gone at the next poll, a drift
 * stays.
 *
 * @throws {CheckFailure} with the difference.
 */
async function expectNoDrift(
  context: TestContext,
  subject: Subject,
  flags: Flags,
  polls = POLLS,
): Promise<void> {
  const command = ['diff', ...flags, `--filename=${context.file(subject.file)}`];
  const { code, stdout, stderr } = await context.kubectl(command, { allowFailure: true });
  const isEmpty = code === 0 && stdout === '';
  if (!isEmpty && polls > 1) return expectNoDrift(context, subject, flags, polls - 1);
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

function noDrift(subject: Subject, flags: Flags, name: string): Fixture {
  const { kind, reference, file } = subject;
  const words = ['kubectl', 'apply', ...flags, '-f', file].join(' ');
  const check: Check = {
    name: `${words} leaves no drift`,
    how: `applied, then kubectl ${['diff', ...flags].join(' ')}: empty, exit code 0; applied again: the same generation`,
    prepare: (context) => prepare(context, subject, flags),
    run: async (context) => {
      await expectNoDrift(context, subject, flags);
      const before = await context.get(reference);
      const said = await apply(context, subject, flags);
      const after = await context.get(reference);
      expect(
        isDeepStrictEqual(before.spec, after.spec) && generation(before) === generation(after),
        () => `no change was promised; kubectl said: ${said}`,
      );
      return `diff empty; again: ${said}, generation ${generation(after)}`;
    },
    fault: {
      what: `kubectl ${subject.change.join(' ')} in between`,
      cluster: async (context) => {
        await context.kubectl(subject.change);
      },
    },
  };
  return { name: `${name}-${kind.toLowerCase()}`, checks: [check] };
}

/** From `kubectl apply` to `kubectl apply --server-side`, which owns each field by manager. */
function changeOver(subject: Subject): Fixture {
  const { kind, file } = subject;
  const check: Check = {
    name: `kubectl apply --server-side -f ${file} takes over from kubectl apply`,
    how: 'applied client-side, then server-side: no conflict, the same .spec, and nothing rolls out',
    prepare: (context) => prepare(context, subject, []),
    run: async (context) => {
      const before = await stateOf(context, subject);
      const said = await apply(context, subject, ['--server-side']);
      const after = await stateOf(context, subject);
      expect(
        isDeepStrictEqual(before, after),
        () => `the same .spec and ReplicaSets were promised; kubectl said: ${said}`,
      );
      return `${said}; .spec equal, ${after.templates.length} ReplicaSets as before`;
    },
    fault: {
      what: `kubectl ${subject.change.join(' ')} in between`,
      cluster: async (context) => {
        await context.kubectl(subject.change);
      },
    },
  };
  return { name: `change-over-${kind.toLowerCase()}`, checks: [check] };
}

/** The generation of a Deployment also counts its annotations, of which server-side apply takes one away. */
async function stateOf(context: TestContext, { kind, reference }: Subject) {
  if (kind === 'Deployment') await untilObserved(context, reference);
  const { spec } = await context.get(reference);
  return { spec, templates: await templates(context) };
}

function generation({ metadata }: Controller): number {
  return metadata.generation ?? 0;
}

export const DRIFT_FIXTURES: readonly Fixture[] = SUBJECTS.flatMap((subject) => [
  noDrift(subject, [], 'client-side'),
  noDrift(subject, ['--server-side'], 'server-side'),
  changeOver(subject),
]);
