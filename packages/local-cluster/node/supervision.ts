/** Starts the processes of the node, sees them ready, and stops them. */
import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ClusterError } from '../cluster-error';
import { poll } from '../poll';
import type { Journal } from './journal';
import { FIRST_NODE, type Node } from './layout';
import { identify, isRunning, signal, type ProcessIdentity } from '../process-identity';

export interface Component {
  readonly name: string;
  /** Where it runs. */
  readonly node: Node;
  /** Started in the node's network namespace. The program's path is absolute, or found by PATH. */
  readonly command: readonly [string, ...string[]];
  /** The configuration that it reads, by absolute path: written with mode 0600, and a change of it is a restart. */
  readonly files?: Readonly<Record<string, string>>;
  /** Asks once. Undefined: ready. Otherwise what was seen instead. */
  readonly ready: () => Promise<string | undefined>;
  /** What it does for the cluster, where its name does not say so: shown by `status`. */
  readonly does?: string;
}

/** How a component is told from those of the same name on other nodes. */
export function titleOf({ name, node }: Pick<Component, 'name' | 'node'>): string {
  return node === FIRST_NODE ? name : `${name} of ${node.name}`;
}

/** Milliseconds that a started component has to become ready, on a machine that others use too. */
const READY_TIMEOUT = 90_000;
/** Milliseconds that a component found running has to answer before it is taken for stuck. */
const STUCK_TIMEOUT = 10_000;
/** Milliseconds between SIGTERM and SIGKILL. */
const GRACE = 5_000;
const LOG_LINES_SHOWN = 15;

export type Outcome = 'already ran' | 'started' | 'started anew';

/**
 * Leaves the component running and ready: one that is, is left alone; one that died, hangs, or was started with
 * another command line or configuration is started anew.
 *
 * @throws {ClusterError} with the tail of its log, when it ends or is not ready in time.
 */
export async function ensureRunning(component: Component, journal: Journal): Promise<Outcome> {
  const recorded = journal.process(titleOf(component));
  const configured = !configure(component);
  if (recorded !== undefined && isRunning(recorded)) {
    const same = recorded.command.join('\0') === component.command.join('\0');
    if (configured && same && (await answers(component))) return 'already ran';
    await stop(recorded);
  }
  const started = start(component, journal);
  await poll({ what: 'it to be ready', timeout: READY_TIMEOUT }, async () => {
    if (!isRunning(started)) throw new ClusterError('ended at once');
    const lastSeen = await component.ready();
    return lastSeen === undefined ? { found: true } : { lastSeen };
  }).catch((error: unknown) => {
    if (!(error instanceof ClusterError)) throw error;
    throw new ClusterError(`${error.message}\n${logTail(component)}`, { cause: error });
  });
  return recorded === undefined ? 'started' : 'started anew';
}

/** SIGTERM, and SIGKILL to one that does not heed it. A process that is not the recorded one is never touched. */
export async function stop(identity: ProcessIdentity, grace = GRACE): Promise<void> {
  if (!signal(identity, 'SIGTERM')) return;
  const ended = () =>
    Promise.resolve(isRunning(identity) ? { lastSeen: 'it runs' } : { found: true });
  const what = `process ${identity.pid} to end`;
  await poll({ what, timeout: grace, interval: 20 }, ended).catch(async () => {
    signal(identity, 'SIGKILL');
    await poll({ what, timeout: GRACE, interval: 20 }, ended);
  });
}

export function logFile({ name, node }: Pick<Component, 'name' | 'node'>): string {
  return join(node.logs, `${name}.log`);
}

/** The last lines that a component wrote, with the file that holds the rest. */
export function logTail(component: Pick<Component, 'name' | 'node'>): string {
  const file = logFile(component);
  if (!existsSync(file)) return `(no log at ${file})`;
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES_SHOWN);
  return [`the end of ${file}:`, ...lines.map((line) => `  ${line}`)].join('\n');
}

/** Writes the configuration; true when that changed any of it. */
function configure({ files = {} }: Component): boolean {
  const changed = Object.entries(files).filter(
    ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
  );
  for (const [path, text] of changed) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, text, { mode: 0o600 });
  }
  return changed.length > 0;
}

async function answers(component: Component): Promise<boolean> {
  try {
    await poll({ what: 'an answer', timeout: STUCK_TIMEOUT }, async () => {
      const lastSeen = await component.ready();
      return lastSeen === undefined ? { found: true } : { lastSeen };
    });
    return true;
  } catch (error) {
    if (error instanceof ClusterError) return false;
    throw error;
  }
}

function start(component: Component, journal: Journal): ProcessIdentity {
  const { node, command } = component;
  mkdirSync(node.logs, { recursive: true, mode: 0o700 });
  const file = logFile(component);
  if (existsSync(file)) renameSync(file, `${file}.previous`);
  const log = openSync(file, 'a', 0o600);
  // nsenter replaces itself by the program, so the id recorded here is the component's own.
  const child = spawn('nsenter', [`--net=${node.networkNamespace}`, '--', ...command], {
    detached: true,
    stdio: ['ignore', log, log],
    env: componentEnvironment(),
    cwd: '/',
  });
  closeSync(log);
  // Without a listener a program that cannot be started would end this process instead of this component.
  child.on('error', () => undefined);
  child.unref();
  if (child.pid === undefined) throw new ClusterError('nsenter (package util-linux) cannot be run');
  const identity = identify(child.pid);
  if (identity === undefined) throw new ClusterError(`ended at once\n${logTail(component)}`);
  journal.recordProcess(titleOf(component), { ...identity, command });
  return identity;
}

/** A kubeconfig or a namespace of whoever calls is none of the components' business. */
function componentEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, KUBECONFIG: undefined, POD_NAMESPACE: undefined };
}
