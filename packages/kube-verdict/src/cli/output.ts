/** Where a command prints: lines on standard output, remarks on standard error. */
export class Output {
  private failure: string | undefined;
  private closed = false;

  constructor(
    private readonly out: NodeJS.WriteStream,
    private readonly err: NodeJS.WriteStream,
  ) {
    out.on('error', (error: NodeJS.ErrnoException) => {
      this.closed = true;
      // A reader that has seen enough, such as head, is no mistake.
      if (error.code !== 'EPIPE') this.failure ??= writeFailure(error);
    });
    err.on('error', () => undefined);
  }

  line(text: string): void {
    if (!this.closed) this.out.write(`${text}\n`);
  }

  remark(text: string): void {
    this.err.write(`${text}\n`);
  }

  /** Resolves when all is written, or cannot be: with the reason. */
  async finished(): Promise<string | undefined> {
    if (!this.closed) {
      await new Promise<void>((resolve) => {
        this.out.write('', () => {
          resolve();
        });
      });
    }
    return this.failure;
  }
}

/** Why something cannot be written, for whom wrote it. */
export function writeFailure(
  { code, message }: NodeJS.ErrnoException,
  what = 'the output',
): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOSPC: 'no space is left on the device',
    ENOENT: 'there is no such folder',
  };
  return `${what} cannot be written: ${reasons[code ?? ''] ?? message}`;
}
