/** Whether a cluster has what a suite needs. */
import type { Cluster } from 'local-cluster';
import type { Requirements, Suite } from './check';

/** What the cluster lacks of that, as a sentence; undefined where it has it all, or can be given it. */
export async function missingRequirement(
  { nodes = 1, enforced = [], apis = [], other }: Requirements,
  cluster: Cluster,
): Promise<string | undefined> {
  return (
    (nodes > 1 ? await missingNodes(nodes, cluster) : undefined) ??
    enforced.map((kind) => missingEnforcement(kind, cluster)).find(Boolean) ??
    (await firstMissing(apis, (api) => missingApi(api, cluster))) ??
    (await other?.(cluster))
  );
}

/** In the order in which a cluster grows: of equal need, as they stand. */
export function byNeed(suites: readonly Suite[]): Suite[] {
  const weight = ({ requires = {} }: Suite): readonly number[] => [
    requires.nodes ?? 1,
    (requires.enforced ?? []).length + (requires.apis ?? []).length,
    (requires.images ?? []).length === 0 ? 0 : 1,
  ];
  return [...suites].sort((one, other) => {
    const [a, b] = [weight(one), weight(other)];
    const differing = a.findIndex((value, index) => value !== b[index]);
    return differing === -1 ? 0 : (a[differing] ?? 0) - (b[differing] ?? 0);
  });
}

interface Node {
  readonly spec: { readonly unschedulable?: boolean };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

async function missingNodes(wanted: number, cluster: Cluster): Promise<string | undefined> {
  const { code, stdout, stderr } = await cluster.kubectl(['get', 'nodes', '--output=json'], {
    allowFailure: true,
  });
  // Who may use one namespace need not see the nodes.
  if (code !== 0) return `needs ${wanted} nodes, and they cannot be counted: ${stderr.trim()}`;
  const { items } = JSON.parse(stdout) as { items: readonly Node[] };
  const usable = items.filter(
    ({ spec, status }) =>
      spec.unschedulable !== true &&
      status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
  );
  if (usable.length >= wanted) return undefined;
  return `needs ${wanted} nodes, and this cluster has ${usable.length} that take Pods`;
}

/** A cluster says itself what it accepts and does not do; one that says nothing is taken at its word. */
function missingEnforcement(kind: string, { limitations }: Cluster): string | undefined {
  const limitation = limitations.find((sentence) => sentence.startsWith(`${kind} `));
  return limitation === undefined ? undefined : `needs ${kind} enforced: ${limitation}`;
}

async function missingApi(api: string, cluster: Cluster): Promise<string | undefined> {
  const { code } = await cluster.kubectl(['get', '--raw', `/apis/${api}`], { allowFailure: true });
  return code === 0 ? undefined : `needs the API ${api}, which this cluster does not serve`;
}

async function firstMissing(
  names: readonly string[],
  missing: (name: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  for (const name of names) {
    const found = await missing(name);
    if (found !== undefined) return found;
  }
  return undefined;
}
