/** What runs in a worker thread: it loads the module, then answers asks until its port closes. */
import { workerData } from 'node:worker_threads';
import { type Instance, instantiate } from './instance';
import { loadModule } from './module';
import { type Ask, BEGUN, type Reply, SENT, type WorkerStart } from './protocol';

const { source, port, counters } = workerData as WorkerStart;
const counts = new Int32Array(counters);

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

async function run(): Promise<void> {
  const loaded = await loadModule(source);
  const instance = await instantiate(loaded.module);
  port.on('message', (requests: Ask) => {
    const reply = answerAll(instance, requests);
    send(reply);
    if (reply.kind === 'trapped') port.close();
  });
  send({ kind: 'ready', about: instance.about, module: loaded.module });
  await loaded.keep();
}

run().catch((error: unknown) => {
  send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  port.close();
});
