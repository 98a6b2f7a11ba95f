/** Disruption budgets and autoscalers, beside the workloads that they are of. */
import { autoscaler, budget, deployment, statefulSet } from './manifests';
import { type Change, tellsOnce } from './changes';
import { planned } from './planned';

const labels = (name: string) => ({ name, labels: { app: 'web', role: name } });
const RECREATE = { strategy: { type: 'Recreate' } };

const CHANGES: Change[] = [
  [
    'a disruption budget whose selector stops matching',
    [budget({ minAvailable: 1 })],
    [budget({ minAvailable: 1, selector: { matchLabels: { app: 'wbe' } } })],
    [deployment()],
    [
      'budget-matches-nothing PodDisruptionBudget web: no longer protects the Pods of Deployment default/web: its selector does not match them any more',
    ],
  ],
  [
    'a disruption budget that comes to cover two workloads',
    [],
    [statefulSet(labels('db'))],
    [deployment(labels('api')), budget({ minAvailable: 1 })],
    [
      'budget-matches-two PodDisruptionBudget web: covers the Pods of Deployment default/api and StatefulSet default/db together: those of one may be missing as long as the others are there',
    ],
  ],
  [
    'a disruption budget that lets no Pod be evicted',
    [],
    [budget({ minAvailable: '100%' })],
    [deployment()],
    [
      'budget-allows-nothing PodDisruptionBudget web: lets no Pod of Deployment default/web be evicted (3 of 3 must be available): a node with one of them cannot be drained',
    ],
  ],
  [
    'a disruption budget that scaling leaves no room',
    [deployment()],
    [deployment({ spec: { replicas: 1 } })],
    [budget({ minAvailable: 1 })],
    [
      'budget-allows-nothing PodDisruptionBudget web: lets no Pod of Deployment default/web be evicted (1 of 1 must be available): a node with one of them cannot be drained',
    ],
  ],
  [
    'an autoscaler of nothing',
    [],
    [autoscaler(1, 3, 'Deployment', 'wbe')],
    [deployment()],
    [
      'reference-missing HorizontalPodAutoscaler wbe: scales Deployment wbe, which is in neither set',
    ],
  ],
  [
    'an autoscaler whose workload goes',
    [deployment()],
    [],
    [autoscaler(1, 3)],
    ['reference-deleted HorizontalPodAutoscaler web: scales Deployment web, which is deleted'],
  ],
  [
    'an autoscaler that holds more',
    [autoscaler(2, 5)],
    [autoscaler(4, 6)],
    [deployment({ spec: { replicas: undefined } })],
    [
      'autoscaler-bounds HorizontalPodAutoscaler web: holds Deployment default/web at 4 to 6 Pods, no longer at 2 to 5; where it is at its least, 2 Pods start',
    ],
  ],
  [
    'an autoscaler that holds fewer',
    [autoscaler(2, 5)],
    [autoscaler(1, 4)],
    [deployment({ spec: { replicas: undefined } })],
    [
      'autoscaler-bounds HorizontalPodAutoscaler web: holds Deployment default/web at 1 to 4 Pods, no longer at 2 to 5; where it is at its most, 1 Pod ends',
    ],
  ],
  [
    'replicas written beside an autoscaler',
    [deployment({ spec: { replicas: undefined } })],
    [deployment()],
    [autoscaler(2, 5)],
    [
      'replicas-beside-autoscaler Deployment web: sets replicas to 3 beside HorizontalPodAutoscaler default/web: every apply resets what the autoscaler has made of it; leave replicas out',
    ],
  ],
  [
    'a disruption budget of two workloads that lets no Pod of either be evicted',
    [],
    [budget({ minAvailable: '100%' })],
    [deployment(labels('api')), statefulSet(labels('db'))],
    [
      'budget-matches-two PodDisruptionBudget web: covers the Pods of Deployment default/api and StatefulSet default/db together: those of one may be missing as long as the others are there',
      'budget-allows-nothing PodDisruptionBudget web: lets no Pod of Deployment default/api and StatefulSet default/db be evicted (6 of 6 must be available): a node with one of them cannot be drained',
    ],
  ],
  [
    'a disruption budget of two workloads that a rollout goes below',
    [deployment(labels('api'))],
    [deployment({ ...labels('api'), container: { image: 'web:2' }, spec: RECREATE })],
    [statefulSet(labels('db')), budget({ minAvailable: 4 })],
    [
      'downtime Deployment api: Recreate: all 3 Pods end before a new one starts, none is available (Pods that still end and are ready serve until they are gone)',
      'below-budget PodDisruptionBudget web: promises 4 available Pods, the rollout of Deployment default/api goes down to 3: controllers delete Pods, a budget only holds up evictions',
    ],
  ],
  [
    'a second autoscaler of a workload',
    [],
    [{ ...autoscaler(2, 4), metadata: { name: 'other' } }],
    [deployment({ spec: { replicas: undefined } }), autoscaler(1, 3)],
    [
      'owners-overlap HorizontalPodAutoscaler web: scales Deployment default/web, as HorizontalPodAutoscaler default/other does: Kubernetes lets none of them scale (AmbiguousSelector)',
    ],
  ],
  [
    'an autoscaler that begins above what there is',
    [],
    [autoscaler(5, 6)],
    [deployment({ spec: { replicas: undefined } })],
    [
      'autoscaler-bounds HorizontalPodAutoscaler web: holds Deployment default/web at 5 to 6 Pods: 4 Pods start',
    ],
  ],
  [
    'an autoscaler that begins below what there is',
    [],
    [autoscaler(1, 2)],
    [deployment()],
    [
      'replicas-beside-autoscaler Deployment web: sets replicas to 3 beside HorizontalPodAutoscaler default/web: every apply resets what the autoscaler has made of it; leave replicas out',
      'autoscaler-bounds HorizontalPodAutoscaler web: holds Deployment default/web at 1 to 2 Pods: 1 Pod ends',
    ],
  ],
  [
    'an autoscaler that goes, and leaves what it made',
    [autoscaler(2, 5)],
    [],
    [deployment({ spec: { replicas: undefined } })],
    [
      'autoscaler-off HorizontalPodAutoscaler web: no longer scales Deployment default/web, which keeps the Pods that it has then: 2 to 5',
    ],
  ],
];

describe('budgets and autoscalers', () => {
  tellsOnce(CHANGES);
});

describe('a workload whose autoscaler goes', () => {
  const held = [deployment({ spec: { replicas: undefined } }), autoscaler(3, 6)];
  const image = { container: { image: 'web:2' } };

  it.each([
    [2, 'scales to 2 Pods, from the 3 to 6 at which its autoscaler held it'],
    [3, 'scales to 3 Pods, from the 3 to 6 at which its autoscaler held it'],
  ])('for replicas %i scales from what that held', async (replicas, summary) => {
    const { objects } = await planned(held, [deployment({ spec: { replicas } })]);
    expect(objects.find(({ kind }) => kind === 'Deployment')).toMatchObject({
      action: 'scale',
      summary,
    });
  });

  it('rolls out from what that held', async () => {
    const { objects } = await planned(held, [deployment({ ...image, spec: { replicas: 4 } })]);
    const rollout = objects.find(({ kind }) => kind === 'Deployment');
    expect(rollout?.rollout).toMatchObject({ from: 3, to: 4 });
    expect(rollout?.details).toContain('its autoscaler held it at 3 to 6 Pods, and goes');
  });

  it('rolls out at what that held, where nothing else says how many', async () => {
    const { objects } = await planned(held, [
      deployment({ ...image, spec: { replicas: undefined } }),
    ]);
    const { rollout } = objects.find(({ kind }) => kind === 'Deployment') ?? {};
    expect(rollout).toMatchObject({ from: 3, to: 3, autoscaler: { min: 3, max: 6 } });
  });
});

it('a rollout beside new bounds has no more Pods than the old ones held', async () => {
  const of = (image: string, min: number) => [
    deployment({ container: { image }, spec: { replicas: undefined } }),
    autoscaler(min, 6),
  ];
  const { objects } = await planned(of('web:1', 2), of('web:2', 4));
  expect(objects[0]?.rollout).toMatchObject({ from: 2, fewestAvailable: 2 });
});

it('a workload comes and goes with as many Pods as its autoscaler holds', async () => {
  const of = (name: string) => [
    deployment({ name, spec: { replicas: undefined } }),
    autoscaler(2, 5, 'Deployment', name),
  ];
  const { objects } = await planned(of('old'), of('new'));
  expect(objects.filter(({ kind }) => kind === 'Deployment').map((o) => o.summary)).toEqual([
    'is deleted: its 2 to 5 Pods end',
    'is created: 1 Pod starts, of which its autoscaler makes 2 to 5',
  ]);
});
