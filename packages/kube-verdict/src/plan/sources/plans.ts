import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { parseJson } from '../../verdict/to-json';
import { PACKAGE_ROOT } from '../../package-root';
import type { Plan } from '../plan-types';
import { SourceError } from './source';

/** Bytes that one file of plans may hold. */
const MAX_FILE = 32 * 1024 * 1024;

/**
 * The plans of files that `-o json` wrote, each held to the JSON Schema of a plan: what wrote it need
 * not be trusted.
 * @throws SourceError
 */
export async function plansIn(files: readonly string[]): Promise<Plan[]> {
  const schema = await readFile(join(PACKAGE_ROOT, 'schema', 'plan.v1.json'), 'utf8');
  const isPlan = new Ajv({ allowUnionTypes: true }).compile<Plan>(JSON.parse(schema) as object);
  const plans: Plan[] = [];
  for (const file of files) {
    const value = await jsonIn(file);
    for (const plan of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (!isPlan(plan)) throw new SourceError(`${file}: ${fault(isPlan.errors ?? [])}`);
      plans.push(plan);
    }
  }
  if (plans.length === 0) throw new SourceError(`${files.join(', ')}: there is no plan in it`);
  return plans;
}

async function jsonIn(file: string): Promise<unknown> {
  try {
    const bytes = await readFile(file);
    if (bytes.length > MAX_FILE) throw new SourceError(`${file}: is larger than 32 MiB`);
    return parseJson(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SourceError(
      code === undefined
        ? `${file}: is no JSON; --read takes what kube-verdict plan -o json wrote`
        : `${file}: cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}`,
    );
  }
}

function fault(errors: readonly ErrorObject[]): string {
  const [first] = errors;
  const at = first === undefined || first.instancePath === '' ? 'it' : first.instancePath;
  return `is no plan of kube-verdict/plan/v1: ${at} ${first?.message ?? 'is something else'}`;
}
