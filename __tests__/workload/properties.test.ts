import { Yaml } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Deployment, type DeploymentProps } from '../../lib/workload/deployment';
import type { DeploymentStrategy, PodCount } from '../../lib/workload/deployment-strategy';
import type { Container } from '../../lib/workload/pod-template';
import { type Manifest, refusals, render } from '../render';

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

const accepted: fc.Arbitrary<DeploymentProps> = fc
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

/** Ways to spoil accepted props, each with the field that must then be named. */
const spoilt: fc.Arbitrary<[field: string, spoil: (props: DeploymentProps) => DeploymentProps]> = fc
  .oneof(
    fc
      .string()
      .filter((name) => !name.split('.').every((part) => LABEL.test(part)))
      .map((name) => ['name', (props: DeploymentProps) => ({ ...props, name })] as const),
    fc
      .oneof(fc.integer({ max: -1 }), fc.double({ noInteger: true }))
      .map(
        (replicas) => ['replicas', (props: DeploymentProps) => ({ ...props, replicas })] as const,
      ),
    fc
      .oneof(fc.integer({ max: 0 }), fc.integer({ min: 65536 }))
      .map(
        (port) => ['template.containers[0].ports[0]', withContainer({ ports: [port] })] as const,
      ),
    fc
      .stringMatching(/^[A-Z ]+$/)
      .map((image) => ['template.containers[0].image', withContainer({ image })] as const),
    fc.constant([
      'selector.matchLabels["spoilt"]',
      (props: DeploymentProps) => ({ ...props, selector: { matchLabels: { spoilt: 'yes' } } }),
    ] as const),
    fc.constantFrom<PodCount>(0, '0%').map(
      (zero) =>
        [
          'strategy.rollingUpdate',
          (props: DeploymentProps): DeploymentProps => ({
            ...props,
            strategy: {
              type: 'RollingUpdate',
              rollingUpdate: { maxSurge: zero, maxUnavailable: zero },
            },
          }),
        ] as const,
    ),
  )
  .map(([field, spoil]) => [field, spoil]);

function withContainer(change: Partial<Container>) {
  return (props: DeploymentProps): DeploymentProps => {
    const containers = props.template.containers.map((container, index) =>
      index === 0 ? { ...container, ...change } : container,
    );
    return { ...props, template: { ...props.template, containers } };
  };
}

const deploy = (props: DeploymentProps) => render((chart) => new Deployment(chart, 'it', props));

describe('whatever props are accepted, the manifest', () => {
  test('has a selector that matches its template', () => {
    fc.assert(
      fc.property(accepted, (props) => {
        const { selector, template } = deploy(props).spec as {
          selector: { matchLabels: Record<string, string> };
          template: Manifest;
        };
        expect(template.metadata.labels).toMatchObject(selector.matchLabels);
      }),
    );
  });
  test('has the name that was given, and it is valid', () => {
    fc.assert(
      fc.property(accepted, (props) => {
        const { name } = deploy(props).metadata;
        expect(name).toBe(props.name);
        expect(name.length).toBeLessThanOrEqual(253);
        for (const part of name.split('.')) expect(part).toMatch(LABEL);
      }),
    );
  });
  test('parses back to itself from YAML, as 1.1 and as 1.2', () => {
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

test('whatever prop is refused, the message names it, and only it', () => {
  fc.assert(
    fc.property(accepted, spoilt, (props, [field, spoil]) => {
      const found = refusals((chart) => new Deployment(chart, 'it', spoil(props)));
      expect(found).toHaveLength(1);
      expect(found[0]?.startsWith(`[chart/it] ${field}: must `)).toBe(true);
    }),
  );
});
