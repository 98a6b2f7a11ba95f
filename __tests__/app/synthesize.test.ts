import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { addValidation, synthesize } from '../../lib';

const error = { field: 'name', rule: 'must be given', received: undefined, fix: 'give it' };

let printed: string[];
beforeEach(() => {
  printed = [];
  jest.spyOn(console, 'error').mockImplementation((line: string) => printed.push(line));
});
afterEach(() => {
  jest.restoreAllMocks();
  process.exitCode = undefined;
});

it('prints what is not valid, without a stack, and ends with 1', () => {
  synthesize((app) => {
    addValidation(app, () => [error]);
  });
  expect(printed.join('\n')).toContain('name: must be given; received undefined; give it');
  expect(printed.join('\n')).not.toContain('    at ');
  expect(process.exitCode).toBe(1);
});

it('writes to the folder that it is given, and judges all the same', () => {
  const outdir = mkdtempSync(join(tmpdir(), 'synthesize-'));
  const make = (data: Record<string, string>) => {
    synthesize(
      (app) => {
        new ApiObject(new Chart(app, 'chart'), 'config', {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'web' },
          data,
        });
      },
      { outdir },
    );
  };
  make({ 'no key': 'x' });
  expect(printed.join('\n')).toContain('[chart/config] ConfigMap default/web: data[no key]');
  expect(readdirSync(outdir)).toEqual([]);
  make({ key: 'x' });
  expect(readdirSync(outdir)).toEqual(['chart.k8s.yaml']);
  rmSync(outdir, { recursive: true });
});

it('leaves a mistake of the app as it was thrown', () => {
  expect(() => {
    synthesize(() => {
      throw new Error('by intent');
    });
  }).toThrow('by intent');
});
