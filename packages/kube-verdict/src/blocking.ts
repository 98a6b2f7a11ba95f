import { receiveMessageOnPort } from 'node:worker_threads';
import type { About, Judgement } from './judgement';
import { notJudged } from './judgement';
import { BEGUN, type ModuleSource, type Reply, SENT } from './protocol';
import { startThread, type Thread } from './thread';

/** Requests that the worker is given at a time. */
const CHUNK = 64;
/** Milliseconds within which a worker must have loaded its module. */
const START_TIMEOUT = 60_000;

/**
 * Answers requests while the caller waits, for programs that cannot await. It starts to load when
 * it is made, beside whatever the caller does next.
 */
export class BlockingJudge {
  #thread: Thread;
  #about: About | undefined;
  #compiled: WebAssembly.Module | undefined;

  /**
   * @param timeout milliseconds that one request may take
   */
  constructor(
    source: ModuleSource,
    private readonly timeout: number,
  ) {
    this.#thread = startThread(source);
  }

  /**
   * Waits until the module is loaded.
   * @throws Error when it cannot be
   */
  about(): About {
    this.#about ??= this.#awaitReady();
    return this.#about;
  }

  /** One judgement for each request. What hangs or breaks the module is reported as not judged. */
  judge(requests: readonly string[]): Judgement[] {
    const judgements: Judgement[] = [];
    while (judgements.length < requests.length) {
      const from = judgements.length;
      judgements.push(...this.#judgeChunk(requests.slice(from, from + CHUNK)));
    }
    return judgements;
  }

  /** At least one judgement: fewer than asked for when the module had to be started again. */
  #judgeChunk(chunk: readonly string[]): Judgement[] {
    this.about();
    const { counts, port } = this.#thread;
    const before = Atomics.load(counts, BEGUN);
    port.postMessage(chunk);
    const reply = this.#receive(this.timeout);
    if (reply === undefined) {
      const culprit = Math.max(Atomics.load(counts, BEGUN) - before - 1, 0);
      this.#restart();
      // Those before it were judged, but their judgements went with the worker.
      const again = culprit === 0 ? [] : this.judge(chunk.slice(0, culprit));
      return [...again, notJudged(`gave up after ${String(this.timeout / 1000)} s`)];
    }
    if (reply.kind === 'answers') return reply.answers.map(parse);
    if (reply.kind !== 'trapped') throw new Error(`kube-verdict: unexpected ${reply.kind}`);
    this.#restart();
    const broke = notJudged(`Kubernetes' code broke on it: ${reply.reason}`);
    return [...reply.answers.map(parse), broke];
  }

  #restart(): void {
    this.#thread.end();
    if (this.#compiled === undefined) throw new Error('kube-verdict: no module to start again');
    this.#thread = startThread({ kind: 'compiled', module: this.#compiled });
    this.#about = undefined;
  }

  #awaitReady(): About {
    const reply = this.#receive(START_TIMEOUT);
    if (reply?.kind !== 'ready') {
      const reason = reply?.kind === 'failed' ? reply.message : 'its worker does not answer';
      throw new Error(`kube-verdict cannot start: ${reason}`);
    }
    this.#compiled = reply.module;
    return reply.about;
  }

  /** The next reply; undefined when the worker makes no progress for so many milliseconds. */
  #receive(timeout: number): Reply | undefined {
    const { counts, port } = this.#thread;
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

function parse(answer: string): Judgement {
  return JSON.parse(answer) as Judgement;
}
