/** What runs in a worker thread: it loads the module, then answers asks until its port closes. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { type Instance, instantiate } from '../module/instance';
import { loadModule } from '../module/load-module';
import { type Ask, BEGUN, type Reply, SENT, type WorkerStart } from './protocol';

const { source, port, counters } = workerData as WorkerStart;
const counts = new Int32Array(counters);

/** Bytes of memory with which an instance is replaced by a fresh one of some 30 MB. */
const MAX_MEMORY = 64 * 1024 * 1024;

function send(reply: Reply): void {
  port.postMessage(reply);
  Atomics.add(counts, SENT, 1);
  Atomics.notify(counts, SENT);
}

function answerAll(instance: Instance, requests: Ask): Reply {
  const answers: string[] = [];
  for (const request of requests) {
    Atomics.add(counts, BEGUN, 1);
    try {
      answers.push(instance.answer(request));
    } catch (error) {
      return { kind: 'trapped', answers, reason: (error as Error).message };
    }
  }
  return { kind: 'answers', answers };
}

/** V8 does not count the memory of an instance, and would keep it for long. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  setFlagsFromString('--no-expose-gc');
}

async function run(): Promise<void> {
  const { module, kept } = await loadModule(source);
  let instance: Instance | undefined = await instantiate(module);
  const { about } = instance;
  // A program may end as soon as it has its answers, and would cut the writing short.
  await kept;
  port.on('message', (requests: Ask) => {
    void (async () => {
      instance ??= await instantiate(module);
      const reply = answerAll(instance, requests);
      send(reply);
      if (reply.kind === 'trapped') {
        port.close();
      } else if (instance.memorySize() > MAX_MEMORY) {
        instance = undefined;
        collectGarbage();
      }
    })();
  });
  send({ kind: 'ready', about, module });
}

run().catch((error: unknown) => {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
});
