/** Pods that the level of their namespace refuses. */
import { markdownOf } from '../../src/plan/render/markdown';
import { deployment, namespace } from './manifests';
import { found, planned, text } from './planned';

const level = (name: string) =>
  namespace('default', {
    metadata: { name: 'default', labels: { 'pod-security.kubernetes.io/enforce': name } },
  });
const host = { podSpec: { hostNetwork: true } };
const REFUSED =
  'pods-refused Deployment web: new Pods of it are refused by Pod Security, and none starts: violates PodSecurity "baseline:latest": host namespaces (hostNetwork=true)';

describe('Pod Security', () => {
  it('is told of a workload whose new Pods it refuses, as a refusal that nobody can miss', async () => {
    const baseline = level('baseline');
    const plan = await planned([baseline, deployment()], [baseline, deployment(host)]);
    expect(found(plan)).toEqual([REFUSED]);
    expect(plan.outcomes).toContain('refused');
    expect(plan.verdict).toBe(
      'Pods of 1 object refused, 1 rollout (never fewer than 3 of 3 available), no data lost',
    );
    expect(markdownOf([plan])).toContain('> **Pods refused**');
  });

  it('is told of workloads that stay as they are, where the level rises', async () => {
    const plan = await planned(
      [level('privileged'), deployment(host)],
      [level('baseline'), deployment(host)],
    );
    expect(found(plan)).toEqual([REFUSED]);
    expect(
      await text([level('baseline'), deployment(host)], [level('baseline'), deployment(host)]),
    ).toBe('nothing changes\n');
  });

  it('has nothing against what it accepts', async () => {
    const plan = await planned(
      [level('privileged'), deployment()],
      [level('baseline'), deployment()],
    );
    expect(found(plan)).toEqual([]);
  });
});
