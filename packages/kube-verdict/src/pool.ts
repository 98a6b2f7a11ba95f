import type { About, Judgement } from './judgement';
import { notJudged } from './judgement';
import { BEGUN, type ModuleSource, type Reply } from './protocol';
import { startThread, type Thread } from './thread';

/** Requests that a worker is given at a time. */
const CHUNK = 64;
/** Requests that wait before another worker is started. */
const MANY = 192;
/** Milliseconds within which a worker must have loaded its module. */
const START_TIMEOUT = 60_000;
/** The watchdog looks this often within a timeout. */
const LOOKS = 4;

interface Pending {
  readonly request: string;
  resolve(judgement: Judgement): void;
  reject(error: Error): void;
}

interface Lane {
  thread: Thread;
  ready: boolean;
  /** What the worker is answering. */
  chunk: Pending[];
  /** Requests that the worker had begun before the chunk. */
  before: number;
  lastBegun: number;
  /** Looks of the watchdog since the last progress. */
  stalled: number;
}

export interface PoolOptions {
  readonly source: ModuleSource;
  readonly workers: number;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
}

/** Answers requests in worker threads, and replaces a thread that hangs or breaks. */
export class Pool {
  readonly ready: Promise<About>;
  readonly #options: PoolOptions;
  readonly #lanes = new Set<Lane>();
  readonly #queue: Pending[] = [];
  #settle!: { resolve(about: About): void; reject(error: Error): void };
  #compiled: WebAssembly.Module | undefined;
  #workers: number;
  #failure: Error | undefined;
  #watch: NodeJS.Timeout | undefined;
  #flushing = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#workers = options.workers;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever awaits it hears of the failure; nobody else is to be ended by it.
    this.ready.catch(() => undefined);
    this.#addLane();
  }

  /** Requests of one turn of the event loop travel together. */
  ask(request: string): Promise<Judgement> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      if (this.#flushing) return;
      this.#flushing = true;
      queueMicrotask(() => {
        this.#flushing = false;
        this.#dispatch();
      });
    });
  }

  close(): void {
    this.#fail(new Error('this verdict is closed'));
  }

  #addLane(): void {
    const source: ModuleSource =
      this.#compiled === undefined
        ? this.#options.source
        : { kind: 'compiled', module: this.#compiled };
    const lane: Lane = {
      thread: startThread(source),
      ready: false,
      chunk: [],
      before: 0,
      lastBegun: 0,
      stalled: 0,
    };
    this.#lanes.add(lane);
    lane.thread.port.on('message', (reply: Reply) => {
      this.#receive(lane, reply);
    });
    lane.thread.onLost((reason) => {
      this.#replace(lane, reason);
    });
    this.#hold();
    this.#startWatch();
  }

  #dispatch(): void {
    for (const lane of this.#lanes) {
      if (this.#queue.length === 0) break;
      if (!lane.ready || lane.chunk.length > 0) continue;
      lane.chunk = this.#queue.splice(0, CHUNK);
      lane.before = Atomics.load(lane.thread.counts, BEGUN);
      lane.lastBegun = lane.before;
      lane.stalled = 0;
      lane.thread.port.postMessage(lane.chunk.map((p) => p.request));
    }
    if (this.#queue.length > MANY && this.#lanes.size < this.#workers && this.#compiled) {
      this.#addLane();
    }
    this.#hold();
    this.#startWatch();
  }

  /** Keeps the process alive for what somebody waits for, and for nothing else. */
  #hold(): void {
    const waiting = this.#compiled === undefined || this.#queue.length > 0;
    for (const { ready, chunk, thread } of this.#lanes) {
      if (chunk.length > 0 || (!ready && waiting)) thread.port.ref();
      else thread.port.unref();
    }
  }

  #receive(lane: Lane, reply: Reply): void {
    switch (reply.kind) {
      case 'ready':
        lane.ready = true;
        this.#compiled = reply.module;
        this.#settle.resolve(reply.about);
        break;
      case 'failed':
        this.#replace(lane, reply.message);
        return;
      case 'answers':
        resolveAll(lane.chunk, reply.answers);
        lane.chunk = [];
        break;
      case 'trapped':
        resolveAll(lane.chunk.splice(0, reply.answers.length), reply.answers);
        this.#replace(lane, `Kubernetes' code broke on it: ${reply.reason}`, 0);
        return;
    }
    this.#dispatch();
  }

  /** Gives up the request that a lane was at, and starts another lane for the rest. */
  #replace(
    lane: Lane,
    reason: string,
    culprit = Atomics.load(lane.thread.counts, BEGUN) - lane.before - 1,
  ): void {
    this.#lanes.delete(lane);
    lane.thread.end();
    if (!lane.ready) {
      if (this.#lanes.size === 0) {
        this.#fail(new Error(`kube-verdict cannot start: ${reason}`));
      }
      // There is no room for another worker: those that run do the work.
      this.#workers = Math.max(this.#lanes.size, 1);
      return;
    }
    lane.chunk.splice(Math.max(culprit, 0), 1)[0]?.resolve(notJudged(reason));
    this.#queue.unshift(...lane.chunk);
    if (this.#queue.length > 0 || this.#lanes.size === 0) this.#addLane();
    this.#dispatch();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    clearInterval(this.#watch);
    this.#settle.reject(error);
    for (const lane of this.#lanes) {
      lane.thread.end();
      for (const pending of lane.chunk) pending.reject(error);
    }
    this.#lanes.clear();
    for (const pending of this.#queue.splice(0)) pending.reject(error);
  }

  #startWatch(): void {
    const idle = [...this.#lanes].every((lane) => lane.ready && lane.chunk.length === 0);
    if (idle || this.#watch !== undefined) return;
    this.#watch = setInterval(() => {
      this.#look();
    }, this.#options.timeout / LOOKS);
    this.#watch.unref();
  }

  #look(): void {
    let busy = false;
    for (const lane of this.#lanes) {
      if (lane.ready && lane.chunk.length === 0) continue;
      busy = true;
      const begun = Atomics.load(lane.thread.counts, BEGUN);
      lane.stalled = begun === lane.lastBegun ? lane.stalled + 1 : 0;
      lane.lastBegun = begun;
      const allowed = lane.ready ? this.#options.timeout : START_TIMEOUT;
      if (lane.stalled * (this.#options.timeout / LOOKS) < allowed) continue;
      this.#replace(lane, `gave up after ${String(allowed / 1000)} s`);
    }
    if (!busy) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }
}

function resolveAll(pending: readonly Pending[], answers: readonly string[]): void {
  answers.forEach((answer, i) => pending[i]?.resolve(JSON.parse(answer) as Judgement));
}
