import { App } from './app';
import { RefusedError } from './refused-error';

/**
 * Runs a program: makes an app, has `define` fill it, and writes its manifests. What is refused is printed without a
 * stack, all of it, and the exit code is 1.
 */
export function synthesize(define: (app: App) => void): void {
  try {
    const app = new App();
    define(app);
    app.synth();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
