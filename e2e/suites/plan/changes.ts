/** Random changes of workloads: what there was, what is applied, and what becomes of the new Pods. */
import * as fc from 'fast-check';
import type { Manifest } from '../../harness/objects';

export const KINDS = ['Deployment', 'StatefulSet', 'DaemonSet'] as const;
export type Kind = (typeof KINDS)[number];

/** The images of the Pods: they start within a second. */
export const IMAGE = 'redis:5.0';
export const NEW_IMAGE = 'redis:6.0';

/** When a Pod becomes ready: as it starts, seconds later, or never. */
type Readiness = 'at once' | 'late' | 'closed port' | 'no such image';

/** Of all kinds; what a kind does not have, it leaves out. */
interface Shape {
  readonly replicas: number;
  readonly release: string;
  readonly image: string;
  readonly readiness: Readiness;
  readonly minReadySeconds: number;
  /** A label of the controller itself. */
  readonly team: string;
  readonly paused: boolean;
  readonly strategy: Strategy;
  readonly partition: number;
}

interface Strategy {
  readonly type: 'RollingUpdate' | 'Recreate' | 'OnDelete';
  readonly maxUnavailable: number | string;
  readonly maxSurge: number | string;
}

/** A workload and a change of it. */
export interface Subject {
  readonly kind: Kind;
  readonly before: Shape;
  readonly changes: Partial<Shape>;
  /** Of a StatefulSet: it can never change. */
  readonly parallel: boolean;
}

export function after({ before, changes }: Subject): Shape {
  return { ...before, ...changes };
}

/** Whether no Pod of the new template ever becomes ready. */
export function isNeverReady(subject: Subject): boolean {
  const { readiness } = after(subject);
  return readiness === 'closed port' || readiness === 'no such image';
}

const ROLLING: Strategy = { type: 'RollingUpdate', maxUnavailable: '25%', maxSurge: '25%' };

function strategies(kind: Kind): fc.Arbitrary<Strategy> {
  switch (kind) {
    case 'Deployment':
      return fc.oneof(
        {
          weight: 6,
          arbitrary: fc
            .record({
              type: fc.constant('RollingUpdate' as const),
              maxUnavailable: fc.constantFrom<number | string>('25%', 0, 1, 2, '50%', '100%'),
              maxSurge: fc.constantFrom<number | string>('25%', 1, 0, 2, '34%', '100%'),
            })
            // Kubernetes refuses both to be none.
            .filter(({ maxUnavailable, maxSurge }) => maxUnavailable !== 0 || maxSurge !== 0),
        },
        { weight: 1, arbitrary: fc.constant<Strategy>({ ...ROLLING, type: 'Recreate' }) },
      );
    case 'StatefulSet':
      return fc.oneof(
        { weight: 8, arbitrary: fc.constant(ROLLING) },
        { weight: 1, arbitrary: fc.constant<Strategy>({ ...ROLLING, type: 'OnDelete' }) },
      );
    case 'DaemonSet':
      return fc.oneof(
        {
          weight: 4,
          arbitrary: fc
            .constantFrom<number | string>(1, 2, '50%', '100%')
            .map((maxUnavailable) => ({
              ...ROLLING,
              maxUnavailable,
              maxSurge: 0,
            })),
        },
        {
          weight: 4,
          arbitrary: fc.constantFrom<number | string>(1, 2, '50%', '100%').map((maxSurge) => ({
            ...ROLLING,
            maxUnavailable: 0,
            maxSurge,
          })),
        },
        { weight: 1, arbitrary: fc.constant<Strategy>({ ...ROLLING, type: 'OnDelete' }) },
      );
  }
}

/** Changes of a kind, most of which roll out; they shrink towards one change of a small workload. */
export function subjects(kind: Kind): fc.Arbitrary<Subject> {
  const replicas = fc.integer({ min: 1, max: kind === 'Deployment' ? 6 : 4 });
  const partition = fc.constantFrom(0, 0, 0, 1, 2);
  const minReadySeconds = fc.constantFrom(0, 0, 1, 2);
  const template = fc.constantFrom<Partial<Shape>>(
    { release: '2' },
    { image: NEW_IMAGE },
    { release: '2', image: NEW_IMAGE },
    { release: '2' },
    { image: NEW_IMAGE },
    {},
  );
  const readiness = fc.constantFrom<Partial<Shape>>(
    {},
    { readiness: 'at once' },
    { readiness: 'late' },
    { readiness: 'closed port' },
    { readiness: 'closed port' },
    { readiness: 'no such image' },
  );
  const others = fc.record(
    {
      replicas,
      team: fc.constant('shop'),
      minReadySeconds,
      strategy: strategies(kind),
      partition,
    },
    { requiredKeys: [] },
  );
  const paused = fc.constantFrom<Partial<Shape>>(...Array<object>(14).fill({}), { paused: true });
  return fc.record<Subject>({
    kind: fc.constant(kind),
    parallel: fc.boolean(),
    before: fc.record<Shape>({
      replicas,
      release: fc.constant('1'),
      image: fc.constant(IMAGE),
      readiness: fc.constantFrom<Readiness>('at once', 'late'),
      minReadySeconds,
      team: fc.constant('user'),
      paused: fc.constant(false),
      strategy: strategies(kind),
      partition,
    }),
    changes: fc
      .tuple(template, readiness, others, paused)
      .map((parts): Partial<Shape> => Object.assign({}, ...parts) as Partial<Shape>),
  });
}

/** The manifest of a workload, of its own name and labels. */
export function manifestOf({ kind, parallel }: Subject, shape: Shape, name: string): Manifest {
  const labels = { case: name };
  const spec = {
    ...(kind !== 'DaemonSet' && { replicas: shape.replicas }),
    ...(kind === 'StatefulSet' && {
      serviceName: name,
      podManagementPolicy: parallel ? 'Parallel' : 'OrderedReady',
    }),
    ...(shape.paused && kind === 'Deployment' && { paused: true }),
    minReadySeconds: shape.minReadySeconds,
    selector: { matchLabels: { ...labels } },
    [kind === 'Deployment' ? 'strategy' : 'updateStrategy']: strategyOf(kind, shape),
    template: {
      metadata: { labels: { ...labels } },
      spec: { terminationGracePeriodSeconds: 1, containers: [containerOf(shape)] },
    },
  };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, labels: { ...labels, team: shape.team } },
    spec,
  };
}

function strategyOf(kind: Kind, { strategy, partition }: Shape): object {
  const { type, maxSurge, maxUnavailable } = strategy;
  if (type !== 'RollingUpdate') return { type };
  const rollingUpdate = kind === 'StatefulSet' ? { partition } : { maxSurge, maxUnavailable };
  return { type, rollingUpdate };
}

const PORT = 6379;

function containerOf({ release, image, readiness }: Shape) {
  const probe = { periodSeconds: 1, failureThreshold: 1 };
  const probes: Record<Readiness, object> = {
    'at once': {},
    late: { readinessProbe: { ...probe, initialDelaySeconds: 2, tcpSocket: { port: PORT } } },
    'closed port': { readinessProbe: { ...probe, tcpSocket: { port: 1 } } },
    'no such image': {},
  };
  return {
    name: 'redis',
    image: readiness === 'no such image' ? 'there-is-none.example/redis:0' : image,
    imagePullPolicy: readiness === 'no such image' ? 'Never' : 'IfNotPresent',
    env: [{ name: 'RELEASE', value: release }],
    ports: [{ containerPort: PORT }],
    ...probes[readiness],
  };
}
