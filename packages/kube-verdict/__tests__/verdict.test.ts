import { loadVerdict, type Verdict } from '../src/index';
import { deployment, pod, service } from './manifests';

let verdict: Verdict;

beforeAll(async () => {
  verdict = await loadVerdict();
});

afterAll(() => verdict.close());

describe('create', () => {
  it('accepts what Kubernetes accepts', async () => {
    for (const manifest of [pod('web'), deployment('web'), service('web')]) {
      expect(await verdict.create(manifest)).toEqual({
        accepted: true,
        errors: [],
        warnings: [],
        podErrors: [],
      });
    }
  });

  it('names the fields that Kubernetes refuses, in its words', async () => {
    const judgement = await verdict.create(deployment('web', { replicas: -1 }, { image: '' }));
    expect(judgement.accepted).toBe(false);
    expect(judgement.errors).toEqual([
      {
        field: 'spec.replicas',
        type: 'FieldValueInvalid',
        message: 'Invalid value: -1: must be greater than or equal to 0',
      },
      {
        field: 'spec.template.spec.containers[0].image',
        type: 'FieldValueRequired',
        message: 'Required value',
      },
    ]);
  });

  it('refuses unknown fields, as strict field validation does', async () => {
    const { accepted, errors } = await verdict.create(pod('web', { imagee: 'nginx' }));
    expect(accepted).toBe(false);
    expect(errors.map((e) => e.field)).toEqual(['spec.containers[0].imagee']);
  });

  it('says of a kind it does not know that it was not judged', async () => {
    const crd = { apiVersion: 'example.com/v1', kind: 'Backup', metadata: { name: 'b' } };
    const judgement = await verdict.create(crd);
    expect(judgement.accepted).toBeNull();
    expect(judgement.warnings.join()).toMatch(/not judged: example\.com\/v1 Backup/);
  });

  it('warns where Kubernetes warns', async () => {
    const { accepted, warnings } = await verdict.create(
      pod('web', {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      }),
    );
    expect(accepted).toBe(true);
    expect(warnings.join()).toMatch(/hides previous definition of "A"/);
  });

  it('says that Pods would be refused where the namespace enforces a level', async () => {
    const manifest = deployment('web', {}, { securityContext: { privileged: true } });
    expect((await verdict.create(manifest)).podErrors).toEqual([]);
    const judgement = await verdict.create(manifest, { podSecurity: 'baseline' });
    expect(judgement.accepted).toBe(true);
    expect(judgement.podErrors.map((e) => e.message).join()).toMatch(/privileged/);
  });

  it('keeps 64-bit integers exact', async () => {
    const manifest = (runAsUser: bigint) => pod('web', { securityContext: { runAsUser } });
    const fits = await verdict.create(manifest(2_147_483_647n));
    expect(fits.accepted).toBe(true);
    const { errors } = await verdict.create(manifest(9_223_372_036_854_775_807n));
    expect(errors[0]?.message).toContain('9223372036854775807');
  });

  it('refuses what no API server would read, in its words', async () => {
    const data = { key: 'x'.repeat(3 * 1024 * 1024) };
    const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data };
    expect(await verdict.create(manifest)).toMatchObject({
      accepted: false,
      errors: [{ message: 'Request entity too large: limit is 3145728' }],
    });
  });

  it.each([[null], [[]], ['Pod'], [undefined], [42]])(
    'does not take %p for a manifest',
    async (no) => {
      await expect(verdict.create(no as unknown as object)).rejects.toThrow(
        /^manifest takes an object with apiVersion and kind; received/,
      );
    },
  );

  it('does not take a manifest that contains itself', async () => {
    const manifest = pod('web');
    manifest.self = manifest;
    await expect(verdict.create(manifest)).rejects.toThrow(
      /^manifest takes an object that does not contain itself; received an object$/,
    );
  });
});

describe('apply', () => {
  it('sees that nothing changes', async () => {
    const { accepted, change } = await verdict.apply(deployment('web'), deployment('web'));
    expect(accepted).toBe(true);
    expect(change).toEqual({ kind: 'none', fields: [] });
  });

  it('tells an update from a rollout', async () => {
    const scaled = await verdict.apply(deployment('web'), deployment('web', { replicas: 5 }));
    expect(scaled.change).toEqual({ kind: 'update', fields: ['spec.replicas'] });
    const image = await verdict.apply(
      deployment('web'),
      deployment('web', {}, { image: 'nginx:1.30' }),
    );
    expect(image.change).toEqual({
      kind: 'rollout',
      fields: ['spec.template.spec.containers[0].image'],
    });
  });

  it('refuses to change what is immutable', async () => {
    const next = deployment('web', { selector: { matchLabels: { app: 'web', tier: 'front' } } });
    const { metadata } = next.spec.template;
    Object.assign(metadata.labels, { tier: 'front' });
    const { accepted, errors, change } = await verdict.apply(deployment('web'), next);
    expect(accepted).toBe(false);
    expect(errors.map((e) => e.field)).toEqual(['spec.selector']);
    expect(errors[0]?.message).toMatch(/field is immutable/);
    expect(change).toBeUndefined();
  });

  it('tells client-side from server-side apply where they differ', async () => {
    const recreate = deployment('web', { strategy: { type: 'Recreate' } });
    const client = await verdict.apply(deployment('web'), recreate);
    expect(client.accepted).toBe(true);
    const server = await verdict.apply(deployment('web'), recreate, { serverSide: true });
    expect(server.accepted).toBe(false);
    expect(server.errors.map((e) => e.field)).toEqual(['spec.strategy.rollingUpdate']);
  });

  it('judges against the object as the cluster holds it', async () => {
    const live = { ...deployment('web', { replicas: 9 }) };
    const { change } = await verdict.apply(deployment('web'), deployment('web'), { live });
    expect(change).toEqual({ kind: 'update', fields: ['spec.replicas'] });
  });
});

describe('a loaded verdict', () => {
  it('names its Kubernetes version and the kinds that it judges', () => {
    expect(verdict.kubernetes).toBe('1.34.10');
    expect(verdict.kinds).toContainEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespaced: true,
    });
    expect(verdict.kinds).toContainEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      namespaced: false,
    });
  });

  it('answers two thousand questions at once, each with its own answer', async () => {
    const judgements = await Promise.all(
      Array.from({ length: 2_000 }, (_, i) =>
        verdict.create(i % 7 === 0 ? deployment('web', { replicas: -i - 1 }) : service('web')),
      ),
    );
    judgements.forEach(({ accepted, errors }, i) => {
      expect(accepted).toBe(i % 7 !== 0);
      if (i % 7 === 0) expect(errors[0]?.message).toContain(`Invalid value: -${i + 1}:`);
    });
  });

  it('rejects questions once it is closed', async () => {
    const closed = await loadVerdict();
    const open = closed.create(pod('web'));
    await closed.close();
    await expect(open).rejects.toThrow('this verdict is closed');
    await expect(closed.create(pod('web'))).rejects.toThrow('this verdict is closed');
  });

  it('answers alike when it is optimized', async () => {
    await using optimized = await loadVerdict({ optimize: true });
    for (const manifest of [deployment('web', { replicas: -1 }), pod('web'), service('web')]) {
      expect(await optimized.create(manifest)).toEqual(await verdict.create(manifest));
    }
  });

  it('is closed by await using', async () => {
    let kept: Verdict;
    {
      await using inside = await loadVerdict();
      kept = inside;
    }
    await expect(kept.create(pod('web'))).rejects.toThrow('this verdict is closed');
  });

  it.each([
    [
      { timeout: 0 },
      'timeout takes a positive number of milliseconds, at most 2147483647; received 0',
    ],
    [
      { timeout: NaN },
      'timeout takes a positive number of milliseconds, at most 2147483647; received NaN',
    ],
    [{ workers: -1 }, 'workers takes a positive number; received -1'],
  ])('does not load with %p', async (options, message) => {
    await expect(loadVerdict(options)).rejects.toThrow(message);
  });

  it.each<[object, string]>([
    [{ podSecurity: 'strict' }, 'podSecurity takes baseline or restricted; received strict'],
    [{ podSecurity: null }, 'podSecurity takes baseline or restricted; received null'],
    [{ namespace: 'A b' }, 'namespace takes the name of a namespace; received "A b"'],
    [{ namespace: 5 }, 'namespace takes the name of a namespace; received 5'],
    [{ ipFamilies: ['IPv5'] }, 'ipFamilies takes IPv4, IPv6 or both, the primary one first; re'],
    [{ ipFamilies: 'IPv4' }, 'ipFamilies takes IPv4, IPv6 or both, the primary one first; re'],
    [{ ipFamilies: [] }, 'ipFamilies takes IPv4, IPv6 or both, the primary one first; received '],
    [{ serviceCidr: '10.0.0.0' }, 'serviceCidr takes a range of addresses such as 10.96.0.0/12'],
    [{ serviceCidr: '10.0.0.0/33' }, 'serviceCidr takes a range of addresses'],
    [{ serviceCidr: '10.0.0.256/8' }, 'serviceCidr takes a range of addresses'],
    [{ serviceCidr: 'fd00::/108,fd01::/108' }, 'serviceCidr takes a range of addresses'],
    [{ serviceCidr: 'fd00:/108' }, 'serviceCidr takes a range of addresses'],
    [
      { serviceCidr: '10.0.0.0/8', ipFamilies: ['IPv6'] },
      'serviceCidr takes a range of each family of the cluster, in their order; received 10.',
    ],
  ])('judges nothing with %p', async (options, message) => {
    await expect(verdict.create(pod('web'), options)).rejects.toThrow(message);
    await expect(verdict.apply(undefined, pod('web'), options)).rejects.toThrow(RangeError);
  });

  it.each([
    ['10.0.0.0/8', '0.0.0.0/0', 'fd00::/108', 'FD00::/108,10.0.0.0/8', '::ffff:10.0.0.0/104'],
  ])('takes ranges of addresses: %s', async (...ranges) => {
    for (const serviceCidr of ranges) {
      expect((await verdict.create(pod('web'), { serviceCidr })).accepted).toBe(true);
    }
  });
});
