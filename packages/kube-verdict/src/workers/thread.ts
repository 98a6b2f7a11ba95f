import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import { PACKAGE_ROOT } from '../package-root';
import type { ModuleSource } from '../module/load-module';
import { brokeTheModule } from './give-up';
import type { Reply, WorkerStart } from './protocol';

/** A worker thread with a module in it. It does not keep the process alive by itself. */
export interface Thread {
  readonly port: MessagePort;
  readonly counts: Int32Array;
  /** Ends the thread at once, whatever it is doing. */
  end(): void;
  /** Calls back when the thread ends by itself. */
  onLost(lost: (reason: string) => void): void;
}

const WORKER = join(PACKAGE_ROOT, 'dist', 'worker.js');

/** Starts worker threads. The first compiles the module, which the next take as it is. */
export class ThreadStarter {
  private compiled: WebAssembly.Module | undefined;

  constructor(private readonly source: ModuleSource) {}

  start(): Thread {
    return startThread(
      this.compiled === undefined ? this.source : { kind: 'compiled', module: this.compiled },
    );
  }

  /** Takes note of the module that a thread has compiled. */
  keep(module: WebAssembly.Module): void {
    this.compiled = module;
  }

  /** Whether another thread would not have to compile. */
  get hasModule(): boolean {
    return this.compiled !== undefined;
  }
}

function startThread(source: ModuleSource): Thread {
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
    // The texts that pass through live shortly.
    resourceLimits: { stackSizeMb: 16, maxYoungGenerationSizeMb: 4 },
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
    tell(lastWords(port1) ?? `the worker ended with code ${code}`);
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

/** Why a worker has ended, where it said so and its end was heard of first. */
function lastWords(port: MessagePort): string | undefined {
  const said = receiveMessageOnPort(port) as { message: Reply } | undefined;
  switch (said?.message.kind) {
    case 'failed':
      return said.message.message;
    case 'trapped':
      return brokeTheModule(said.message.reason).gaveUp;
    default:
      return undefined;
  }
}
