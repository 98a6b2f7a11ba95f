/** Each step of a long command, printed with the time that it took. */
import { ClusterError } from './cluster-error';

/** A step that lasts longer than this (milliseconds) is announced before it ends. */
const ANNOUNCED_AFTER = 2_000;
/** Milliseconds until a step that goes on is announced again. */
const AGAIN_AFTER = 15_000;

export class Steps {
  private readonly begun = Date.now();

  /** @param print receives one line at a time, without its newline. */
  constructor(private readonly print: (line: string) => void) {}

  /**
   * Does the work, and prints its name, its outcome and its seconds; while it lasts, that it goes on.
   *
   * @param work may say, as it goes along, what it is at.
   * @param tell words for the result. @default none
   *
   * @throws {ClusterError} what the work threw, with the step's name before the message.
   */
  async step<T>(
    name: string,
    work: (at: (what: string) => void) => Promise<T>,
    tell: (result: T) => string = () => '',
  ): Promise<T> {
    const begun = Date.now();
    let at = '';
    const goesOn = () => `  ...  ${name}${at === '' ? '' : `: ${at}`}`;
    const first = setTimeout(() => {
      this.print(goesOn());
    }, ANNOUNCED_AFTER);
    const again = setInterval(() => {
      this.print(`${goesOn()} ${seconds(begun)}`);
    }, AGAIN_AFTER);
    try {
      const result = await work((what) => {
        at = what;
      });
      const told = tell(result);
      this.print(`  ok   ${name}${told === '' ? '' : `: ${told}`} ${seconds(begun)}`);
      return result;
    } catch (error) {
      this.print(`  FAIL ${name} ${seconds(begun)}`);
      if (error instanceof ClusterError) {
        throw new ClusterError(`${name}: ${error.message}`, { cause: error });
      }
      throw error;
    } finally {
      clearTimeout(first);
      clearInterval(again);
    }
  }

  /** Something worth knowing that took no time. */
  note(line: string): void {
    this.print(`       ${line}`);
  }

  /** Prints what was reached, with the seconds since the first step. */
  done(what: string): void {
    this.print(`${what} ${seconds(this.begun)}`);
  }
}

function seconds(since: number): string {
  return `(${((Date.now() - since) / 1000).toFixed(1)} s)`;
}
