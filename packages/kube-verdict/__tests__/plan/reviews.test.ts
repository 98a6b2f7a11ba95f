/** What a reviewer who knows Kubernetes by heart would remark on single changes. */
import { type Change, tellsOnce } from './changes';
import {
  autoscaler,
  budget,
  claim,
  custom,
  deployment,
  pod,
  secret,
  service,
  serviceAccount,
  statefulSet,
  withSpec,
} from './manifests';
import { actions, found, planned, text } from './planned';

const cpu = { resources: { requests: { cpu: '100m' } } };
const utilization = (name: string) => ({
  metrics: [
    {
      type: 'Resource',
      resource: { name, target: { type: 'Utilization', averageUtilization: 70 } },
    },
  ],
});
const ready = { readinessProbe: { httpGet: { port: 80 } } };
const startup = { startupProbe: { httpGet: { port: 80 } } };
const declares = (containerPort: number) => ({ container: { ports: [{ containerPort }] } });
const targets = (targetPort: number) => withSpec(service(), { ports: [{ port: 80, targetPort }] });
const reads = (...names: string[]) => ({
  container: { envFrom: names.map((name) => ({ secretRef: { name } })) },
});
const storage = (of: string, more: object = {}) =>
  withSpec(claim('data'), { resources: { requests: { storage: of } }, ...more });
const fast = (allowVolumeExpansion: boolean) => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'fast' },
  provisioner: 'example.com/fast',
  allowVolumeExpansion,
});

const CHANGES: Change[] = [
  [
    'a readiness probe that goes',
    [deployment({ container: ready })],
    [deployment()],
    [],
    [
      'probe-removed Deployment web: the readinessProbe of main goes: it counts as ready as soon as it runs, and for as long as it runs',
    ],
  ],
  [
    'a readiness probe that goes, and leaves one of the start',
    [deployment({ container: { ...ready, ...startup } })],
    [deployment({ container: startup })],
    [],
    [
      'probe-removed Deployment web: the readinessProbe of main goes: it counts as ready as soon as its startupProbe has succeeded, and for as long as it runs',
    ],
  ],
  [
    'a probe of the start that asks a port which is not there',
    [deployment()],
    [deployment({ container: { startupProbe: { httpGet: { port: 'http' } } } })],
    [],
    [
      'reference-missing Deployment web: the startupProbe of main asks port http, which the container does not name: it never counts as started, nor becomes ready',
    ],
  ],
  [
    'a target port that no container declares any more',
    [targets(8080)],
    [targets(9999)],
    [deployment(declares(8080))],
    [
      'reference-missing Service web: its target port 9999 is none that the Pods declare which it selects: requests fail unless something listens there',
    ],
  ],
  [
    'a port that a container no longer declares',
    [deployment(declares(8080))],
    [deployment(declares(8081))],
    [targets(8080)],
    [
      'reference-missing Service web: its target port 8080 is none that the Pods declare which it selects: requests fail unless something listens there',
    ],
  ],
  ['a target port of Pods that declare none', [targets(8080)], [targets(9999)], [deployment()], []],
  ['a new Service of a port that is not declared', [], [targets(9)], [deployment(declares(8))], []],
  [
    'a Service that goes and leaves its Pods',
    [service()],
    [],
    [deployment()],
    [
      'reference-deleted Service web: is deleted, and Deployment default/web stays: requests to its name fail',
    ],
  ],
  ['a Service that goes with its Pods', [service(), deployment()], [], [], []],
  [
    'a Service that becomes the name of something else',
    [service()],
    [{ ...service(), spec: { type: 'ExternalName', externalName: 'db.example.com' } }],
    [deployment()],
    [
      'hand-over Service web: becomes another name of db.example.com: who calls it no longer reaches Deployment default/web',
    ],
  ],
  [
    'a Service that loses its selector',
    [service()],
    [{ ...service(), spec: { ports: [{ port: 80 }] } }],
    [deployment()],
    [
      'selector-matches-nothing Service web: has no selector any more: it keeps the endpoints that it has, and nobody follows the Pods of Deployment default/web',
    ],
  ],
  [
    'a budget whose workload goes',
    [deployment()],
    [],
    [budget({ minAvailable: 1 })],
    [
      'budget-matches-nothing PodDisruptionBudget web: protects nothing any more: Deployment default/web is deleted',
    ],
  ],
  [
    'an autoscaler that cannot tell any more how much is used',
    [deployment({ container: cpu })],
    [deployment()],
    [withSpec(autoscaler(1, 3), utilization('cpu'))],
    [
      'autoscaler-off HorizontalPodAutoscaler web: scales Deployment default/web by its utilization of cpu, which container main does not request: it cannot tell how many Pods are needed',
    ],
  ],
  [
    'an autoscaler of nothing in particular, which is of cpu',
    [deployment({ container: cpu })],
    [deployment()],
    [withSpec(autoscaler(1, 3), { metrics: [] })],
    [
      'autoscaler-off HorizontalPodAutoscaler web: scales Deployment default/web by its utilization of cpu, which container main does not request: it cannot tell how many Pods are needed',
    ],
  ],
  [
    'an autoscaler of another resource',
    [],
    [withSpec(autoscaler(1, 3), utilization('memory'))],
    [deployment({ container: cpu, spec: { replicas: undefined } })],
    [
      'autoscaler-off HorizontalPodAutoscaler web: scales Deployment default/web by its utilization of memory, which container main does not request: it cannot tell how many Pods are needed',
    ],
  ],
  [
    'a request that a limit makes',
    [],
    [withSpec(autoscaler(1, 3), utilization('memory'))],
    [
      deployment({
        container: { resources: { limits: { memory: '1Gi' } } },
        spec: { replicas: undefined },
      }),
    ],
    [],
  ],
  [
    'Secrets that are missing, in one line',
    [],
    [deployment(reads('a', 'b', 'c'))],
    [secret('c')],
    [
      'reference-missing Deployment web: needs Secrets a and b, which are in neither set: without them its Pods do not start',
    ],
  ],
  [
    'Secrets that go, in one line',
    [secret('a'), secret('b')],
    [],
    [deployment(reads('a', 'b'))],
    [
      'reference-deleted Deployment web: needs Secrets a and b, which are deleted: once they are gone its Pods do not start',
    ],
  ],
  [
    'no Secret that an operator makes',
    [],
    [deployment(reads('a', 'b', 'c', 'd'))],
    [
      custom('external-secrets.io/v1', 'ExternalSecret', 'a', {}),
      custom('external-secrets.io/v1', 'ExternalSecret', 'x', { target: { name: 'b' } }),
      custom('cert-manager.io/v1', 'Certificate', 'x', { secretName: 'c' }),
      custom('bitnami.com/v1alpha1', 'SealedSecret', 'd', {}),
    ],
    [],
  ],
  [
    'classes that a Pod names, but for those of every cluster',
    [],
    [
      pod('a', {}, { priorityClassName: 'system-node-critical' }),
      pod('b', {}, { priorityClassName: 'high', runtimeClassName: 'gvisor' }),
    ],
    [],
    [
      'reference-missing Pod b: needs PriorityClass high, which is in neither set: without it its Pods are not created',
      'reference-missing Pod b: needs RuntimeClass gvisor, which is in neither set: without it its Pods are not created',
    ],
  ],
  [
    'a claim that grows, if it may',
    [storage('1Gi')],
    [storage('2Gi')],
    [],
    [
      'claim-grows PersistentVolumeClaim data: grows if the StorageClass that it has allows it (allowVolumeExpansion); the API server refuses it otherwise',
    ],
  ],
  [
    'a claim that may not grow',
    [storage('1Gi', { storageClassName: 'fast' })],
    [storage('2Gi', { storageClassName: 'fast' })],
    [fast(false)],
    [
      'claim-grows PersistentVolumeClaim data: does not grow: StorageClass fast does not allow it (allowVolumeExpansion), and the API server refuses it',
    ],
  ],
  [
    'nothing of a claim that may grow',
    [storage('1Gi', { storageClassName: 'fast' })],
    [storage('2Gi', { storageClassName: 'fast' })],
    [fast(true)],
    [],
  ],
  ['the token of an account that stays', [], [deployment()], [serviceAccount('web')], []],
];

describe('the review of a change', () => {
  tellsOnce(CHANGES);

  it('shows no port or address that the API server would choose anew', async () => {
    const old = service();
    expect(
      await text([old], [withSpec(old, { type: 'LoadBalancer' })], { verbose: true }),
    ).not.toMatch(/nodePort|clusterIP/);
    const ports = (nodePort: number) => [{ port: 80, nodePort }];
    const given = (nodePort: number) =>
      withSpec(old, { type: 'NodePort', ports: ports(nodePort), clusterIP: '10.0.0.7' });
    expect(await text([given(30_001)], [given(30_002)])).toContain('nodePort: 30001 → 30002');
    expect(await text([old], [withSpec(old, { clusterIP: 'None' })])).toContain('None');
  });

  it('says that claims keep what they have, where their template changes', async () => {
    const set = (of: string) => statefulSet({ spec: { volumeClaimTemplates: [storage(of)] } });
    const renewed = (await planned([set('1Gi')], [set('2Gi')])).objects[0]?.refusal?.waysOut.find(
      ({ way }) => way === 'delete-and-create',
    );
    expect(renewed?.message).toContain('claims that are there keep what they have');
  });

  it('says that there is no way back, where no old ReplicaSet is kept', async () => {
    const none = deployment({ spec: { revisionHistoryLimit: 0 } });
    expect((await planned([deployment()], [none])).objects[0]?.details).toEqual([
      'keeps no old ReplicaSet: kubectl rollout undo has nothing to go back to',
    ]);
    expect((await planned([none], [deployment()])).objects[0]?.details).toEqual([]);
  });

  it('shows what a ConfigMap has that others than it are kept for', async () => {
    const config = (name: string, colour: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name },
      data: { colour },
    });
    const using = (name: string) =>
      deployment({ container: { envFrom: [{ configMapRef: { name } }] } });
    const plan = await planned(
      [config('web-1a2b3c4d5e', 'blue'), using('web-1a2b3c4d5e')],
      [
        config('web-1a2b3c4d5e', 'blue'),
        config('web-5e4d3c2b1a', 'green'),
        using('web-5e4d3c2b1a'),
      ],
    );
    expect(actions(plan)).toEqual(['Deployment web: rollout', 'ConfigMap web-5e4d3c2b1a: update']);
    expect(found(plan)).toEqual([
      'config-moved ConfigMap web-5e4d3c2b1a: is a new object beside web-1a2b3c4d5e, which stays: Deployment default/web moves to it',
    ]);
    expect(plan.objects[1]?.fields).toEqual([
      { path: 'data[colour]', old: 'blue', new: 'green', hidden: false },
    ]);
  });

  it('calls many new custom resources created, and does not call them changed', async () => {
    const many = (size: number) =>
      ['a', 'b', 'c', 'd'].map((name) => custom('example.com/v1', 'Widget', name, { size }));
    expect(await text([], many(1))).toContain('? created and not judged: Widget a');
    expect(await text(many(1), many(2))).not.toContain('created and');
  });
});
