import type { About } from '../verdict/judgement';
import { ModuleExit, wasi } from './wasi';

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly _initialize?: () => void;
  readonly alloc: (length: number) => number;
  readonly answer: () => bigint;
}

/** A running module: Kubernetes' code with a memory of its own. */
export interface Instance {
  readonly about: About;
  /**
   * @param request JSON of one request
   * @returns JSON of its answer
   * @throws ModuleTrap when the module broke; the instance must not be used again
   */
  answer(request: string): string;
  /** The size of its memory in bytes, which never shrinks. */
  memorySize(): number;
}

/** The module broke while it answered: a stack that overflowed, memory that ran out, a fatal error. */
export class ModuleTrap extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ModuleTrap';
  }
}

/**
 * Instantiates and initialises a module.
 * @throws Error when it is not a module of this package
 */
export async function instantiate(module: WebAssembly.Module): Promise<Instance> {
  const names = new Set(WebAssembly.Module.exports(module).map((e) => e.name));
  const missing = ['memory', 'alloc', 'answer'].filter((name) => !names.has(name));
  if (missing.length > 0) {
    throw new Error(
      `this WebAssembly module is not kube-verdict's: it does not export ${missing.join(', ')}`,
    );
  }
  const system = wasi();
  const instance = await WebAssembly.instantiate(module, {
    wasi_snapshot_preview1: system.imports,
  });
  const exports = instance.exports as unknown as Exports;
  system.attach(exports.memory);

  const trap = (error: unknown): ModuleTrap => {
    const said = /^(?:panic|fatal error|runtime): .*$/m.exec(system.output())?.[0];
    if (error instanceof ModuleExit) return new ModuleTrap(said ?? error.message);
    if (error instanceof RangeError) return new ModuleTrap('its nesting overflows the stack');
    const reason = error instanceof Error ? error.message : String(error);
    return new ModuleTrap(said === undefined ? reason : `${reason} (${said})`);
  };

  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const answer = (request: string): string => {
    try {
      const bytes = encoder.encode(request);
      const address = exports.alloc(bytes.length) >>> 0;
      new Uint8Array(exports.memory.buffer, address, bytes.length).set(bytes);
      const result = BigInt.asUintN(64, exports.answer());
      const at = Number(result >> 32n);
      const length = Number(result & 0xffff_ffffn);
      return decoder.decode(new Uint8Array(exports.memory.buffer, at, length));
    } catch (error) {
      throw trap(error);
    }
  };

  try {
    exports._initialize?.();
  } catch (error) {
    throw trap(error);
  }
  return {
    about: JSON.parse(answer('{"op":"about"}')) as About,
    answer,
    memorySize: () => exports.memory.buffer.byteLength,
  };
}
