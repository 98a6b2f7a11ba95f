import { availableParallelism } from 'node:os';
import type { ModuleSource } from '../module/load-module';
import type { About } from '../verdict/judgement';
import { BlockingThread } from './blocking-thread';
import type { Answer } from './give-up';
import { ThreadStarter } from './thread';

/** Requests that a thread is given at a time. */
const CHUNK = 64;
/** Requests for which another thread is worth its start. */
const MANY = 256;
const MOST_THREADS = 4;

/**
 * Answers requests while the caller waits, for callers that cannot await. It starts to load when
 * it is made, beside whatever the caller does next.
 */
export class BlockingWorker {
  private readonly starter: ThreadStarter;
  private readonly first: BlockingThread;
  private readonly threads: BlockingThread[];

  /**
   * @param timeout milliseconds that one request may take
   * @param most threads, of which all but the first start when much is asked
   */
  constructor(
    source: ModuleSource,
    private readonly timeout: number,
    private readonly most = Math.min(availableParallelism(), MOST_THREADS),
  ) {
    this.starter = new ThreadStarter(source);
    this.first = new BlockingThread(this.starter, timeout);
    this.threads = [this.first];
  }

  /**
   * Waits until the module is loaded.
   * @throws Error when it cannot be
   */
  about(): About {
    return this.first.about();
  }

  /**
   * One answer for each request. Those that come first are answered while the next are made.
   */
  ask(requests: Iterable<string>): Answer[] {
    const answers: Answer[] = [];
    const idle = [...this.threads];
    const busy: BlockingThread[] = [];
    let given = 0;
    for (const chunk of chunksOf(requests)) {
      // The one that has had its requests for the longest.
      const thread = idle.shift() ?? this.another(given) ?? busy.shift() ?? this.first;
      answers.push(...thread.take());
      thread.give(chunk);
      given += chunk.length;
      busy.push(thread);
    }
    for (const thread of busy) answers.push(...thread.take());
    return answers;
  }

  /** Another thread, if so many requests are worth its start. */
  private another(given: number): BlockingThread | undefined {
    if (given < MANY || this.threads.length >= this.most) return undefined;
    // It takes the module that the first has compiled.
    this.about();
    const thread = new BlockingThread(this.starter, this.timeout);
    this.threads.push(thread);
    return thread;
  }
}

function* chunksOf(requests: Iterable<string>): Generator<string[]> {
  let chunk: string[] = [];
  for (const request of requests) {
    chunk.push(request);
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
