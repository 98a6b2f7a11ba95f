import { sha256 } from './digest';
import { instantiate, ModuleTrap } from './instance';
import { type ApplyJudgement, type Judgement, notJudged } from './judgement';
import { bytesOf, type ModuleInput } from './options';
import { Verdict } from './verdict';

export type * from './judgement';
export type { CompiledModule, FetchedModule, ModuleInput } from './options';
export type { Verdict } from './verdict';

export interface LoadOptions {
  /** `verdict.wasm` of this very version: bytes, a fetch Response, or compiled. */
  readonly module: ModuleInput;
}

// Written in by the build.
declare const MODULE_SHA256: string;

/**
 * Starts Kubernetes' code in the calling thread, which may be a Web Worker. There is no watchdog:
 * a page that judges what others wrote should do so in a Web Worker, which it can terminate.
 * @throws Error when the module is damaged or not this version's
 */
export async function loadVerdict(options: LoadOptions): Promise<Verdict> {
  const module = await compiled(options.module);
  let instance = await instantiate(module);
  const judge = {
    async ask(request: string): Promise<Judgement> {
      try {
        return JSON.parse(instance.answer(request)) as ApplyJudgement;
      } catch (error) {
        if (!(error instanceof ModuleTrap)) throw error;
        instance = await instantiate(module);
        return notJudged(`Kubernetes' code broke on it: ${error.message}`);
      }
    },
    close: (): void => undefined,
  };
  return new Verdict(instance.about, judge);
}

async function compiled(input: ModuleInput): Promise<WebAssembly.Module> {
  const given = await bytesOf(input);
  if ('module' in given) return given.module;
  const digest = await sha256(given.bytes);
  if (digest !== MODULE_SHA256) {
    throw new Error(
      `the module's SHA-256 is ${digest}, expected ${MODULE_SHA256}: ` +
        'serve verdict.wasm of this version, or verdict.wasm.br with Content-Encoding: br',
    );
  }
  return WebAssembly.compile(given.bytes as Uint8Array<ArrayBuffer>);
}
