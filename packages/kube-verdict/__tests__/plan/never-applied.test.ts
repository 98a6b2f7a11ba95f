/** What a set no longer has, and no cluster can have had. */
import { claim, withSpec } from './manifests';
import { actions, found, planned } from './planned';

describe('what only the old set has and can never have been applied', () => {
  const broken = withSpec(claim('broken'), { accessModes: ['Often'] });

  it.each(['kubectl', 'server-side', 'flux'] as const)('is not deleted by %s', async (applier) => {
    const plan = await planned([broken], [], { applier });
    expect(actions(plan)).toEqual([]);
    expect(found(plan)).toEqual([]);
    expect(plan.verdict).toBe('nothing changes');
    expect(plan.outcomes).toEqual([]);
    expect(plan.notes).toEqual([
      expect.stringMatching(
        /^PersistentVolumeClaim default\/broken is no longer in the set and can never have been applied, so there is nothing to delete: spec\.accessModes: Unsupported value: "Often"/,
      ),
    ]);
  });

  it('is named, and its like counted', async () => {
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) =>
      withSpec(claim(name), { accessModes: [] }),
    );
    expect((await planned(many, [])).notes).toEqual([
      expect.stringMatching(
        /^PersistentVolumeClaim default\/a, .* and 2 more are no longer in the/,
      ),
    ]);
  });

  it('is what is deleted where it was served once, with its data', async () => {
    const old = { apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget' };
    const budget = { ...old, metadata: { name: 'a' }, spec: { maxUnavailable: 1 } };
    expect(actions(await planned([budget], []))).toEqual(['PodDisruptionBudget a: delete']);
    const spec = { group: 'example.com', names: { kind: 'Shop' } };
    const [apiVersion, kind] = ['apiextensions.k8s.io/v1beta1', 'CustomResourceDefinition'];
    const definition = { apiVersion, kind, metadata: { name: 'shops.example.com' }, spec };
    expect((await planned([definition], [])).outcomes).toContain('data-loss');
  });
});
