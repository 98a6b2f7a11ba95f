/** A watch of a namespace's Pods that misses no event. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ClusterError, poll, type Cluster } from 'local-cluster';
import { describePods, type Pod } from './objects';
import { instantsOf, type Instant, type PodEvent } from './pod-history';

/** Milliseconds for the events of what has happened to arrive. */
const ARRIVAL_TIMEOUT = 20_000;

interface PodList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Pod[];
}

type WatchEvent = PodEvent | { readonly type: 'ERROR'; readonly object: { message?: string } };

/**
 * Watches while `act` runs.
 *
 * The watch goes on from the version of a list, so that no event lies between the two, and ends once it has led to what
 * a second list, taken after `act`, shows.
 *
 * @returns what `act` returned, and the Pods at every instant from the first list to the second.
 */
export async function watchPods<T>(
  cluster: Cluster,
  namespace: string,
  act: () => Promise<T>,
): Promise<{ readonly result: T; readonly instants: readonly Instant[] }> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const list = async (): Promise<PodList> =>
    JSON.parse((await cluster.kubectl(['get', '--raw', path])).stdout) as PodList;
  const before = await list();
  const query = new URLSearchParams({
    watch: 'true',
    resourceVersion: before.metadata.resourceVersion,
  });
  const child = spawn(cluster.kubectlPath, ['get', '--raw', `${path}?${query.toString()}`], {
    env: cluster.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const watch = collect(child);
  try {
    const result = await act();
    const { items } = await list();
    const what = 'the watch to show what a list shows';
    const instants = await poll<readonly Instant[]>({ what, timeout: ARRIVAL_TIMEOUT }, () => {
      if (watch.ended !== undefined) throw new ClusterError(`the watch ended: ${watch.ended}`);
      const seen = instantsOf(before.items, watch.events);
      const last = seen.at(-1) ?? [];
      // The Pods live on between the list and this look: it is enough that the watch once showed what was listed.
      return Promise.resolve(
        seen.some((pods) => versions(pods) === versions(items))
          ? { found: seen }
          : { lastSeen: describePods(last) },
      );
    });
    return { result, instants };
  } finally {
    child.kill();
  }
}

function collect(child: ChildProcess) {
  const watch: { events: PodEvent[]; ended: string | undefined } = { events: [], ended: undefined };
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  child.once('error', (error) => (watch.ended = error.message));
  child.once('close', (code) => (watch.ended ??= `exit code ${code ?? 'none'} ${complaint}`));
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = JSON.parse(line) as WatchEvent;
      if (event.type === 'ERROR') watch.ended = event.object.message ?? line;
      else watch.events.push(event);
    });
  }
  return watch;
}

function versions(pods: readonly Pod[]): string {
  return pods
    .map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`)
    .sort()
    .join();
}
