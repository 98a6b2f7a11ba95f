import type { MessagePort } from 'node:worker_threads';
import type { ModuleSource } from '../module/load-module';
import type { About } from '../verdict/judgement';

/** What a worker is started with. */
export interface WorkerStart {
  readonly source: ModuleSource;
  readonly port: MessagePort;
  /** Two 32-bit counters, see BEGUN and SENT. */
  readonly counters: SharedArrayBuffer;
}

/** Index of the counter of requests that the worker has begun. */
export const BEGUN = 0;
/** Index of the counter of messages that the worker has sent, on which a blocked caller waits. */
export const SENT = 1;

/** To a worker: requests as JSON. */
export type Ask = readonly string[];

/** From a worker. */
export type Reply =
  | { readonly kind: 'ready'; readonly about: About; readonly module: WebAssembly.Module }
  | { readonly kind: 'failed'; readonly message: string }
  /** One answer, as JSON, for each request of the ask. */
  | { readonly kind: 'answers'; readonly answers: readonly string[] }
  /** The request after the given answers broke the module; the worker ends. */
  | { readonly kind: 'trapped'; readonly answers: readonly string[]; readonly reason: string };
