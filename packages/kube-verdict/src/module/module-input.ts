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

/**
 * Bytes of a module that was handed over, or the module if it is compiled already.
 * @throws Error when a fetch failed
 */
export async function bytesOf(
  input: ModuleInput,
): Promise<{ bytes: Uint8Array } | { module: WebAssembly.Module }> {
  if (ArrayBuffer.isView(input)) return { bytes: input as Uint8Array };
  const tag = Object.prototype.toString.call(input);
  if (tag === '[object ArrayBuffer]') return { bytes: new Uint8Array(input as ArrayBuffer) };
  if (tag === '[object WebAssembly.Module]') return { module: input };
  if ('arrayBuffer' in input) {
    if (!input.ok) {
      throw new Error(
        `the module cannot be fetched: ${input.url} answered ${input.status}`,
      );
    }
    return { bytes: new Uint8Array(await input.arrayBuffer()) };
  }
  throw new TypeError(`module must be bytes, a Response or a WebAssembly.Module; received ${tag}`);
}
