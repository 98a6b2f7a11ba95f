import type { Requirements, Suite } from '../../e2e/harness/check';
import { byNeed, missingRequirement } from '../../e2e/harness/requirements';
import { clusterThat } from './cluster';

const node = (ready: boolean, unschedulable = false) => ({
  spec: { unschedulable },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const nodes = (...items: object[]) => ({
  'get nodes': { stdout: JSON.stringify({ items }) },
});

describe('a suite of two nodes', () => {
  it('runs where two take Pods', async () => {
    const cluster = clusterThat(nodes(node(true), node(true)));
    expect(await missingRequirement({ nodes: 2 }, cluster)).toBeUndefined();
  });

  it.each([
    ['there is one', nodes(node(true))],
    ['one is not ready', nodes(node(true), node(false))],
    ['one is cordoned', nodes(node(true), node(true, true))],
  ])('does not run where %s', async (_, answers) => {
    expect(await missingRequirement({ nodes: 2 }, clusterThat(answers))).toBe(
      'needs 2 nodes, and this cluster has 1 that take Pods',
    );
  });

  it('does not run where nodes may not be seen, and says what kubectl said', async () => {
    const cluster = clusterThat({ 'get nodes': { code: 1, stderr: 'Forbidden\n' } });
    expect(await missingRequirement({ nodes: 2 }, cluster)).toBe(
      'needs 2 nodes, and they cannot be counted: Forbidden',
    );
  });
});

it('does not run what must be enforced where the cluster says that it is not', async () => {
  const limitation = 'NetworkPolicy objects are accepted and not enforced';
  const requires: Requirements = { enforced: ['NetworkPolicy'] };
  expect(await missingRequirement(requires, clusterThat({}, [limitation]))).toBe(
    `needs NetworkPolicy enforced: ${limitation}`,
  );
  expect(await missingRequirement(requires, clusterThat({}))).toBeUndefined();
});

it('does not run what needs an API that is not served', async () => {
  const cluster = clusterThat({
    'get --raw /apis/apps/v1': {},
    'get --raw /apis/metrics.k8s.io/v1beta1': { code: 1 },
  });
  expect(await missingRequirement({ apis: ['apps/v1'] }, cluster)).toBeUndefined();
  expect(await missingRequirement({ apis: ['apps/v1', 'metrics.k8s.io/v1beta1'] }, cluster)).toBe(
    'needs the API metrics.k8s.io/v1beta1, which this cluster does not serve',
  );
});

it("asks for a suite's own need", async () => {
  const other = () => Promise.resolve('needs a Sunday');
  expect(await missingRequirement({ other }, clusterThat({}))).toBe('needs a Sunday');
});

it('runs suites in the order in which a cluster grows, and those of equal need as they stand', () => {
  const suite = (name: string, requires?: Requirements): Suite => ({
    name,
    fixtures: [],
    ...(requires && { requires }),
  });
  const suites = [
    suite('two nodes', { nodes: 2 }),
    suite('images', { images: ['user'] }),
    suite('enforced', { enforced: ['NetworkPolicy'] }),
    suite('more images', { images: ['user', 'redis:5.0'] }),
    suite('nothing'),
  ];
  expect(byNeed(suites).map(({ name }) => name)).toEqual([
    'nothing',
    'images',
    'more images',
    'enforced',
    'two nodes',
  ]);
});
