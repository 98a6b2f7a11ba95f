import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { ModuleSource, WorkerStart } from './protocol';

/** A worker thread with a module in it. It does not keep the process alive by itself. */
export interface Thread {
  readonly port: MessagePort;
  readonly counts: Int32Array;
  /** Ends the thread at once, whatever it is doing. */
  end(): void;
  /** Calls back when the thread ends by itself. */
  onLost(lost: (reason: string) => void): void;
}

// src and dist are siblings: this holds for the sources under a test runner and when built.
const WORKER = join(__dirname, '..', 'dist', 'worker.js');

export function startThread(source: ModuleSource): Thread {
  if (!existsSync(WORKER)) {
    throw new Error(`kube-verdict is not built: ${WORKER} does not exist. Run npm run build.`);
  }
  const { port1, port2 } = new MessageChannel();
  const counters = new SharedArrayBuffer(8);
  const start: WorkerStart = { source, port: port2, counters };
  const worker = new Worker(WORKER, {
    workerData: start,
    transferList: [port2],
    // Not the program's own: --import tsx would be loaded again in the thread.
    execArgv: [],
    resourceLimits: { stackSizeMb: 16 },
  });
  worker.unref();
  port1.unref();
  let lost: ((reason: string) => void) | undefined;
  const tell = (reason: string): void => {
    lost?.(reason);
    lost = undefined;
  };
  worker.on('error', (error: Error) => {
    tell(error.message);
  });
  worker.on('exit', (code) => {
    tell(`the worker ended with code ${String(code)}`);
  });
  return {
    port: port1,
    counts: new Int32Array(counters),
    end: () => {
      lost = undefined;
      port1.close();
      void worker.terminate();
    },
    onLost: (callback) => {
      lost = callback;
    },
  };
}
