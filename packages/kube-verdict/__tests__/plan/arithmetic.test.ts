/** What controllers do, in the figures of a plan. Their simulation is held to their own code in go/rollout. */
import {
  autoscaler,
  budget,
  daemonSet,
  deployment,
  pod,
  replicaSet,
  service,
  statefulSet,
  withSpec,
} from './manifests';
import { actions, found, planned } from './planned';
import type { PlanOptions } from '../../src';

/** The figures of the only rollout, in one line. */
async function figures(old: object, now: object, options?: PlanOptions): Promise<string> {
  const { objects } = await planned([old], [now], options);
  const { action, rollout } = objects[0] ?? { action: 'nothing', rollout: null };
  if (rollout === null) return action;
  const { podsReplaced, fewestAvailable, mostExisting, availableIfNeverReady } = rollout;
  return `${action}: ${podsReplaced} replaced, ${fewestAvailable} to ${mostExisting}, ${availableIfNeverReady} if never ready`;
}

const NEW = { container: { image: 'web:2' } };
const rolling = (maxSurge: number | string, maxUnavailable: number | string) => ({
  strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge, maxUnavailable } },
});

describe('a Deployment', () => {
  it.each([
    [1, 'rollout: 1 replaced, 1 to 2, 1 if never ready'],
    [3, 'rollout: 3 replaced, 3 to 4, 3 if never ready'],
    [4, 'rollout: 4 replaced, 3 to 5, 3 if never ready'],
    [5, 'rollout: 5 replaced, 4 to 7, 4 if never ready'],
    [10, 'rollout: 10 replaced, 8 to 13, 8 if never ready'],
  ])('of %i replicas rounds surge up and unavailable down', async (replicas, expected) => {
    const spec = { replicas };
    expect(await figures(deployment({ spec }), deployment({ ...NEW, spec }))).toBe(expected);
  });

  it('may miss one Pod where both bounds round to none', async () => {
    const spec = rolling(0, '10%');
    expect(await figures(deployment({ spec }), deployment({ ...NEW, spec }))).toBe(
      'rollout: 3 replaced, 2 to 3, 2 if never ready',
    );
  });

  it('rolls out if and only if templates differ in meaning', async () => {
    const spelled = deployment({ container: { terminationMessagePath: '/dev/termination-log' } });
    expect(actions(await planned([deployment()], [spelled]))).toEqual(['Deployment web: none']);
    const quantities = (cpu: unknown) =>
      deployment({ container: { resources: { limits: { cpu } } } });
    expect(await figures(quantities('1'), quantities('1000m'))).toBe('none');
    expect(await figures(quantities('1'), quantities(1))).toBe('none');
    expect(await figures(quantities('1'), quantities('2'))).toMatch(/^rollout/);
    expect(await figures(deployment(), deployment({ podSpec: { hostname: 'a' } }))).toMatch(
      /^rollout/,
    );
  });

  it('scales before it rolls out', async () => {
    const now = deployment({ ...NEW, spec: { replicas: 10 } });
    const { objects } = await planned([deployment()], [now]);
    expect(objects[0]?.rollout).toMatchObject({
      from: 3,
      to: 10,
      podsStartedInVain: 7,
      podsReplaced: 3,
    });
    expect(objects[0]?.details).toContain(
      'scaling comes first: 7 Pods of the old template start, and are replaced as well',
    );
  });

  it('scales and keeps the template while it is paused', async () => {
    const now = deployment({ ...NEW, spec: { replicas: 5, paused: true } });
    const plan = await planned([deployment()], [now]);
    expect(actions(plan)).toEqual(['Deployment web: scale']);
    expect(found(plan)).toEqual([
      'template-waits Deployment web: 5 Pods keep the old template: it is paused (kubectl rollout resume)',
    ]);
  });

  it('has no Pod available while it is recreated', async () => {
    const spec = { strategy: { type: 'Recreate' } };
    const plan = await planned(
      [deployment({ spec }), service()],
      [deployment({ ...NEW, spec }), service()],
    );
    expect(plan.outcomes).toContain('downtime');
    expect(found(plan)).toEqual([
      'downtime Deployment web: Recreate: all 3 Pods end before a new one starts, none is available (Pods that still end and are ready serve until they are gone); Service default/web has no endpoints meanwhile',
    ]);
  });

  it('is marked after progressDeadlineSeconds, which undoes nothing', async () => {
    const told = async (spec: object): Promise<string> => {
      const now = deployment({ ...NEW, spec: { ...spec, replicas: 3 } });
      return (await planned([deployment()], [now])).objects[0]?.details.join('\n') ?? '';
    };
    expect(await told({})).toContain(
      'after 10 min it is marked as not progressing, which undoes nothing',
    );
    expect(await told({ progressDeadlineSeconds: 60 })).toContain('after 1 min it is marked');
    expect(await told({ progressDeadlineSeconds: 2147483647 })).not.toContain('marked');
  });

  it('takes as long as probes and minReadySeconds need, and room for the surge', async () => {
    const container = {
      readinessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 20 },
      resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    };
    const spec = { replicas: 2, minReadySeconds: 10 };
    const now = deployment({ spec, container: { ...container, image: 'web:2' } });
    const { objects } = await planned([deployment({ spec, container })], [now]);
    expect(objects[0]?.details).toEqual(
      expect.arrayContaining([
        'takes at least 1 min, in 3 steps',
        'needs room for 1 more Pod meanwhile: requests 250m cpu and 64Mi memory, limits 128Mi memory',
      ]),
    );
  });

  it('is not slowed by a disruption budget', async () => {
    const spec = { ...rolling(0, 2), replicas: 3 };
    const plan = await planned(
      [deployment({ spec }), budget({ minAvailable: 2 })],
      [deployment({ ...NEW, spec }), budget({ minAvailable: 2 })],
    );
    expect(found(plan)).toEqual([
      'below-budget PodDisruptionBudget web: promises 2 available Pods, the rollout of Deployment default/web goes down to 1: controllers delete Pods, a budget only holds up evictions',
    ]);
    expect(plan.objects[0]?.rollout?.promise).toMatchObject({ healthy: 2 });
  });

  it('goes below no budget that asks for more Pods than there are', async () => {
    const of = (given: object) => [
      deployment({ ...given, spec: { ...rolling(1, 0), replicas: 1 } }),
      budget({ minAvailable: 2 }),
    ];
    expect(found(await planned(of({}), of(NEW)))).toEqual([]);
  });

  it("rolls out at its autoscaler's bounds", async () => {
    const spec = { replicas: undefined };
    const scaler = autoscaler(4, 10);
    const { objects } = await planned(
      [deployment({ spec }), scaler],
      [deployment({ ...NEW, spec }), scaler],
    );
    expect(objects[0]?.rollout).toMatchObject({
      fewestAvailable: 3,
      mostExisting: 5,
      autoscaler: { min: 4, max: 10, atMost: { fewestAvailable: 8, mostExisting: 13 } },
    });
  });

  it('of no replicas has switched its autoscaler off', async () => {
    const plan = await planned(
      [deployment(), autoscaler(2, 5)],
      [deployment({ spec: { replicas: 0 } }), autoscaler(2, 5)],
    );
    expect(found(plan)).toContainEqual(expect.stringMatching(/^autoscaler-off Deployment web: /));
    expect(plan.outcomes).toContain('downtime');
  });

  it('of which kubectl apply takes replicas away has one', async () => {
    const now = deployment({ spec: { replicas: undefined } });
    const { objects, findings } = await planned([deployment()], [now]);
    expect(objects[0]).toMatchObject({ action: 'scale', scale: { from: 3, to: 1 } });
    expect(findings.map(({ code }) => code)).toEqual(['replicas-taken-away']);
  });
});

describe('a StatefulSet', () => {
  it('replaces one Pod at a time, also if Parallel', async () => {
    for (const podManagementPolicy of ['OrderedReady', 'Parallel']) {
      const spec = { podManagementPolicy };
      expect(await figures(statefulSet({ spec }), statefulSet({ ...NEW, spec }))).toBe(
        'rollout: 3 replaced, 2 to 3, 2 if never ready',
      );
    }
  });

  it('does not look at maxUnavailable, which is off', async () => {
    const spec = {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 3 } },
    };
    expect(await figures(statefulSet({ spec }), statefulSet({ ...NEW, spec }))).toBe(
      'rollout: 3 replaced, 2 to 3, 2 if never ready',
    );
  });

  it('keeps Pods below its partition, counted from its first ordinal', async () => {
    const spec = {
      ordinals: { start: 5 },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } },
    };
    const plan = await planned([statefulSet({ spec })], [statefulSet({ ...NEW, spec })]);
    expect(plan.objects[0]?.rollout).toMatchObject({ podsReplaced: 1 });
    expect(found(plan)).toEqual([
      'template-waits StatefulSet web: 2 Pods below partition 2 keep the old template',
    ]);
  });

  it('of OnDelete replaces nothing', async () => {
    const spec = { updateStrategy: { type: 'OnDelete' } };
    const plan = await planned([statefulSet({ spec })], [statefulSet({ ...NEW, spec })]);
    expect(actions(plan)).toEqual(['StatefulSet web: update']);
    expect(found(plan)).toEqual([
      'template-waits StatefulSet web: 3 Pods keep the old template until somebody deletes them: updateStrategy OnDelete',
    ]);
  });
});

describe('a DaemonSet', () => {
  it('rounds what may be missing up, and misses one by default', async () => {
    const spec = (maxUnavailable: string) => ({
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable } },
    });
    expect(await figures(daemonSet(), daemonSet(NEW), { nodes: 5 })).toBe(
      'rollout: 5 replaced, 4 to 5, 4 if never ready',
    );
    expect(
      await figures(daemonSet({ spec: spec('25%') }), daemonSet({ ...NEW, spec: spec('25%') }), {
        nodes: 5,
      }),
    ).toBe('rollout: 5 replaced, 3 to 5, 3 if never ready');
  });

  it('tells what does not depend on the number of nodes', async () => {
    const { objects, verdict } = await planned([daemonSet()], [daemonSet(NEW)]);
    expect(objects[0]?.summary).toBe(
      'rolls out: the Pod on each node is replaced; 1 node at a time is without one',
    );
    expect(verdict).toBe('1 rollout, nothing refused, no data lost');
  });
});

describe('what makes Pods and never replaces them', () => {
  it('leaves the Pods of a ReplicaSet as they are', async () => {
    const plan = await planned([replicaSet()], [replicaSet(NEW)]);
    expect(actions(plan)).toEqual(['ReplicaSet web: update']);
    expect(found(plan)).toEqual([
      'pods-keep-template ReplicaSet web: 3 Pods keep the old template: a ReplicaSet never replaces Pods, only ones that it makes later have the new template',
    ]);
  });

  it('restarts the one container of a bare Pod whose image changes', async () => {
    const containers = (image: string) => ({
      restartPolicy: 'Never',
      containers: [
        { name: 'main', image },
        { name: 'side', image: 'side:1' },
      ],
    });
    const plan = await planned(
      [pod('web', { app: 'web' }, containers('web:1')), service()],
      [pod('web', { app: 'web' }, containers('web:2')), service()],
    );
    expect(plan.objects[0]?.summary).toBe('changes in place: 1 container restarts (main)');
    expect(found(plan)).toEqual([
      'downtime Pod web: is not ready while main restarts: Service default/web has no endpoints meanwhile',
    ]);
    expect(plan.outcomes).toEqual(expect.arrayContaining(['restart', 'downtime']));
  });

  it.each([
    [
      {},
      [],
      'pods-keep-template Pod web: first does not run again: an init container of a Pod that runs already',
    ],
    [{ restartPolicy: 'Always' }, ['first'], ''],
  ])('restarts an init container only if it keeps running: %j', async (given, restarts, finds) => {
    const init = (image: string) =>
      pod('web', {}, { initContainers: [{ name: 'first', image, ...given }] });
    const plan = await planned([init('a:1')], [init('a:2')]);
    expect(found(plan).join()).toBe(finds);
    expect(plan.objects[0]?.summary.includes('restarts (first)')).toBe(restarts.length > 0);
    expect(plan.outcomes.includes('restart')).toBe(restarts.length > 0);
  });

  it('refuses other resources of a bare Pod, which take the resize subresource', async () => {
    const limits = (cpu: string) => ({
      containers: [{ name: 'main', image: 'web:1', resources: { limits: { cpu } } }],
    });
    const plan = await planned([pod('web', {}, limits('1'))], [pod('web', {}, limits('2'))]);
    expect(actions(plan)).toEqual(['Pod web: refused']);
  });
});

describe('a Job', () => {
  const job = (spec: object, image = 'job:1') => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job' },
    spec: {
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } },
      ...spec,
    },
  });

  it('refuses another template, and takes parallelism', async () => {
    expect(actions(await planned([job({})], [job({}, 'job:2')]))).toEqual(['Job job: refused']);
    expect(actions(await planned([job({ parallelism: 1 })], [job({ parallelism: 2 })]))).toEqual([
      'Job job: update',
    ]);
  });

  it('takes scheduling fields while it is suspended', async () => {
    const scheduled = (nodeSelector: object) =>
      withSpec(job({ suspend: true }), {
        template: {
          spec: {
            restartPolicy: 'Never',
            nodeSelector,
            containers: [{ name: 'main', image: 'job:1' }],
          },
        },
      });
    expect(actions(await planned([scheduled({})], [scheduled({ disk: 'ssd' })]))).toEqual([
      'Job job: update',
    ]);
  });
});

describe('a template that waits no more', () => {
  const update = (strategy: object) => statefulSet({ spec: { updateStrategy: strategy } });
  const below = (partition: number) =>
    update({ type: 'RollingUpdate', rollingUpdate: { partition } });

  it.each([
    ['paused', deployment({ spec: { paused: true } }), deployment()],
    ['OnDelete', update({ type: 'OnDelete' }), statefulSet()],
    ['OnDelete', update({ type: 'OnDelete' }), below(2)],
    ['partition 2', below(2), below(1)],
  ])('may be one of before, which %s held back', async (what, old, now) => {
    expect(found(await planned([old], [now]))).toEqual([
      expect.stringMatching(`^in-progress \\w+ web: ${what} no longer holds a template back: `),
    ]);
  });

  it.each([
    ['more waits', below(1), below(2)],
    ['the same waits', below(1), withSpec(below(1), { minReadySeconds: 5 })],
    ['the template changes as well', deployment({ spec: { paused: true } }), deployment(NEW)],
  ])('is not told of where %s', async (_what, old, now) => {
    expect(found(await planned([old], [now]))).toEqual([]);
  });
});
