import type { Manifest } from '../../src/index';
import { deployment, service } from '../manifests';
import { planOf } from './plans';

function route(...backendRefs: readonly object[]): Manifest {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web' },
    spec: { rules: [{ backendRefs }] },
  };
}

it('an HTTPRoute leads to the Services behind it, before and after', async () => {
  const all = [service('web'), service('next'), deployment('web'), deployment('next')];
  const { topology } = await planOf(
    [...all, route({ name: 'web', port: 80 })],
    [
      ...all,
      route(
        { name: 'next', port: 80 },
        { kind: 'Bucket', name: 'web' },
        { namespace: 'elsewhere', name: 'web', port: 80 },
      ),
    ],
  );
  expect(
    topology.edges
      .filter(({ relation }) => relation === 'routes')
      .map(({ to, state }) => [to, state]),
  ).toEqual([
    ['/Service/default/web', 'removed'],
    ['/Service/default/next', 'added'],
  ]);
});
