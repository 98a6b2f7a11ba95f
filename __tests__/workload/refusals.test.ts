import type { Container } from '../../lib/workload/pod-template';
import { Deployment, type DeploymentProps } from '../../lib/workload/deployment';
import { refusals } from '../render';
import { deployment } from './props';

const web: Container = { name: 'web', image: 'web:1.0' };

function refusalsOf(props: Partial<DeploymentProps>): string[] {
  return refusals((chart) => new Deployment(chart, 'it', { ...deployment, ...props }));
}
function refusalsOfContainers(...containers: Container[]): string[] {
  return refusalsOf({ template: { ...deployment.template, containers } });
}
/** A refusal as a reader needs it: where, which field, what was received, and a mend after it. */
function refusal(field: string, received: unknown): unknown {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return expect.stringMatching(
    new RegExp(
      `^\\[chart/it\\] ${literal(field)}: must .+; received ${literal(JSON.stringify(received))}; .+`,
    ),
  );
}

describe('a workload is refused, by path, field and value, for', () => {
  test.each(['User', 'user_service', '-user', 'user-', '', 'a'.repeat(254)])(
    'the name %j',
    (name) => {
      expect(refusalsOf({ name })).toEqual([refusal('name', name)]);
    },
  );
  test('a namespace with a dot', () => {
    expect(refusalsOf({ namespace: 'a.b' })).toEqual([refusal('namespace', 'a.b')]);
  });
  test('a label value of more than 63 characters, and one that is not a string', () => {
    expect(refusalsOf({ labels: { team: 'a'.repeat(64), tier: 1 as unknown as string } })).toEqual([
      refusal('labels["team"]', 'a'.repeat(64)),
      refusal('labels["tier"]', 1),
    ]);
  });
  test.each(['', '/name', 'Example.com/name', 'a/b/c', `${'a'.repeat(254)}/name`, 'a'.repeat(64)])(
    'the label key %j',
    (key) => {
      expect(refusalsOf({ labels: { [key]: 'x' } })).toEqual([
        refusal(`labels[${JSON.stringify(key)}] key`, key),
      ]);
    },
  );
  test('a selector that does not match the template', () => {
    expect(refusalsOf({ selector: { matchLabels: { tier: 'api' } } })).toEqual([
      refusal('selector.matchLabels["tier"]', 'api'),
    ]);
    const matchExpressions = [
      { key: 'tier', operator: 'In', values: ['api'] },
      { key: 'tier', operator: 'NotIn', values: ['web'] },
      { key: 'track', operator: 'Exists' },
      { key: 'tier', operator: 'DoesNotExist' },
    ] as const;
    expect(refusalsOf({ selector: { matchExpressions } })).toEqual(
      matchExpressions.map((requirement, index) =>
        refusal(`selector.matchExpressions[${String(index)}]`, requirement),
      ),
    );
  });
  test('maxSurge and maxUnavailable both 0', () => {
    for (const zero of [0, '0%'] as const) {
      const rollingUpdate = { maxSurge: zero, maxUnavailable: zero };
      expect(refusalsOf({ strategy: { type: 'RollingUpdate', rollingUpdate } })).toEqual([
        refusal('strategy.rollingUpdate', rollingUpdate),
      ]);
    }
  });
  test('a surge that is no count of Pods', () => {
    const rollingUpdate = { maxSurge: -1, maxUnavailable: '1.5%' as const };
    expect(refusalsOf({ strategy: { type: 'RollingUpdate', rollingUpdate } })).toEqual([
      refusal('strategy.rollingUpdate.maxSurge', -1),
      refusal('strategy.rollingUpdate.maxUnavailable', '1.5%'),
    ]);
  });
  test('rollingUpdate with Recreate, and a type that is neither', () => {
    const rollingUpdate = { maxSurge: 1 };
    // @ts-expect-error Recreate has no rollingUpdate
    expect(refusalsOf({ strategy: { type: 'Recreate', rollingUpdate } })).toEqual([
      refusal('strategy.rollingUpdate', rollingUpdate),
    ]);
    // @ts-expect-error no such type
    expect(refusalsOf({ strategy: { type: 'Rolling' } })).toEqual([
      refusal('strategy.type', 'Rolling'),
    ]);
  });
  test('two containers of one name', () => {
    expect(refusalsOfContainers(web, web)).toEqual([refusal('template.containers[1].name', 'web')]);
  });
  test('two ports of one number, in one container or in two', () => {
    expect(
      refusalsOfContainers({ ...web, ports: [80, 80] }, { ...web, name: 'proxy', ports: [80] }),
    ).toEqual([
      refusal('template.containers[0].ports[1]', 80),
      refusal('template.containers[1].ports[0]', 80),
    ]);
  });
  test('ports outside 1 to 65535', () => {
    const ports = [0, 65536, 80.5];
    expect(refusalsOfContainers({ ...web, ports })).toEqual(
      ports.map((port, index) => refusal(`template.containers[0].ports[${String(index)}]`, port)),
    );
  });
  test.each(['', 'Redis', 'redis:', 'redis:5.0 ', 'redis@sha256:12'])('the image %j', (image) => {
    expect(refusalsOfContainers({ ...web, image })).toEqual([
      expect.stringContaining('template.containers[0].image: must be an image reference'),
    ]);
  });
  test('everything that is wrong with it at once', () => {
    const found = refusalsOf({
      name: 'A',
      replicas: -1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: -1 } },
    });
    expect(found.map((line) => line.split(':')[0])).toEqual([
      '[chart/it] name',
      '[chart/it] replicas',
      '[chart/it] strategy.rollingUpdate.maxSurge',
    ]);
  });
});
