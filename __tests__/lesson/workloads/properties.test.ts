import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';
import {
  type Container,
  type DeploymentStrategy,
  LessonDeployment,
  type LessonDeploymentProps,
  type PodCount,
} from '../../../lib';
import { render } from '../../render';

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

  it('parses back to itself from YAML, as 1.1 and as 1.2', () => {
    fc.assert(
      fc.property(accepted, (props) => {
        const manifest = deploy(props);
        const text = Yaml.stringify(manifest);
        expect(parse(text, { version: '1.1' })).toEqual(manifest);
        expect(parse(text, { version: '1.2' })).toEqual(manifest);
      }),
    );
  });
});
