import { receiveMessageOnPort } from 'node:worker_threads';
import type { ModuleSource } from '../module/load-module';
import type { About } from '../verdict/judgement';
import { type Answer, brokeTheModule, cannotStart, START_TIMEOUT, tookTooLong } from './give-up';
import { BEGUN, type Reply, SENT } from './protocol';
import { type Thread, ThreadStarter } from './thread';

/** Requests that the worker is given at a time. */
const CHUNK = 64;

/**
 * Answers requests while the caller waits, for callers that cannot await. It starts to load when
 * it is made, beside whatever the caller does next.
 */
export class BlockingWorker {
  private readonly threads: ThreadStarter;
  private thread: Thread;
  private known: About | undefined;

  /**
   * @param timeout milliseconds that one request may take
   */
  constructor(
    source: ModuleSource,
    private readonly timeout: number,
  ) {
    this.threads = new ThreadStarter(source);
    this.thread = this.threads.start();
  }

  /**
   * Waits until the module is loaded.
   * @throws Error when it cannot be
   */
  about(): About {
    this.known ??= this.awaitReady();
    return this.known;
  }

  /** One answer for each request. */
  ask(requests: readonly string[]): Answer[] {
    const answers: Answer[] = [];
    while (answers.length < requests.length) {
      const from = answers.length;
      answers.push(...this.askChunk(requests.slice(from, from + CHUNK)));
    }
    return answers;
  }

  /** At least one answer: fewer than asked for when the module had to be started again. */
  private askChunk(chunk: readonly string[]): Answer[] {
    this.about();
    const { counts, port } = this.thread;
    const before = Atomics.load(counts, BEGUN);
    port.postMessage(chunk);
    const reply = this.receive(this.timeout);
    if (reply === undefined) {
      const culprit = Math.max(Atomics.load(counts, BEGUN) - before - 1, 0);
      this.restart();
      // Those before it were answered, but their answers went with the worker.
      const again = culprit === 0 ? [] : this.ask(chunk.slice(0, culprit));
      return [...again, tookTooLong(this.timeout)];
    }
    if (reply.kind === 'answers') return reply.answers.map((json) => ({ json }));
    if (reply.kind !== 'trapped') throw new Error(`kube-verdict: unexpected ${reply.kind}`);
    this.restart();
    return [...reply.answers.map((json) => ({ json })), brokeTheModule(reply.reason)];
  }

  private restart(): void {
    this.thread.end();
    this.thread = this.threads.start();
    this.known = undefined;
  }

  private awaitReady(): About {
    const reply = this.receive(START_TIMEOUT);
    if (reply?.kind !== 'ready') {
      throw cannotStart(reply?.kind === 'failed' ? reply.message : 'its worker does not answer');
    }
    this.threads.keep(reply.module);
    return reply.about;
  }

  /** The next reply; undefined when the worker makes no progress for so many milliseconds. */
  private receive(timeout: number): Reply | undefined {
    const { counts, port } = this.thread;
    for (;;) {
      const sent = Atomics.load(counts, SENT);
      const begun = Atomics.load(counts, BEGUN);
      const received = receiveMessageOnPort(port) as { message: Reply } | undefined;
      if (received !== undefined) return received.message;
      const outcome = Atomics.wait(counts, SENT, sent, timeout);
      if (outcome === 'timed-out' && Atomics.load(counts, BEGUN) === begun) return undefined;
    }
  }
}
