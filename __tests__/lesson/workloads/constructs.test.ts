import {
  type EqualitySelector,
  LessonDeployment,
  LessonPod,
  LessonReplicaSet,
  type LessonReplicaSetProps,
  LessonReplicationController,
  LessonStatefulSet,
} from '../../../lib';
import { render, validationErrors } from '../../render';
import { deployment, pod, replicaSet, replicationController, statefulSet } from './props';

describe('every prop is in the manifest', () => {
  it('of a Pod', () => {
    expect(render((chart) => new LessonPod(chart, 'it', pod))).toMatchSnapshot();
  });
  it('of a ReplicationController', () => {
    expect(
      render((chart) => new LessonReplicationController(chart, 'it', replicationController)),
    ).toMatchSnapshot();
  });
  it('of a ReplicaSet', () => {
    expect(render((chart) => new LessonReplicaSet(chart, 'it', replicaSet))).toMatchSnapshot();
  });
  it('of a Deployment', () => {
    expect(render((chart) => new LessonDeployment(chart, 'it', deployment))).toMatchSnapshot();
  });
  it('of a StatefulSet', () => {
    expect(render((chart) => new LessonStatefulSet(chart, 'it', statefulSet))).toMatchSnapshot();
  });
});

describe('what is optional', () => {
  it('is not written when it is not given', () => {
    const { name, selector, template } = deployment;
    const bare = { name, selector, template: { ...template, containers: [{ name, image: name }] } };
    expect(render((chart) => new LessonDeployment(chart, 'it', bare))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, labels: template.labels },
      spec: {
        selector,
        template: {
          metadata: { labels: template.labels },
          spec: { containers: [{ name, image: name }] },
        },
      },
    });
  });
  it('is written when it is 0', () => {
    expect(
      render((chart) => new LessonDeployment(chart, 'it', { ...deployment, replicas: 0 })).spec
        .replicas,
    ).toBe(0);
  });
});

describe('the strategy of a Deployment', () => {
  const strategyOf = (strategy?: (typeof deployment)['strategy']) =>
    render((chart) => new LessonDeployment(chart, 'it', { ...deployment, strategy })).spec.strategy;

  it('is written alone when it is Recreate', () => {
    expect(strategyOf({ type: 'Recreate' })).toEqual({ type: 'Recreate' });
  });
  it("is always written out when it is RollingUpdate, with Kubernetes' defaults where none are given", () => {
    expect(strategyOf({ type: 'RollingUpdate' })).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' },
    });
    expect(strategyOf({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } })).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 },
    });
  });
  it('is left for Kubernetes to refuse when the types do not allow it', () => {
    // @ts-expect-error Recreate has no rollingUpdate
    expect(strategyOf({ type: 'Recreate', rollingUpdate: { maxSurge: 1 } })).toEqual({
      type: 'Recreate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: '25%' },
    });
  });
});

describe('the type system does not allow', () => {
  it('a set-based selector for a ReplicationController, and synthesis does not drop it', () => {
    const matchExpressions = [{ key: 'tier', operator: 'Exists' }];
    expect(
      validationErrors(
        (chart) =>
          new LessonReplicationController(chart, 'it', {
            ...replicationController,
            // @ts-expect-error a ReplicationController selects by equality only
            selector: { matchLabels: { tier: 'web' }, matchExpressions },
          }),
      ),
    ).toEqual([
      '[chart/it] selector.matchExpressions: must not be given: a ReplicationController selects by equality only; received [{"key":"tier","operator":"Exists"}]; use matchLabels, or a ReplicaSet',
    ]);
    // @ts-expect-error nor may one arrive in a variable
    const selector: EqualitySelector = replicaSet.selector;
    expect(selector).toBeDefined();
  });

  it('a strategy outside a Deployment, or a StatefulSet without serviceName', () => {
    // @ts-expect-error strategy belongs to Deployment
    const props: LessonReplicaSetProps = { ...replicaSet, strategy: { type: 'Recreate' } };
    // @ts-expect-error serviceName is required
    const nameless = render((chart) => new LessonStatefulSet(chart, 'it', props));
    expect(nameless.spec).not.toHaveProperty('serviceName');
  });
});
