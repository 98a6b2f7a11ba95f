/** What the text of a plan says once, and what it shows of long values. */
import fc from 'fast-check';
import { valueTexts } from '../../src/plan/wording';
import { configMap, deployment, widget } from './manifests';
import { text } from './planned';

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
