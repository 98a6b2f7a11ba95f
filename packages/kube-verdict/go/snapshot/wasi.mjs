// A WASI host that is the same on every machine and at every time, for the
// moment when the module is initialised at build time.

const success = 0;
const badFileDescriptor = 8;
const notSupported = 52;

/** The program's name, which klog asks for. */
const name = Buffer.from('verdict\0');

/** The fixed time of day, in nanoseconds. */
const timeOfDay = 1_700_000_000_000_000_000n;
const monotonic = 1;

/** Returns the imports of a module whose exports `instance()` gives. */
export function deterministicWASI(instance) {
  const view = () => new DataView(instance().exports.memory.buffer);
  const bytes = () => new Uint8Array(instance().exports.memory.buffer);
  // Starts at nothing, so that no host's clock is behind it when the module goes on there.
  let clock = 0n;
  let state = 0x9e3779b9;
  const calls = {
    args_sizes_get: (count, size) => (view().setUint32(count, 1, true), view().setUint32(size, name.length, true), success),
    args_get: (vectors, at) => (view().setUint32(vectors, at, true), bytes().set(name, at), success),
    environ_sizes_get: (count, size) => (view().setUint32(count, 0, true), view().setUint32(size, 0, true), success),
    environ_get: () => success,
    clock_time_get: (id, _precision, at) => (view().setBigUint64(at, ++clock + (id === monotonic ? 0n : timeOfDay), true), success),
    random_get: (at, length) => {
      // xorshift32: the seeds of Go's maps have to be the same in every build.
      for (let i = 0; i < length; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        bytes()[at + i] = state;
      }
      return success;
    },
    fd_prestat_get: () => badFileDescriptor,
    fd_fdstat_get: () => badFileDescriptor,
    sched_yield: () => success,
    fd_write: (_fd, vectors, count, written) => {
      let text = '';
      let length = 0;
      for (let i = 0; i < count; i++) {
        const at = view().getUint32(vectors + 8 * i, true);
        const size = view().getUint32(vectors + 8 * i + 4, true);
        text += Buffer.from(bytes().subarray(at, at + size)).toString();
        length += size;
      }
      process.stderr.write(text);
      view().setUint32(written, length, true);
      return success;
    },
    poll_oneoff: (_subscriptions, _events, _count, stored) => (view().setUint32(stored, 0, true), success),
    proc_exit: (code) => {
      throw new Error(`the module exited with code ${code} while it was initialised`);
    },
  };
  return {
    wasi_snapshot_preview1: new Proxy(calls, { get: (target, name) => target[name] ?? (() => notSupported) }),
  };
}
