import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import { DEFINITIONS } from '../../commands/audit/definitions';
import type { Definition } from '../../commands/audit/kubeconform-schemas';
import { parseObjects } from '../../commands/environment-folders';
import { filesBelow } from '../../commands/outputs';

const ROOT = join(__dirname, '..', '..');

/** A definition's schema, under which a field that it does not name is an error, as under strict field validation. */
function validator(module: string, file: string, version: string): ValidateFunction {
  const { Dir } = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', module], {
      encoding: 'utf8',
      env: { ...process.env, GOFLAGS: '' },
    }),
  ) as { Dir: string };
  const { spec } = parse(readFileSync(join(Dir, file), 'utf8')) as Definition;
  const schema = spec.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${module} has no ${spec.names.kind} ${version}`);
  const strict = JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    // Go's flags of patterns are not JavaScript's.
    if (key === 'pattern' && typeof value === 'string' && value.includes('(?i)')) return '';
    return isObject(value) && key !== 'properties' && isObject(value.properties)
      ? { additionalProperties: false, ...value }
      : value;
  }) as object;
  return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(strict);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const written = ['dist', 'gitops'].flatMap((folder) =>
  filesBelow(join(ROOT, folder))
    .filter((file) => file.endsWith('.yaml'))
    .flatMap((file) => parseObjects(readFileSync(join(ROOT, folder, file), 'utf8'))),
);
const objects = written.filter(({ kind }) => kind in DEFINITIONS);

describe.each(Object.entries(DEFINITIONS))('%s', (kind, [module, file]) => {
  const ofKind = objects.filter((object) => object.kind === kind);
  const validate = validator(module, file, ofKind[0]?.apiVersion.split('/')[1] ?? '');

  it('is what the definition of its project takes', () => {
    expect(ofKind.length).toBeGreaterThan(0);
    expect(
      ofKind.map((object) => {
        validate(object);
        return validate.errors ?? [];
      }),
    ).toEqual(ofKind.map(() => []));
  });

  it('would not be, with a field that there is not', () => {
    const [object] = ofKind;
    expect(validate({ ...object, spec: { ...object?.spec, filed: 1 } })).toBe(false);
  });
});

it('is of a kind that kube-verdict judges, or of these', () => {
  const others = written
    .filter(({ apiVersion }) => apiVersion.split('/')[0]?.includes('.') === true)
    .filter(
      ({ apiVersion }) => !apiVersion.includes('.k8s.io/') || apiVersion.startsWith('gateway'),
    )
    .map(({ kind }) => kind);
  expect([...new Set(others)].sort()).toEqual(Object.keys(DEFINITIONS));
});
