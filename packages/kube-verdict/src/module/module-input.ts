import { rule } from '../rule';

/** What `fetch` returns, as far as it is needed. */
export interface FetchedModule {
  readonly ok: boolean;
  readonly status: number;
  readonly url: string;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** `WebAssembly.Module`, where the program's TypeScript knows WebAssembly. */
export type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { prototype: infer M } };
}
  ? M
  : object;

/** The module as a program may hand it over. */
export type ModuleInput = Uint8Array | ArrayBuffer | FetchedModule | CompiledModule;

export const MODULE = rule('bytes, a Response or a WebAssembly.Module', (value) => {
  if (typeof value !== 'object' || value === null) return false;
  return (
    ['Uint8Array', 'ArrayBuffer', 'WebAssembly.Module'].includes(tagOf(value)) ||
    ('arrayBuffer' in value && typeof value.arrayBuffer === 'function' && 'ok' in value)
  );
});

/**
 * Bytes of a module that was handed over, or the module if it is compiled already.
 * @throws Error when a fetch failed
 */
export async function bytesOf(
  input: ModuleInput,
): Promise<{ bytes: Uint8Array } | { module: WebAssembly.Module }> {
  if (ArrayBuffer.isView(input)) return { bytes: input as Uint8Array };
  if ('arrayBuffer' in input) {
    if (!input.ok) {
      throw new Error(`the module cannot be fetched: ${input.url} answered ${input.status}`);
    }
    return { bytes: new Uint8Array(await input.arrayBuffer()) };
  }
  return tagOf(input) === 'ArrayBuffer'
    ? { bytes: new Uint8Array(input as ArrayBuffer) }
    : { module: input };
}

/** Whatever realm it is of. */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
