import type { ModuleSource } from '../module/load-module';
import type { About } from '../verdict/judgement';
import {
  type Answer,
  brokeTheModule,
  cannotStart,
  type GaveUp,
  START_TIMEOUT,
  tookTooLong,
} from './give-up';
import { Patience, POLLS } from './patience';
import { BEGUN, type Reply } from './protocol';
import { type Thread, ThreadStarter } from './thread';

/** Requests that a worker is given at a time. */
const CHUNK = 64;
/** Requests that wait before another worker is started. */
const MANY = 192;

interface Pending {
  readonly request: string;
  resolve(answer: Answer): void;
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
  /** Polls of the watchdog since the last progress. */
  stalled: number;
}

export interface WorkerPoolOptions {
  readonly source: ModuleSource;
  readonly workers: number;
  /** Milliseconds that one request may take. */
  readonly timeout: number;
}

/** Answers requests in worker threads, and replaces a thread that hangs or breaks. */
export class WorkerPool {
  readonly ready: Promise<About>;
  private readonly options: WorkerPoolOptions;
  private readonly threads: ThreadStarter;
  private readonly lanes = new Set<Lane>();
  private readonly queue: Pending[] = [];
  private settle!: { resolve(about: About): void; reject(error: Error): void };
  private workers: number;
  private failure: Error | undefined;
  private watch: NodeJS.Timeout | undefined;
  private patience = new Patience();
  private flushing = false;

  constructor(options: WorkerPoolOptions) {
    this.options = options;
    this.threads = new ThreadStarter(options.source);
    this.workers = options.workers;
    this.ready = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
    // Whoever awaits it hears of the failure; nobody else is to be ended by it.
    this.ready.catch(() => undefined);
    this.addLane();
  }

  /** Requests of one turn of the event loop travel together. */
  ask(request: string): Promise<Answer> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      this.queue.push({ request, resolve, reject });
      if (this.flushing) return;
      this.flushing = true;
      queueMicrotask(() => {
        this.flushing = false;
        this.dispatch();
      });
    });
  }

  close(): void {
    this.fail(new Error('this verdict is closed'));
  }

  private addLane(): void {
    const lane: Lane = {
      thread: this.threads.start(),
      ready: false,
      chunk: [],
      before: 0,
      lastBegun: 0,
      stalled: 0,
    };
    this.lanes.add(lane);
    lane.thread.port.on('message', (reply: Reply) => {
      this.receive(lane, reply);
    });
    lane.thread.onLost((reason) => {
      this.replace(lane, { gaveUp: reason });
    });
    this.hold();
    this.startWatch();
  }

  private dispatch(): void {
    for (const lane of this.lanes) {
      if (this.queue.length === 0) break;
      if (!lane.ready || lane.chunk.length > 0) continue;
      lane.chunk = this.queue.splice(0, CHUNK);
      lane.before = Atomics.load(lane.thread.counts, BEGUN);
      lane.lastBegun = lane.before;
      lane.stalled = 0;
      lane.thread.port.postMessage(lane.chunk.map((p) => p.request));
    }
    if (this.queue.length > MANY && this.lanes.size < this.workers && this.threads.hasModule) {
      this.addLane();
    }
    this.hold();
    this.startWatch();
  }

  /** Keeps the process alive for what somebody waits for, and for nothing else. */
  private hold(): void {
    const waiting = !this.threads.hasModule || this.queue.length > 0;
    for (const { ready, chunk, thread } of this.lanes) {
      if (chunk.length > 0 || (!ready && waiting)) thread.port.ref();
      else thread.port.unref();
    }
  }

  private receive(lane: Lane, reply: Reply): void {
    switch (reply.kind) {
      case 'ready':
        lane.ready = true;
        this.threads.keep(reply.module);
        this.settle.resolve(reply.about);
        break;
      case 'failed':
        this.replace(lane, { gaveUp: reply.message });
        return;
      case 'answers':
        resolveAll(lane.chunk, reply.answers);
        lane.chunk = [];
        break;
      case 'trapped':
        resolveAll(lane.chunk.splice(0, reply.answers.length), reply.answers);
        this.replace(lane, brokeTheModule(reply.reason), 0);
        return;
    }
    this.dispatch();
  }

  /** Gives up the request that a lane was at, and starts another lane for the rest. */
  private replace(
    lane: Lane,
    answer: GaveUp,
    culprit = Atomics.load(lane.thread.counts, BEGUN) - lane.before - 1,
  ): void {
    this.lanes.delete(lane);
    lane.thread.end();
    if (!lane.ready) {
      if (this.lanes.size === 0) {
        this.fail(cannotStart(answer.gaveUp));
      }
      // There is no room for another worker: those that run do the work.
      this.workers = Math.max(this.lanes.size, 1);
      return;
    }
    lane.chunk.splice(Math.max(culprit, 0), 1)[0]?.resolve(answer);
    this.queue.unshift(...lane.chunk);
    if (this.queue.length > 0 || this.lanes.size === 0) this.addLane();
    this.dispatch();
  }

  private fail(error: Error): void {
    this.failure ??= error;
    clearInterval(this.watch);
    this.settle.reject(error);
    for (const lane of this.lanes) {
      lane.thread.end();
      for (const pending of lane.chunk) pending.reject(error);
    }
    this.lanes.clear();
    for (const pending of this.queue.splice(0)) pending.reject(error);
  }

  private startWatch(): void {
    const idle = [...this.lanes].every((lane) => lane.ready && lane.chunk.length === 0);
    if (idle || this.watch !== undefined) return;
    this.patience = new Patience();
    this.watch = setInterval(() => {
      this.poll();
    }, this.options.timeout / POLLS);
    this.watch.unref();
  }

  private poll(): void {
    let busy = false;
    const interval = this.options.timeout / POLLS;
    const counts = this.patience.counted(interval);
    for (const lane of this.lanes) {
      if (lane.ready && lane.chunk.length === 0) continue;
      busy = true;
      const begun = Atomics.load(lane.thread.counts, BEGUN);
      lane.stalled = begun === lane.lastBegun ? lane.stalled + counts : 0;
      lane.lastBegun = begun;
      const allowed = lane.ready ? this.options.timeout : START_TIMEOUT;
      if (lane.stalled * interval < allowed) continue;
      this.replace(lane, tookTooLong(allowed));
    }
    if (!busy) {
      clearInterval(this.watch);
      this.watch = undefined;
    }
  }
}

function resolveAll(pending: readonly Pending[], answers: readonly string[]): void {
  answers.forEach((answer, i) => pending[i]?.resolve({ json: answer }));
}
