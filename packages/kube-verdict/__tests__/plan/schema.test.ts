import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { OLD, NEW, planned } from './planned';
import { folderOf, run } from '../command';

const PACKAGE = join(__dirname, '..', '..');
const COMMAND = join(PACKAGE, 'bin', 'kube-verdict.js');
const SCHEMA = readFileSync(join(PACKAGE, 'schema', 'plan.v1.json'), 'utf8');

/** The schema with nothing allowed that it does not name. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const parts = Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, closed(one)]));
  return 'properties' in parts ? { ...parts, additionalProperties: false } : parts;
}

const isPlan = new Ajv({ allowUnionTypes: true }).compile(closed(JSON.parse(SCHEMA)) as object);

describe('the JSON Schema of a plan', () => {
  it('is that of the types', async () => {
    const folder = folderOf({ none: '' });
    const file = join(folder, 'schema.json');
    const { err } = await run(process.execPath, ['schema/generate.mjs', file], { cwd: PACKAGE });
    expect(err).toBe('');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(SCHEMA));
  });

  it.each([
    ['a change of every kind', OLD, NEW],
    ['its contrary', NEW, OLD],
    ['everything created', [], NEW],
    ['everything deleted', OLD, []],
    ['nothing', OLD, OLD],
  ])('describes the plan of %s, and leaves nothing of it out', async (_, old, now) => {
    isPlan(JSON.parse(JSON.stringify(await planned(old, now))));
    expect(isPlan.errors).toBeNull();
  });
});

describe('kube-verdict plan --read', () => {
  const files = folderOf({
    'old.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OLD }),
    'new.json': JSON.stringify({ apiVersion: 'v1', kind: 'List', items: NEW }),
    'no.json': '{"schema":"kube-verdict/plan/v1"}',
    'text.json': 'plan',
    'none.json': '[]',
  });
  const command = (...args: string[]) =>
    run(process.execPath, [COMMAND, 'plan', ...args], { cwd: files });

  it('reports of a plan in a file as of one that is made', async () => {
    const made = await command('-o', 'text', '-o', 'json=plan.json', 'old.json', 'new.json');
    expect(made.code).toBe(1);
    expect(await command('--read', 'plan.json')).toEqual(made);
  });

  it.each([
    ['no.json', /^no\.json: is no plan of kube-verdict\/plan\/v1: it must have required property/],
    ['text.json', /^text\.json: is no JSON; --read takes what kube-verdict plan -o json wrote\n/],
    ['none.json', /^none\.json: there is no plan in it\n/],
    ['nowhere.json', /^nowhere\.json: cannot be read: there is no such file\n/],
  ])('takes no %s', async (file, message) => {
    const { code, out, err } = await command('--read', file);
    expect(err).toMatch(message);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});

it('the libraries of other forms are not loaded for text', async () => {
  const hook = folderOf({
    'hook.cjs': `process.on('exit', () => {
      const large = /node_modules\\/(elkjs|ajv|@kubernetes)\\//;
      console.error(Object.keys(require.cache).filter((file) => large.test(file)).length);
    });`,
    'one.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'one' } }),
  });
  const loaded = async (...args: string[]): Promise<number> => {
    const node = ['-r', './hook.cjs', COMMAND, 'plan', ...args];
    return Number((await run(process.execPath, node, { cwd: hook })).err);
  };
  expect(await loaded('-o', 'html', 'one.json', 'one.json')).toBeGreaterThan(0);
  expect(await loaded('one.json', 'one.json')).toBe(0);
});
