import { availableParallelism } from 'node:os';
import type { ModuleSource } from '../module/load-module';
import type { About } from '../verdict/judgement';
import { BlockingThread } from './blocking-thread';
import type { Answer } from './give-up';
import { ThreadStarter } from './thread';

/** Requests that a thread is given at a time. */
const CHUNK = 64;
/** Requests for which another thread is worth its start. */
const MANY = 512;
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

  /** One answer for each request. */
  ask(requests: readonly string[]): Answer[] {
    // The others take the module that the first has compiled.
    this.about();
    while (this.threads.length < Math.min(this.most, requests.length / MANY))
      this.threads.push(new BlockingThread(this.starter, this.timeout));

    const answers: Answer[] = [];
    const waiting: BlockingThread[] = [];
    const idle = [...this.threads];
    for (let from = 0; from < requests.length; from += CHUNK) {
      // The one that has had its requests for the longest.
      const thread = idle.shift() ?? waiting.shift() ?? this.first;
      answers.push(...thread.take());
      thread.give(requests.slice(from, from + CHUNK));
      waiting.push(thread);
    }
    for (const thread of waiting) answers.push(...thread.take());
    return answers;
  }
}
