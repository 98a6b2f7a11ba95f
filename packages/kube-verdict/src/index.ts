import { Verdict } from './verdict/verdict';
import { type LoadOptions, openPool } from './workers/open-pool';

export type * from './verdict/judgement';
export type { CompiledModule, FetchedModule, ModuleInput } from './module/module-input';
export type { Note, ReadDocument, ReadObject } from './reading/reader';
export type { Verdict } from './verdict/verdict';
export type { LoadOptions } from './workers/open-pool';

/**
 * Starts a worker thread with Kubernetes' code in it and resolves when it is ready to judge.
 * @throws Error when the module is damaged or not this version's, and says how to fix it
 */
export async function loadVerdict(options: LoadOptions = {}): Promise<Verdict> {
  const pool = await openPool(options);
  return new Verdict(await pool.ready, pool);
}
