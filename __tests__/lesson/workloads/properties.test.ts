import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chart } from 'cdk8s';
import fc from 'fast-check';
import {
  App,
  type Container,
  type DeploymentStrategy,
  LessonDeployment,
  type LessonDeploymentProps,
  type PodCount,
  ValidationError,
} from '../../../lib';
import { render } from '../../render';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'properties-'));
  // Kubernetes warns of names that it accepts.
  jest.spyOn(console, 'error').mockImplementation();
});
afterAll(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const labelName = fc.stringMatching(LABEL);
const labelValue = fc.oneof(
  fc.constant(''),
  fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/),
);
const labels = fc.dictionary(
  fc.oneof(
    fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/),
    fc.tuple(labelName, labelName).map(([prefix, name]) => `${prefix}.example/${name}`),
  ),
  labelValue,
  { minKeys: 1, maxKeys: 4, noNullPrototype: true },
);
const podCount: fc.Arbitrary<PodCount> = fc.oneof(
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 100 }).map((share): PodCount => `${share}%`),
);
const strategy: fc.Arbitrary<DeploymentStrategy> = fc.oneof(
  fc.constant<DeploymentStrategy>({ type: 'Recreate' }),
  fc.record({
    type: fc.constant('RollingUpdate' as const),
    rollingUpdate: fc.record(
      { maxSurge: podCount, maxUnavailable: fc.oneof(podCount, fc.constant(0)) },
      { requiredKeys: [] },
    ),
  }),
);
const containers: fc.Arbitrary<Container[]> = fc
  .uniqueArray(
    fc.record({ name: labelName, port: fc.integer({ min: 1, max: 65535 }), value: fc.string() }),
    {
      minLength: 1,
      maxLength: 4,
      selector: ({ name, port }) => `${name} ${port}`,
      comparator: (a, b) =>
        a.split(' ')[0] === b.split(' ')[0] || a.split(' ')[1] === b.split(' ')[1],
    },
  )
  .map((some) =>
    some.map(({ name, port, value }) => ({
      name,
      image: `${name}:1`,
      ports: [port],
      env: { VALUE: value },
    })),
  );

const accepted: fc.Arbitrary<LessonDeploymentProps> = fc
  .record({
    name: fc.array(labelName, { minLength: 1, maxLength: 3 }).map((names) => names.join('.')),
    labels,
    template: fc.record({ labels, containers }),
    selected: fc.infiniteStream(fc.boolean()),
    replicas: fc.option(fc.nat(100), { nil: undefined }),
    strategy: fc.option(strategy, { nil: undefined }),
  })
  .map(({ selected, ...props }) => {
    const matchLabels = Object.fromEntries(
      Object.entries(props.template.labels).filter(
        (_, index) => index === 0 || selected.next().value,
      ),
    );
    return { ...props, selector: { matchLabels } };
  });

const deploy = (props: LessonDeploymentProps) =>
  render((chart) => new LessonDeployment(chart, 'it', props));

describe('whatever the props, the manifest', () => {
  it('has them all, unchanged', () => {
    fc.assert(
      fc.property(accepted, (props) => {
        const { metadata, spec } = deploy(props);
        expect(metadata).toEqual({ name: props.name, labels: props.labels });
        expect(spec).toMatchObject({
          ...(props.replicas !== undefined && { replicas: props.replicas }),
          ...(props.strategy !== undefined && { strategy: props.strategy }),
        });
        expect(spec.selector).toEqual(props.selector);
        const { labels, containers } = props.template;
        expect(spec.template).toEqual({
          metadata: { labels },
          spec: {
            containers: containers.map(({ name, image, ports = [], env = {} }) => ({
              name,
              image,
              ports: ports.map((containerPort) => ({ containerPort })),
              env: Object.entries(env).map(([name, value]) => ({ name, value })),
            })),
          },
        });
      }),
    );
  });
});

/** What is wrong with a Deployment of these props, a line each. */
function errorsOf(props: LessonDeploymentProps): readonly string[] {
  const app = new App({ outdir: join(folder, 'dist'), judge: {} });
  new LessonDeployment(new Chart(app, 'chart'), 'it', props);
  try {
    app.synth();
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return error.errors;
    throw error;
  }
}

function withContainer(change: Partial<Container>) {
  return (props: LessonDeploymentProps): LessonDeploymentProps => {
    const containers = props.template.containers.map((container, index) =>
      index === 0 ? { ...container, ...change } : container,
    );
    return { ...props, template: { ...props.template, containers } };
  };
}

/** Ways to spoil accepted props, each with the field that must then be named. */
type Spoil = readonly [field: string, (props: LessonDeploymentProps) => LessonDeploymentProps];
const spoilt: fc.Arbitrary<Spoil> = fc.oneof(
  fc
    .stringMatching(/^[A-Z_ ]{1,9}$/)
    .map((name): Spoil => ['metadata.name', (props) => ({ ...props, name })]),
  fc
    .integer({ min: -(2 ** 31), max: -1 })
    .map((replicas): Spoil => ['spec.replicas', (props) => ({ ...props, replicas })]),
  fc
    .oneof(fc.integer({ min: -(2 ** 31), max: -1 }), fc.integer({ min: 65536, max: 2 ** 31 - 1 }))
    .map((port): Spoil => ['template.containers[0].ports[0]', withContainer({ ports: [port] })]),
  fc
    .stringMatching(/^[A-Z ]+$/)
    .map((image): Spoil => ['template.containers[0].image', withContainer({ image })]),
  fc.constant<Spoil>([
    'template.labels',
    (props) => ({ ...props, selector: { matchLabels: { spoilt: 'yes' } } }),
  ]),
  fc.constantFrom<PodCount>(0, '0%').map((zero): Spoil => [
    'spec.strategy.rollingUpdate.maxUnavailable',
    (props) => ({
      ...props,
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: zero, maxUnavailable: zero },
      },
    }),
  ]),
);

describe('whatever the props, synthesis', () => {
  it('has nothing against those that Kubernetes accepts', () => {
    fc.assert(
      fc.property(accepted, (props) => {
        expect(errorsOf(props)).toEqual([]);
      }),
    );
  });

  it('names the one that is spoilt, once', () => {
    fc.assert(
      fc.property(accepted, spoilt, (props, [field, spoil]) => {
        const errors = errorsOf(spoil(props));
        expect(errors).toHaveLength(1);
        expect(errors[0]).toContain(field);
      }),
    );
  });
});
