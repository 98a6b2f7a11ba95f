/** Results that are waited for at a time. */
const OUTSTANDING = 512;

/** Hands results on in the order of their questions, however they come in. */
export class InOrder {
  private readonly waiting: (() => Promise<void>)[] = [];

  /** Resolves when there is room for another question. */
  async add<T>(result: Promise<T>, then: (value: T) => void): Promise<void> {
    // A failure is met when its turn comes.
    result.catch(() => undefined);
    this.waiting.push(async () => {
      then(await result);
    });
    if (this.waiting.length >= OUTSTANDING) await this.waiting.shift()?.();
  }

  async done(): Promise<void> {
    for (const next of this.waiting.splice(0)) await next();
  }
}
