import type { About } from '../verdict/judgement';
import { AnswerCache } from '../workers/answer-cache';
import type { Answer } from '../workers/give-up';
import { openPool } from '../workers/open-pool';
import type { WorkerPool } from '../workers/worker-pool';

/** Answers of the module, which is loaded only where not all are known from an earlier run. */
export class Answers {
  private readonly cache: AnswerCache | undefined;
  private pool: Promise<WorkerPool> | undefined;

  /** @param folder where answers are kept */
  constructor(folder: string | undefined) {
    this.cache = folder === undefined ? undefined : new AnswerCache(folder);
  }

  async about(): Promise<About> {
    const known = this.cache?.about();
    if (known !== undefined) return known;
    const about = await (await this.opened()).ready;
    this.cache?.keepAbout(about);
    return about;
  }

  async ask(request: string): Promise<Answer> {
    const known = this.cache?.get(request);
    if (known !== undefined) return known;
    const answer = await (await this.opened()).ask(request);
    this.cache?.set(request, answer);
    return answer;
  }

  /** Keeps what is new, or says why that cannot be. */
  async close(): Promise<string | undefined> {
    (await this.pool)?.close();
    try {
      this.cache?.save();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  private opened(): Promise<WorkerPool> {
    this.pool ??= openPool();
    return this.pool;
  }
}
