/** Which object of the new set is which of the old one. */
import { configMap, deployment, secret, service } from './manifests';
import { actions, found, planned, text } from './planned';

const conf = (hash: string, a: string) => configMap(`conf-${hash}`, { data: { a } });
const reads = (name: string) =>
  deployment({ container: { envFrom: [{ configMapRef: { name } }] } });

describe('pairing', () => {
  it('shows a ConfigMap with a content hash and its successor as one change', async () => {
    const plan = await planned(
      [conf('5m2d9t8h7k', '1'), reads('conf-5m2d9t8h7k')],
      [conf('g4hk9g2ff8', '2'), reads('conf-g4hk9g2ff8')],
    );
    expect(actions(plan)).toEqual(['Deployment web: rollout', 'ConfigMap conf-g4hk9g2ff8: update']);
    expect(plan.objects[1]).toMatchObject({
      previous: { name: 'conf-5m2d9t8h7k' },
      fields: [{ path: 'data[a]', old: '1', new: '2' }],
    });
    expect(found(plan)).toEqual([
      'config-moved ConfigMap conf-g4hk9g2ff8: is a new object instead of conf-5m2d9t8h7k: Deployment default/web moves to it',
    ]);
  });

  it('shows a Secret of another hash by its keys', async () => {
    const of = (hash: string, fields: object) => [
      secret(`db-${hash}`, { stringData: fields }),
      deployment({ container: { envFrom: [{ secretRef: { name: `db-${hash}` } }] } }),
    ];
    const plan = await planned(
      of('9t8h7k5m2d', { user: 'shop', password: 'old' }),
      of('hk9g2ff8g4', { user: 'shop', password: 'new' }),
    );
    expect(plan.objects[1]?.fields).toEqual([
      { path: 'data[password]', old: true, new: true, hidden: true },
    ]);
  });

  it('finds the successor wherever in its workload it is read', async () => {
    const of = (hash: string, ...before: object[]) => [
      conf(hash, hash),
      deployment({
        container: {
          env: [
            ...before,
            { name: 'A', valueFrom: { configMapKeyRef: { name: `conf-${hash}`, key: 'a' } } },
          ],
        },
      }),
    ];
    const plan = await planned(of('5m2d9t8h7k'), of('g4hk9g2ff8', { name: 'FIRST', value: '1' }));
    expect(actions(plan)).toEqual(['Deployment web: rollout', 'ConfigMap conf-g4hk9g2ff8: update']);
  });

  it('takes none of two that may have been the one before for it', async () => {
    const of = (...hashes: string[]) => [
      ...hashes.map((hash) => conf(hash, hash)),
      deployment({
        container: { envFrom: hashes.map((hash) => ({ configMapRef: { name: `conf-${hash}` } })) },
      }),
    ];
    const plan = await planned(of('5m2d9t8h7k', '6m2d9t8h7k'), of('g4hk9g2ff8'));
    expect(actions(plan).filter((one) => one.includes('ConfigMap'))).toEqual([
      'ConfigMap conf-5m2d9t8h7k: delete',
      'ConfigMap conf-6m2d9t8h7k: delete',
      'ConfigMap conf-g4hk9g2ff8: create',
    ]);
  });

  it('calls a rename of anything else a deletion and a creation', async () => {
    expect(actions(await planned([service()], [service({ app: 'web' }, 'site')]))).toEqual([
      'Service web: delete',
      'Service site: create',
    ]);
    expect(actions(await planned([conf('prod', '1')], [conf('staging', '1')]))).toEqual([
      'ConfigMap conf-prod: delete',
      'ConfigMap conf-staging: create',
    ]);
  });

  it('does not take what nobody moved to for a successor', async () => {
    const plan = await planned([conf('5m2d9t8h7k', '1')], [conf('g4hk9g2ff8', '2')]);
    expect(actions(plan)).toEqual([
      'ConfigMap conf-5m2d9t8h7k: delete',
      'ConfigMap conf-g4hk9g2ff8: create',
    ]);
  });

  it('takes no namespace for default', async () => {
    const now = { ...service(), metadata: { name: 'web', namespace: 'default' } };
    expect(actions(await planned([service()], [now]))).toEqual(['Service web: none']);
  });

  it('pairs an object with itself in another version of its group', async () => {
    const target = { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' } };
    const spec = { ...target, maxReplicas: 3 };
    const scaler = (apiVersion: string, more: object) => ({
      apiVersion,
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { ...spec, ...more },
    });
    const metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
      },
    ];
    const plan = await planned(
      [scaler('autoscaling/v1', { targetCPUUtilizationPercentage: 80 }), deployment()],
      [scaler('autoscaling/v2', { metrics }), deployment()],
    );
    expect(plan.objects).toHaveLength(1);
    expect(plan.objects[0]).toMatchObject({ previous: { apiVersion: 'autoscaling/v1' } });
  });
});

describe('noise', () => {
  const MANY = ['a', 'b', 'c', 'd'];
  const chart = (name: string, version: string, more: Record<string, unknown> = {}) => ({
    ...configMap(name, more),
    metadata: { name, labels: { 'helm.sh/chart': `shop-${version}` } },
  });

  it('is one line for a label that changed alike on many objects', async () => {
    const plan = await planned(
      MANY.map((name) => chart(name, '1')),
      MANY.map((name) => chart(name, '2')),
    );
    expect(plan.common).toMatchObject([
      { path: 'metadata.labels[helm.sh/chart]', old: 'shop-1', new: 'shop-2' },
    ]);
    expect(plan.objects.flatMap(({ fields }) => fields)).toEqual([]);
    expect(
      await text(
        MANY.map((name) => chart(name, '1')),
        MANY.map((name) => chart(name, '2')),
      ),
    ).toMatchSnapshot();
  });

  it('does not swallow what an object has of its own', async () => {
    const plan = await planned(
      MANY.map((name) => chart(name, '1', { data: { k: '1' } })),
      MANY.map((name) => chart(name, '2', { data: { k: name === 'b' ? '2' : '1' } })),
    );
    expect(
      plan.objects.flatMap(({ name, fields }) => fields.map(({ path }) => `${name} ${path}`)),
    ).toEqual(['b data[k]']);
  });

  it.each([
    ['an added default', {}, { revisionHistoryLimit: 10 }],
    ['0 and nothing', { minReadySeconds: 0 }, {}],
    ['a bound as text', {}, { strategy: { type: 'RollingUpdate' } }],
  ])('is not made of %s', async (_what, old, now) => {
    expect(
      actions(await planned([deployment({ spec: old })], [deployment({ spec: now })])),
    ).toEqual(['Deployment web: none']);
  });

  it('is not made of empty annotations', async () => {
    const now = { ...deployment(), metadata: { name: 'web', annotations: {} } };
    expect(actions(await planned([deployment()], [now]))).toEqual(['Deployment web: none']);
  });

  it('is silent where nothing changes', async () => {
    expect(await text([deployment(), service()], [deployment(), service()])).toBe(
      'nothing changes\n',
    );
  });
});
