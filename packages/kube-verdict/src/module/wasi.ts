/**
 * The part of WASI preview 1 that Go's runtime needs of a reactor which opens no file:
 * clocks, random bytes, standard error, and empty answers to everything else.
 * https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
 */
const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const NOT_SUPPORTED = 52;

const REALTIME = 0;
const CHARACTER_DEVICE = 2;
const ALL_RIGHTS = 0xffff_ffff_ffff_ffffn;

/** Go wants a name in argv[0]; klog's init panics without one. */
const ARGUMENTS = ['kube-verdict'];

/** The module asked to end the process: Go's runtime does so after a fatal error. */
export class ModuleExit extends Error {
  constructor(readonly code: number) {
    super(`the module ended with exit code ${code}`);
    this.name = 'ModuleExit';
  }
}

export interface Wasi {
  /** What a module imports from `wasi_snapshot_preview1`. */
  readonly imports: Record<string, (...args: never[]) => number>;
  /** Call once the instance exists, before it runs. */
  attach(memory: WebAssembly.Memory): void;
  /** The last of what the module wrote to standard output and error. */
  output(): string;
}

export function wasi(): Wasi {
  let memory: WebAssembly.Memory | undefined;
  let written = '';
  const decoder = new TextDecoder();

  // The buffer is another one whenever the memory has grown.
  const bytes = (address: number, length: number): Uint8Array => {
    if (memory === undefined) throw new Error('the module ran before its memory was attached');
    return new Uint8Array(memory.buffer, address >>> 0, length >>> 0);
  };
  const view = (address: number, length: number): DataView => {
    const at = bytes(address, length);
    return new DataView(at.buffer, at.byteOffset, at.byteLength);
  };
  const setSize = (address: number, value: number): void => {
    view(address, 4).setUint32(0, value, true);
  };

  const encode = (strings: readonly string[]): Uint8Array[] =>
    strings.map((s) => new TextEncoder().encode(`${s}\0`));
  const strings = (list: readonly Uint8Array[]) => ({
    sizes: (count: number, size: number): number => {
      setSize(count, list.length);
      setSize(
        size,
        list.reduce((sum, s) => sum + s.length, 0),
      );
      return SUCCESS;
    },
    get: (pointers: number, buffer: number): number => {
      let at = buffer;
      list.forEach((s, i) => {
        setSize(pointers + 4 * i, at);
        bytes(at, s.length).set(s);
        at += s.length;
      });
      return SUCCESS;
    },
  });
  const args = strings(encode(ARGUMENTS));
  const environment = strings([]);

  const calls: Record<string, (...args: never[]) => number> = {
    args_sizes_get: args.sizes,
    args_get: args.get,
    environ_sizes_get: environment.sizes,
    environ_get: environment.get,
    clock_time_get(clock: number, _precision: bigint, address: number): number {
      const ms = clock === REALTIME ? Date.now() : performance.now();
      view(address, 8).setBigUint64(0, BigInt(Math.round(ms * 1e6)), true);
      return SUCCESS;
    },
    random_get(address: number, length: number): number {
      // Web Crypto fills at most 65,536 bytes a call.
      for (let at = 0; at < length; at += 65_536) {
        const part = new Uint8Array(Math.min(65_536, length - at));
        bytes(address + at, part.length).set(crypto.getRandomValues(part));
      }
      return SUCCESS;
    },
    fd_write(_descriptor: number, vectors: number, count: number, address: number): number {
      let total = 0;
      for (let i = 0; i < count; i++) {
        const vector = view(vectors + 8 * i, 8);
        const length = vector.getUint32(4, true);
        written += decoder.decode(bytes(vector.getUint32(0, true), length));
        total += length;
      }
      written = written.slice(-8192);
      setSize(address, total);
      return SUCCESS;
    },
    fd_fdstat_get(descriptor: number, address: number): number {
      if (descriptor > 2) return BAD_DESCRIPTOR;
      const stat = view(address, 24);
      stat.setBigUint64(0, BigInt(CHARACTER_DEVICE), true);
      stat.setBigUint64(8, ALL_RIGHTS, true);
      stat.setBigUint64(16, 0n, true);
      return SUCCESS;
    },
    fd_fdstat_set_flags: () => SUCCESS,
    // No folder is open: the list of preopened descriptors ends at once.
    fd_prestat_get: () => BAD_DESCRIPTOR,
    sched_yield: () => SUCCESS,
    /** Go sleeps by it. Every subscription is answered as due, so nothing ever blocks. */
    poll_oneoff(subscriptions: number, events: number, count: number, address: number): number {
      for (let i = 0; i < count; i++) {
        const event = view(events + 32 * i, 32);
        const subscription = view(subscriptions + 48 * i, 48);
        event.setBigUint64(0, subscription.getBigUint64(0, true), true);
        event.setUint16(8, SUCCESS, true);
        event.setUint8(10, subscription.getUint8(8));
      }
      setSize(address, count);
      return SUCCESS;
    },
    proc_exit(code: number): never {
      throw new ModuleExit(code);
    },
  };

  return {
    imports: new Proxy(calls, {
      get: (known, name) => known[String(name)] ?? (() => NOT_SUPPORTED),
    }),
    attach: (of) => {
      memory = of;
    },
    output: () => written,
  };
}
