import type { Manifest } from '../../src/index';
import { deployment, inNamespace, namespace, service } from './manifests';
import { planned } from './planned';

function route(...backendRefs: readonly object[]): Manifest {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web' },
    spec: { rules: [{ backendRefs }] },
  };
}

it('an HTTPRoute leads to the Services behind it, before and after', async () => {
  const all = [
    service(),
    service({ app: 'next' }, 'next'),
    deployment(),
    deployment({ name: 'next' }),
  ];
  const { topology } = await planned(
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

it('a NetworkPolicy stands between its peers and those it is about', async () => {
  const peer = (app: string) => ({ podSelector: { matchLabels: { app } } });
  const policy = (...from: readonly object[]): Manifest => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'api' },
    spec: {
      ...peer('api'),
      ingress: [{ from }],
      egress: [{ to: [peer('db'), { ipBlock: { cidr: '10.0.0.0/8' } }] }],
    },
  });
  const edge = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'edge' } },
  };
  const all = [
    ...['web', 'api', 'db', 'other'].map((name) => deployment({ name })),
    namespace('edge'),
    inNamespace('edge', deployment({ name: 'proxy' })),
    inNamespace('edge', deployment()),
  ];
  const { topology } = await planned(
    [...all, policy(peer('web'))],
    [...all, policy({ ...edge, ...peer('proxy') }, peer('web'))],
  );
  const edges = topology.edges.map(({ from, relation, to, state }) =>
    [from, relation, to, state].join(' '),
  );
  expect(edges.sort()).toEqual([
    'apps/Deployment/default/web admitted-by networking.k8s.io/NetworkPolicy/default/api kept',
    'apps/Deployment/edge/proxy admitted-by networking.k8s.io/NetworkPolicy/default/api added',
    'networking.k8s.io/NetworkPolicy/default/api allows apps/Deployment/default/api kept',
    'networking.k8s.io/NetworkPolicy/default/api reaches apps/Deployment/default/db kept',
  ]);
});
