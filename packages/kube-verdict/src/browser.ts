import { sha256 } from './module/sha256';
import { instantiate, ModuleTrap } from './module/instance';
import { bytesOf, MODULE, type ModuleInput } from './module/module-input';
import { checkArgument, OBJECT } from './rule';
import { type Answer, brokeTheModule } from './workers/give-up';
import { Verdict } from './verdict/verdict';

export type * from './verdict/judgement';
export type { CompiledModule, FetchedModule, ModuleInput } from './module/module-input';
export type { Verdict } from './verdict/verdict';

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
  checkArgument('options', OBJECT, options);
  checkArgument('module', MODULE, options.module);
  const module = await compiled(options.module);
  let instance = await instantiate(module);
  const judge = {
    async ask(request: string): Promise<Answer> {
      try {
        return { json: instance.answer(request) };
      } catch (error) {
        if (!(error instanceof ModuleTrap)) throw error;
        instance = await instantiate(module);
        return brokeTheModule(error.message);
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
