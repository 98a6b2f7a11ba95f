/** `npm start`: from a clone to the lesson's Deployment answering. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  ClusterError,
  type ClusterOptions,
  clusterProvider,
  interruptRuns,
  Steps,
} from 'local-cluster';
import { withClusterLock } from './cluster-lock';
import { parseArguments, runCommand, UsageError } from './command';
import { deployLesson } from './deploy-lesson';
import { Interruption, interruptions } from './interruption';

const USAGE = `npm start [-- options]

  --context NAME     use the cluster of this kubeconfig context (or E2E_CONTEXT)
  --registry HOST    where images go for a named context, as host[:port][/path]
  --help             this text

exit code: 0 the Deployment answers, 1 it does not, 2 wrong usage`;

/** Milliseconds for what was interrupted to end. */
const END_TIMEOUT = 15_000;
const INTERRUPT_INTERVAL = 200;

type Options = Pick<ClusterOptions, 'context' | 'registry'>;

const print = (line: string) => {
  console.log(line);
};

runCommand(
  async (argv) => {
    const options = parseOptions(argv);
    const signal = interruptions('stopping', print);
    const work = withClusterLock('running npm start', () => start(options, signal));
    const aborted = new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    await Promise.race([work, aborted]).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (!signal.aborted) return;
    // What the work still begins on its way out is ended too. Temporary files go with the work that made them.
    setInterval(() => {
      interruptRuns('SIGINT');
    }, INTERRUPT_INTERVAL);
    await Promise.race([work.catch(() => undefined), pause(END_TIMEOUT)]);
    if (!(signal.reason instanceof Interruption)) throw signal.reason;
    console.error(
      `${signal.reason.message}; npm start goes on from here, and npm run cluster -- down removes the cluster`,
    );
    process.exit(signal.reason.exitCode);
  },
  [ClusterError],
);

/** @throws {UsageError} saying which word is wrong. */
function parseOptions(argv: readonly string[]): Options {
  const { values } = parseArguments(argv, {
    usage: USAGE,
    options: { context: { type: 'string' }, registry: { type: 'string' } },
  });
  for (const [name, value] of Object.entries(values)) {
    if (value === '') throw new UsageError(`--${name} must not be empty\nusage: ${USAGE}`);
  }
  const { E2E_CONTEXT } = process.env;
  return {
    ...(E2E_CONTEXT !== undefined && E2E_CONTEXT !== '' && { context: E2E_CONTEXT }),
    ...values,
  };
}

async function start(options: Options, signal: AbortSignal): Promise<void> {
  const steps = new Steps(print);
  const provider = await clusterProvider({ ...options, print });
  // Of a named context, `up` makes a namespace that goes at the end: here the Deployment is to stay.
  const found = provider.provider === 'context' ? await provider.find() : undefined;
  const cluster = found ?? (await provider.up());
  try {
    signal.throwIfAborted();
    print(await deployLesson(cluster, options, steps, signal));
  } finally {
    await cluster.close();
  }
}
