/** What `up` made, recorded before or as it is made, so that `down` removes that and nothing else. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ClusterError } from '../cluster-error';
import type { ProcessIdentity } from '../process-identity';
import type { NodeCount } from './layout';

export interface RecordedProcess extends ProcessIdentity {
  /** The command line it was started with: another one wanted means a restart. */
  readonly command: readonly string[];
}

export interface RecordedSetting {
  /** The value that `up` found. */
  readonly before: string;
  /** The value that the node set: only this one is turned back. */
  readonly after: string;
}

export interface RecordedState {
  /** Of the boot in which the settings were changed; a reboot undoes them. */
  readonly bootId: string;
  /** How many nodes the cluster has. */
  readonly nodes: NodeCount;
  /** What it has beside Kubernetes, on request. */
  readonly addons: readonly string[];
  /** By component. */
  readonly processes: Readonly<Record<string, RecordedProcess>>;
  /** Kernel settings, by their path below /proc/sys. */
  readonly settings: Readonly<Record<string, RecordedSetting>>;
  /** Folders outside of the node's own that did not exist before. */
  readonly folders: readonly string[];
}

/** The format of the file; another one is refused, never guessed at. */
const VERSION = 2;
const FIRST_VERSION = 1;
/** What a file of the first version meant without saying so. */
const FIRST_FORM = { nodes: 1, addons: [] } as const;

/** `earlier`: also what an earlier version has recorded, which can be taken back and not gone on from. */
export type AllowedVersions = 'current' | 'earlier';

/** The recorded state; undefined where there is none. @throws {ClusterError} when the file cannot be understood. */
export function readState(
  file: string,
  allowed: AllowedVersions = 'current',
): RecordedState | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseState(text, file, allowed);
}

/** Replaces the file as a whole, so that a reader or a crash never meets half of it. */
export function writeState(file: string, state: RecordedState): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const staging = `${file}.staging`;
  writeFileSync(staging, formatState(state), { mode: 0o600 });
  renameSync(staging, file);
}

export function formatState(state: RecordedState): string {
  return `${JSON.stringify({ version: VERSION, ...state }, undefined, 2)}\n`;
}

/** @throws {ClusterError} naming the field that is not as it should be. */
export function parseState(
  text: string,
  file: string,
  allowed: AllowedVersions = 'current',
): RecordedState {
  const refuse = (field: string, rule: string, received: unknown): never => {
    throw new ClusterError(
      `${file}: ${field} must be ${rule}, got ${received === undefined ? 'nothing' : JSON.stringify(received)}; ` +
        'npm run cluster -- down removes the node without this file',
    );
  };
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    return refuse('the file', `JSON (${(error as Error).message})`, text.slice(0, 40));
  }
  const object = (field: string, value: unknown): Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : refuse(field, 'an object', value);
  const string = (field: string, value: unknown): string =>
    typeof value === 'string' ? value : refuse(field, 'a string', value);
  const strings = (field: string, value: unknown): string[] =>
    Array.isArray(value)
      ? value.map((entry, index) => string(`${field}[${index}]`, entry))
      : refuse(field, 'a list', value);
  const entries = <T>(
    field: string,
    value: unknown,
    entry: (field: string, value: Record<string, unknown>) => T,
  ) =>
    Object.fromEntries(
      Object.entries(object(field, value)).map(([key, each]) => {
        const path = `${field}.${key}`;
        return [key, entry(path, object(path, each))];
      }),
    );

  const state = object('the file', root);
  if (state.version === FIRST_VERSION && allowed === 'earlier') Object.assign(state, FIRST_FORM);
  else if (state.version !== VERSION) refuse('version', String(VERSION), state.version);
  return {
    bootId: string('bootId', state.bootId),
    nodes:
      state.nodes === 1 || state.nodes === 2 ? state.nodes : refuse('nodes', '1 or 2', state.nodes),
    addons: strings('addons', state.addons),
    processes: entries('processes', state.processes, (field, value) => ({
      // 0 and below address process groups, and 1 is the machine's own.
      pid:
        Number.isInteger(value.pid) && (value.pid as number) > 1
          ? (value.pid as number)
          : refuse(`${field}.pid`, 'a process id above 1', value.pid),
      startTime: string(`${field}.startTime`, value.startTime),
      bootId: string(`${field}.bootId`, value.bootId),
      command: strings(`${field}.command`, value.command),
    })),
    settings: entries('settings', state.settings, (field, value) => ({
      before: string(`${field}.before`, value.before),
      after: string(`${field}.after`, value.after),
    })),
    folders: strings('folders', state.folders),
  };
}
