import { receiveMessageOnPort } from 'node:worker_threads';
import type { About } from '../verdict/judgement';
import { type Answer, brokeTheModule, cannotStart, START_TIMEOUT, tookTooLong } from './give-up';
import { Patience, POLLS } from './patience';
import { BEGUN, type Reply, SENT } from './protocol';
import type { Thread, ThreadStarter } from './thread';

/** A worker thread that is given requests, and whose answers are waited for later. It is started again when it breaks. */
export class BlockingThread {
  private thread: Thread;
  private known: About | undefined;
  private given: readonly string[] = [];
  /** How many requests the thread had begun before those that it was given last. */
  private begun = 0;

  /**
   * @param timeout milliseconds that one request may take
   */
  constructor(
    private readonly threads: ThreadStarter,
    private readonly timeout: number,
  ) {
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

  /** Gives it requests to answer, of which it has none. */
  give(requests: readonly string[]): void {
    const { counts, port } = this.thread;
    this.given = requests;
    this.begun = Atomics.load(counts, BEGUN);
    port.postMessage(requests);
  }

  /** Waits for one answer for each request that it was given. */
  take(): Answer[] {
    const answers: Answer[] = [];
    while (this.given.length > 0) {
      const some = this.takeSome();
      answers.push(...some);
      const left = this.given.slice(some.length);
      this.given = [];
      if (left.length > 0) this.give(left);
    }
    return answers;
  }

  /** At least one answer: fewer than asked for when the module had to be started again. */
  private takeSome(): Answer[] {
    this.about();
    const { given, begun } = this;
    const reply = this.receive(this.timeout);
    if (reply === undefined) {
      const culprit = Math.max(Atomics.load(this.thread.counts, BEGUN) - begun - 1, 0);
      this.restart();
      // Those before it were answered, but their answers went with the worker.
      const again = culprit === 0 ? [] : this.again(given.slice(0, culprit));
      this.given = given;
      return [...again, tookTooLong(this.timeout)];
    }
    if (reply.kind === 'answers') return reply.answers.map((json) => ({ json }));
    if (reply.kind !== 'trapped') throw new Error(`kube-verdict: unexpected ${reply.kind}`);
    this.restart();
    return [...reply.answers.map((json) => ({ json })), brokeTheModule(reply.reason)];
  }

  private again(requests: readonly string[]): Answer[] {
    this.give(requests);
    return this.take();
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
    const interval = timeout / POLLS;
    const patience = new Patience();
    let stalled = 0;
    for (;;) {
      const sent = Atomics.load(counts, SENT);
      const begun = Atomics.load(counts, BEGUN);
      const received = receiveMessageOnPort(port) as { message: Reply } | undefined;
      if (received !== undefined) return received.message;
      const outcome = Atomics.wait(counts, SENT, sent, interval);
      const isStalled = outcome === 'timed-out' && Atomics.load(counts, BEGUN) === begun;
      const counted = patience.counted(interval);
      stalled = isStalled ? stalled + counted : 0;
      if (stalled * interval >= timeout) return undefined;
    }
  }
}
