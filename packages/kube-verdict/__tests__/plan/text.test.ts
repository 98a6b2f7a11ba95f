/** What the text of a plan says once, and what it shows of long values. */
import fc from 'fast-check';
import { changedFields } from '../../src/plan/changed-fields';
import { valueTexts } from '../../src/plan/wording';
import { configMap, definition, deployment, widget } from './manifests';
import { planned, text } from './planned';

const names = ['a', 'b', 'c', 'd'];

it('says once what is so of many', async () => {
  const envFrom = names.map((name) => ({ configMapRef: { name } }));
  const conf = (value: string) => names.map((name) => configMap(name, { data: { [name]: value } }));
  const out = await text(
    [deployment({ container: { envFrom } }), ...conf('1')],
    [deployment({ container: { envFrom, image: 'web:2' } }), ...conf('2')],
  );
  expect(out.match(/reads it anew with the rollout/g)).toHaveLength(1);
  expect(out).toContain(
    '≡ 4 objects alike: Deployment default/web reads it anew with the rollout\n',
  );
  for (const name of names) {
    expect(out).toContain(`ConfigMap default/${name} changes in place: data[${name}]: 1 → 2`);
  }
});

it('says once why kinds are not judged', async () => {
  const out = await text(
    names.map((name) => widget(name, 1)),
    names.map((name) => widget(name, 2)),
  );
  expect(out.match(/not a kind that is judged/g)).toHaveLength(1);
});

it('says in one line which containers an image moves in', async () => {
  const of = (image: string) =>
    deployment({ podSpec: { containers: ['web', 'worker'].map((name) => ({ name, image })) } });
  expect(await text([of('shop:1')], [of('shop:2')])).toContain(
    '▣ image of web and worker: shop:1 → shop:2\n',
  );
});

it('names each object that is deleted with its Pods', async () => {
  const out = await text(
    names.map((name) => deployment({ name })),
    [],
  );
  for (const name of names) {
    expect(out).toContain(`Deployment default/${name} is deleted: its 3 Pods end`);
  }
});

describe('two long values', () => {
  const long = fc.string({ minLength: 100, maxLength: 300 });
  const short = fc.string({ maxLength: 20 });

  it('are shown where they differ, and not longer than is allowed', () => {
    fc.assert(
      fc.property(long, short, short, long, (before, a, b, after) => {
        const [old, now] = [`${before}${a}${after}`, `${before}${b}${after}`];
        const shown = valueTexts(old, now, 120);
        expect(shown[0] === shown[1]).toBe(old === now);
        for (const one of shown) expect(one.length).toBeLessThanOrEqual(120);
      }),
    );
  });

  it('begin and end with what stands around the difference', () => {
    const lines = (value: string) =>
      `${'a: 1\n'.repeat(100)}level: ${value}\n${'b: 2\n'.repeat(100)}`;
    expect(valueTexts(lines('info'), lines('debug'))).toEqual([
      '…: 1\\na: 1\\na: 1\\nlevel: info\\nb: 2\\nb: 2\\nb: 2\\nb: 2…',
      '…: 1\\na: 1\\na: 1\\nlevel: debug\\nb: 2\\nb: 2\\nb: 2\\nb: 2…',
    ]);
  });
});

describe('fields', () => {
  it('of the schema of a definition are named as that describes them', async () => {
    const of = (minimum: number) => {
      const schema = {
        type: 'object',
        properties: {
          spec: { type: 'object', properties: { size: { type: 'integer', minimum } } },
        },
      };
      const { spec, ...rest } = definition('Widget');
      const versions = spec.versions as object[];
      return {
        ...rest,
        spec: {
          ...spec,
          versions: versions.map((one) => ({ ...one, schema: { openAPIV3Schema: schema } })),
        },
      };
    };
    expect(await text([of(1)], [of(2)])).toContain('    schema of v1: spec.size.minimum: 1 → 2\n');
    expect(await text([of(1)], [of(2)], { verbose: true })).toContain(
      '    spec.versions[v1].schema.openAPIV3Schema.properties.spec.properties.size.minimum: 1 → 2\n',
    );
  });

  const rule = fc.record({ verbs: fc.subarray(['get', 'list', 'watch'], { minLength: 1 }) });

  it('of a list of rules are those that come and go', async () => {
    const role = (...verbs: string[]) => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'reader' },
      rules: verbs.map((verb) => ({ apiGroups: [''], resources: ['pods'], verbs: [verb] })),
    });
    const { objects } = await planned([role('get', 'list', 'watch')], [role('get', 'watch')]);
    expect(objects[0]?.fields).toMatchObject([
      { path: 'rules[1]', old: { verbs: ['list'] }, new: null },
    ]);
  });

  it('of lists are none if and only if these are the same', () => {
    const list = fc.array(rule, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(list, list, (old, now) => {
        const changes = changedFields({ rules: old }, { rules: now }, 'ClusterRole');
        expect(changes.length === 0).toBe(JSON.stringify(old) === JSON.stringify(now));
      }),
    );
  });

  it('of longer and shorter lists make the one of the other', () => {
    const list = fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(list, list, (a, b) => {
        fc.pre(a.length !== b.length && a.some((one) => b.includes(one)));
        const [old, now] = [a, b].map((side) => side.map((n) => ({ n: [n] })));
        const changes = changedFields({ rules: old }, { rules: now }, 'ClusterRole');
        const at = (side: 'old' | 'new') =>
          changes.flatMap((change) => JSON.stringify(change[side]).match(/\d+/g) ?? []).map(Number);
        const without = at('old');
        const made = [...a.filter((n) => !without.includes(n)), ...at('new')];
        expect(made.sort()).toEqual([...b].sort());
      }),
    );
  });
});
