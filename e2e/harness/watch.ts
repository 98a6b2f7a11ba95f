/** A watch of objects that misses no event. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Cluster, ClusterError, poll } from 'local-cluster';
import { type Instant, instantsOf, type ObjectEvent, type Watched } from './history';

/** Milliseconds for the events of what has happened to arrive. */
const ARRIVAL_TIMEOUT = 20_000;

interface List<T> {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly T[];
}

type WatchEvent<T> =
  ObjectEvent<T> | { readonly type: 'ERROR'; readonly object: { message?: string } };

/** A watch that goes on until it is stopped. */
export interface Following<T> {
  /** The objects of the list that the watch goes on from. */
  readonly initial: readonly T[];
  /** What has been seen since then; it grows. */
  readonly events: readonly ObjectEvent<T>[];
  /** Why the watch ended, if it did. */
  readonly ended: string | undefined;
  readonly stop: () => void;
}

/**
 * Begins to watch. The watch goes on from the version of a list, so that no event lies between the two.
 *
 * @param path of the API server: `/api/v1/namespaces/NAMESPACE/pods`.
 */
export async function follow<T extends Watched>(
  cluster: Cluster,
  path: string,
): Promise<Following<T>> {
  const before = await list<T>(cluster, path);
  const query = new URLSearchParams({
    watch: 'true',
    resourceVersion: before.metadata.resourceVersion,
  });
  const child = spawn(cluster.kubectlPath, ['get', '--raw', `${path}?${query.toString()}`], {
    env: cluster.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watched = collect<T>(child);
  return Object.assign(watched, { initial: before.items, stop: () => child.kill() });
}

/**
 * Watches while `act` runs, and ends once the watch has led to what a list, taken after `act`, shows.
 *
 * @param path of the API server: `/api/v1/namespaces/NAMESPACE/pods`.
 * @returns the objects at every instant from before `act` to that list.
 */
export async function watch<T extends Watched>(
  cluster: Cluster,
  path: string,
  act: () => Promise<unknown>,
): Promise<readonly Instant<T>[]> {
  const watched = await follow<T>(cluster, path);
  try {
    await act();
    const { items } = await list<T>(cluster, path);
    const what = `the watch of ${path} to show what a list shows`;
    return await poll<readonly Instant<T>[]>({ what, timeout: ARRIVAL_TIMEOUT }, () => {
      if (watched.ended !== undefined) throw new ClusterError(`the watch ended: ${watched.ended}`);
      const instants = instantsOf(watched.initial, watched.events);
      // The objects live on between the list and this poll: it is enough that the watch once showed what was listed.
      return Promise.resolve(
        instants.some((objects) => versions(objects) === versions(items))
          ? { found: instants }
          : { lastSeen: versions(instants.at(-1) ?? []) },
      );
    });
  } finally {
    watched.stop();
  }
}

async function list<T>(cluster: Cluster, path: string): Promise<List<T>> {
  return JSON.parse((await cluster.kubectl(['get', '--raw', path])).stdout) as List<T>;
}

function collect<T>(child: ChildProcess) {
  const watched: { events: ObjectEvent<T>[]; ended: string | undefined } = {
    events: [],
    ended: undefined,
  };
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.once('error', (error) => (watched.ended = error.message));
  child.once('close', (code) => (watched.ended ??= `exit code ${code ?? 'none'} ${complaint}`));
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as WatchEvent<T>;
      if (event.type === 'ERROR') watched.ended = event.object.message ?? line;
      else watched.events.push(event);
    });
  }
  return watched;
}

function versions(objects: readonly Watched[]): string {
  return objects
    .map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`)
    .sort()
    .join();
}
