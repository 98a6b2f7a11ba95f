import { Deployment } from '../../lib/workload/deployment';
import { Pod } from '../../lib/workload/pod';
import { ReplicaSet, type ReplicaSetProps } from '../../lib/workload/replica-set';
import { ReplicationController } from '../../lib/workload/replication-controller';
import type { EqualitySelector } from '../../lib/workload/selector';
import { StatefulSet } from '../../lib/workload/stateful-set';
import { refusals, render } from '../render';
import { deployment, pod, replicaSet, replicationController, statefulSet } from './props';

describe('every prop is in the manifest', () => {
  test('of a Pod', () => {
    expect(render((chart) => new Pod(chart, 'it', pod))).toMatchSnapshot();
  });
  test('of a ReplicationController', () => {
    expect(
      render((chart) => new ReplicationController(chart, 'it', replicationController)),
    ).toMatchSnapshot();
  });
  test('of a ReplicaSet', () => {
    expect(render((chart) => new ReplicaSet(chart, 'it', replicaSet))).toMatchSnapshot();
  });
  test('of a Deployment', () => {
    expect(render((chart) => new Deployment(chart, 'it', deployment))).toMatchSnapshot();
  });
  test('of a StatefulSet', () => {
    expect(render((chart) => new StatefulSet(chart, 'it', statefulSet))).toMatchSnapshot();
  });
});

describe('replicas', () => {
  test.each([0, 1, 3])('may be %d', (replicas) => {
    const manifest = render((chart) => new Deployment(chart, 'it', { ...deployment, replicas }));
    expect(manifest.spec.replicas).toBe(replicas);
  });
  test.each([-1, 1.5, Number.NaN])('may not be %d', (replicas) => {
    expect(refusals((chart) => new StatefulSet(chart, 'it', { ...statefulSet, replicas }))).toEqual(
      [
        `[chart/it] replicas: must be an integer of 0 or more; received ${String(replicas)}; set it to 0 or more`,
      ],
    );
  });
});

describe('the strategy of a Deployment', () => {
  const strategyOf = (strategy?: (typeof deployment)['strategy']) =>
    render((chart) => new Deployment(chart, 'it', { ...deployment, strategy })).spec.strategy;

  test('is not written when none is given', () => {
    expect(strategyOf()).toBeUndefined();
  });
  test('Recreate is written alone', () => {
    expect(strategyOf({ type: 'Recreate' })).toEqual({ type: 'Recreate' });
  });
  test("RollingUpdate is always written out, with Kubernetes' defaults where none are given", () => {
    expect(strategyOf({ type: 'RollingUpdate' })).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    });
    expect(strategyOf({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } })).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 },
    });
  });
});

describe('the type system refuses', () => {
  test('a set-based selector for a ReplicationController, and so does synthesis', () => {
    const matchExpressions = [{ key: 'tier', operator: 'Exists' }];
    const [refusal] = refusals(
      (chart) =>
        new ReplicationController(chart, 'it', {
          ...replicationController,
          // @ts-expect-error a ReplicationController selects by equality only
          selector: { matchLabels: { tier: 'web' }, matchExpressions },
        }),
    );
    expect(refusal).toContain('selector.matchExpressions: must not be given');
    // @ts-expect-error nor may one arrive in a variable
    const selector: EqualitySelector = replicaSet.selector;
    expect(selector).toBeDefined();
  });

  test('a strategy outside a Deployment, and a StatefulSet without serviceName', () => {
    // @ts-expect-error strategy belongs to Deployment
    const props: ReplicaSetProps = { ...replicaSet, strategy: { type: 'Recreate' } };
    expect(props).toHaveProperty('strategy');
    // @ts-expect-error serviceName is required
    expect(refusals((chart) => new StatefulSet(chart, 'it', replicaSet))).toEqual([
      expect.stringContaining('[chart/it] serviceName: must be an RFC 1123 label'),
    ]);
  });
});
