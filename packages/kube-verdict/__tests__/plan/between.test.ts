/** What follows from a change between objects: told where this change makes it so, and only there. */
import {
  claim,
  configMap,
  daemonSet,
  definition,
  deployment,
  httpRoute,
  ingress,
  inNamespace,
  namespace,
  pod,
  replicaSet,
  secret,
  service,
  serviceAccount,
  statefulSet,
  widget,
  withSpec,
} from './manifests';
import { type Change, tellsOnce } from './changes';

const labels = (name: string) => ({ name, labels: { app: 'web', role: name } });
const reads = (key: string) => ({
  container: { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'conf', key } } }] },
});
const claims = (name: string, retention: object = {}) => ({
  spec: { volumeClaimTemplates: [claim(name)], persistentVolumeClaimRetentionPolicy: retention },
});
const volume = { podSpec: { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'd' } }] } };
const port = (targetPort: string) => withSpec(service(), { ports: [{ port: 80, targetPort }] });
const named = { container: { ports: [{ name: 'http', containerPort: 80 }] } };
const bare = pod('bare', { app: 'web' });

const probed = (probe: string) => ({ [probe]: { httpGet: { port: 'http' } } });

const CHANGES: Change[] = [
  [
    'a Service whose selector stops matching',
    [service()],
    [service({ app: 'wbe' })],
    [deployment()],
    [
      'no-endpoints Service web: has no endpoints any more: its selector no longer matches the Pods of Deployment default/web',
    ],
  ],
  [
    'a Service that never matched',
    [],
    [service({ app: 'wbe' })],
    [deployment()],
    ['selector-matches-nothing Service wbe: its selector matches no Pods of either set'].map(
      (one) => one.replace('Service wbe', 'Service web'),
    ),
  ],
  [
    'a Service that comes to match two workloads',
    [],
    [deployment(labels('canary'))],
    [deployment(labels('stable')), service()],
    [
      'selector-matches-two Service web: sends requests to the Pods of Deployment default/stable and Deployment default/canary',
    ],
  ],
  [
    'a Service whose only workload goes',
    [deployment()],
    [],
    [service()],
    ['no-endpoints Service web: has no endpoints any more: Deployment default/web is deleted'],
  ],
  [
    'a Service whose workload is renamed',
    [deployment(labels('one'))],
    [deployment(labels('two'))],
    [service()],
    [
      'hand-over Service web: moves from the Pods of Deployment default/one to those of Deployment default/two: nothing sees to it that these are ready before those end',
    ],
  ],
  [
    'a Service whose workload is scaled to 0',
    [deployment()],
    [deployment({ spec: { replicas: 0 } })],
    [service()],
    [
      'downtime Deployment web: is scaled to 0: none of its Pods is left; Service default/web has no endpoints',
    ],
  ],
  [
    'a Service whose new labels no Pod that runs has',
    [deployment({ labels: { app: 'web' } }), service()],
    [
      withSpec(deployment({ labels: { app: 'web', tier: 'front' } }), {
        selector: { matchLabels: { app: 'web' } },
      }),
      service({ tier: 'front' }),
    ],
    [],
    [
      'no-endpoints Service web: has no endpoints until the first new Pod is ready: its new selector does not match the Pods that run now',
    ],
  ],
  [
    'a target port that no container names any more',
    [deployment(named)],
    [deployment({ container: { ports: [{ name: 'web', containerPort: 80 }] } })],
    [port('http')],
    [
      'reference-missing Service web: its target port http is no port of the Pods that it selects: it has no endpoints for it',
    ],
  ],
  [
    'two controllers of the same Pods',
    [],
    [daemonSet({ name: 'agent', labels: { app: 'web' } })],
    [deployment()],
    [
      'owners-overlap DaemonSet agent: its selector also matches the Pods of Deployment default/web: a Pod that loses its owner goes to either, and autoscalers and budgets count both',
    ],
  ],
  [
    'a ReplicaSet that adopts a bare Pod',
    [],
    [replicaSet()],
    [bare],
    [
      'pod-adopted ReplicaSet web: adopts Pod default/bare, which has the labels that it selects: it counts as one of its Pods and may be ended',
    ],
  ],
  [
    'a Deployment that does not adopt a bare Pod',
    [],
    [deployment()],
    [bare],
    [
      'pod-adopted Deployment web: its selector matches Pod default/bare, which it does not adopt: Services and budgets take it for one of its Pods',
    ],
  ],
  [
    'a ConfigMap in neither set',
    [deployment()],
    [deployment(reads('a'))],
    [],
    [
      'reference-missing Deployment web: needs ConfigMap conf, which is in neither set: without it its Pods do not start',
    ],
  ],
  [
    'a ConfigMap that goes',
    [configMap('conf', { data: { a: '1' } })],
    [],
    [deployment(reads('a'))],
    [
      'reference-deleted Deployment web: needs ConfigMap conf, which is deleted: once it is gone its Pods do not start',
    ],
  ],
  [
    'a key that is not there',
    [deployment()],
    [deployment(reads('b'))],
    [configMap('conf', { data: { a: '1' } })],
    [
      'reference-missing Deployment web: needs key b of ConfigMap conf, which has none of that name: its Pods do not start',
    ],
  ],
  [
    'a ServiceAccount in neither set',
    [deployment()],
    [deployment({ podSpec: { serviceAccountName: 'robot' } })],
    [serviceAccount('other')],
    [
      'reference-missing Deployment web: needs ServiceAccount robot, which is in neither set: without it its Pods are not created',
    ],
  ],
  [
    'a claim in neither set',
    [deployment()],
    [deployment(volume)],
    [],
    [
      'reference-missing Deployment web: needs PersistentVolumeClaim d, which is in neither set: without it its Pods do not start',
    ],
  ],
  [
    'an Ingress whose Service goes',
    [service()],
    [],
    [deployment(), ingress('web', { number: 80 })],
    [
      'reference-missing Ingress web: its backend of shop.example/, Service web, is deleted',
      'reference-deleted Service web: is deleted, and Deployment default/web stays: requests to its name fail',
    ],
  ],
  [
    'an Ingress of a port that its Service lacks',
    [ingress('web', { number: 80 })],
    [ingress('web', { number: 81 })],
    [deployment(), service()],
    ['reference-missing Ingress web: its backend of shop.example/, Service web, has no port 81'],
  ],
  [
    'an HTTPRoute whose Service goes',
    [service()],
    [],
    [deployment(), httpRoute('web', 80)],
    [
      'reference-missing HTTPRoute web: its backend of shop.example/cart, Service web, is deleted',
      'reference-deleted Service web: is deleted, and Deployment default/web stays: requests to its name fail',
    ],
  ],
  [
    'an HTTPRoute of a port that its Service lacks',
    [httpRoute('web', 80)],
    [httpRoute('web', 81)],
    [deployment(), service()],
    [
      'reference-missing HTTPRoute web: its backend of shop.example/cart, Service web, has no port 81',
    ],
  ],
  [
    'a claim that goes',
    [claim('data')],
    [],
    [],
    [
      'data-deleted PersistentVolumeClaim data: its data go with it where the reclaim policy of its volume is Delete, as that of most StorageClasses is',
    ],
  ],
  [
    'a StatefulSet that goes, and leaves its claims',
    [statefulSet(claims('data'))],
    [],
    [],
    ['claims-left StatefulSet web: the claims of its template data stay, with their data'],
  ],
  [
    'a StatefulSet that takes its claims with it',
    [statefulSet(claims('data', { whenDeleted: 'Delete' }))],
    [],
    [],
    [
      'data-deleted StatefulSet web: the claims of its template data are deleted with it (whenDeleted: Delete), and their data',
    ],
  ],
  [
    'a StatefulSet that takes the claims of Pods that go',
    [statefulSet(claims('data', { whenScaled: 'Delete' }))],
    [withSpec(statefulSet(claims('data', { whenScaled: 'Delete' })), { replicas: 1 })],
    [],
    [
      'data-deleted StatefulSet web: the claims of the 2 Pods that go are deleted too (whenScaled: Delete), and their data',
    ],
  ],
  [
    'a StatefulSet that takes its claims with it from now on',
    [statefulSet(claims('data'))],
    [statefulSet(claims('data', { whenDeleted: 'Delete', whenScaled: 'Delete' }))],
    [],
    [
      'data-deleted StatefulSet web: its claims, and their data, go from now on with the StatefulSet itself (whenDeleted: Delete) and the Pods that scaling takes (whenScaled: Delete)',
    ],
  ],
  [
    'a CustomResourceDefinition that goes',
    [definition('Widget'), widget('a', 1), widget('b', 1)],
    [widget('a', 1)],
    [],
    [
      'definition-deleted CustomResourceDefinition widgets.shop.example: every Widget of the cluster goes with it: 2 objects of this set among them; Widget a of the new set is still of that kind',
    ],
  ],
  [
    'a Namespace that goes',
    [namespace('shop'), inNamespace('shop', configMap('conf'))],
    [inNamespace('shop', configMap('conf'))],
    [],
    [
      'namespace-deleted Namespace shop: everything in it goes with it: 1 object of this set; ConfigMap shop/conf of the new set is still in it',
    ],
  ],
  [
    'a probe of a port that its container does not name any more',
    [deployment({ container: { ...named.container, ...probed('readinessProbe') } })],
    [deployment({ container: { ports: [{ containerPort: 80 }], ...probed('readinessProbe') } })],
    [],
    [
      'reference-missing Deployment web: the readinessProbe of main asks port http, which the container does not name: it never becomes ready',
    ],
  ],
  [
    'a probe of a name that only another container has',
    [statefulSet()],
    [
      statefulSet({
        podSpec: {
          containers: [
            { name: 'main', image: 'web:1', ...probed('livenessProbe') },
            { name: 'side', image: 'side:1', ...named.container },
          ],
        },
      }),
    ],
    [],
    [
      'reference-missing StatefulSet web: the livenessProbe of main asks port http, which the container does not name: nothing is asked, and it is never restarted for it',
    ],
  ],
  [
    'the Secret with which images are pulled, which goes',
    [secret('pull')],
    [],
    [deployment({ podSpec: { imagePullSecrets: [{ name: 'pull' }] } })],
    [
      'reference-deleted Deployment web: pulls images with Secret pull, which is deleted: once it is gone, new Pods may not get theirs',
    ],
  ],
  [
    'the Secret of a certificate, which goes',
    [secret('cert')],
    [],
    [
      deployment(),
      service(),
      withSpec(ingress('web', { number: 80 }), { tls: [{ secretName: 'cert' }] }),
    ],
    [
      'reference-deleted Ingress web: its certificate is in Secret cert, which is deleted: once it is gone, TLS is served without it',
    ],
  ],
];

describe('between objects', () => {
  tellsOnce(CHANGES);
});
