/**
 * The nodes' own network namespaces: the first has one link to the machine, the second one to the first.
 *
 * Bridges, firewall rules and network settings of a node stay inside and go with its namespace. On the machine there
 * are the link with its routes, one nftables table of ours, and forwarding on the interface that leads outwards.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ClusterError } from '../cluster-error';
import { run, succeeds } from '../run';
import type { Journal } from './journal';
import {
  FIRST_NODE,
  GATEWAY_ADDRESS,
  LINK_PREFIX_LENGTH,
  MACHINE_ADDRESS,
  MACHINE_LINK,
  type Node,
  NODE_LINK,
  NODE_RANGE,
  POD_RANGE,
  SECOND_NODE,
  SECOND_NODE_LINK,
  SERVICE_RANGE,
} from './layout';
import { unmountBelow } from './mounts';
import { change } from './sysctl';

const TABLE = 'user_service_kubernetes';

/** Makes what is missing of the node's namespace, its link, the routes and the address translation. */
export async function makeNetwork(node: Node, journal: Journal): Promise<void> {
  if (!hasNamespace(node)) await makeNamespace(node);
  await (node === FIRST_NODE ? linkFirstNode() : linkSecondNode());
  await inside(node, 'ip', 'link', 'set', 'lo', 'up');
  await inside(
    node,
    'sysctl',
    '-qw',
    'net.ipv4.ip_forward=1',
    'net.bridge.bridge-nf-call-iptables=1',
  );
  if (node === FIRST_NODE) await openWayOut(journal);
}

/** Removes all that {@link makeNetwork} makes on the machine. A namespace goes with its last process. */
export async function removeNetwork(node: Node): Promise<void> {
  if (node === FIRST_NODE) {
    if (await succeeds(['nft', 'list', 'table', 'ip', TABLE]))
      await run(['nft', 'delete', 'table', 'ip', TABLE]);
    if (await succeeds(['ip', 'link', 'show', MACHINE_LINK]))
      await run(['ip', 'link', 'delete', MACHINE_LINK]);
  } else if (await succeeds(insideOf(FIRST_NODE, 'ip', 'link', 'show', SECOND_NODE_LINK))) {
    await inside(FIRST_NODE, 'ip', 'link', 'delete', SECOND_NODE_LINK);
  }
  unmountBelow(node.networkNamespace);
  rmSync(node.networkNamespace, { force: true });
}

/** Pulls the cable of the second node: nothing that it sends from here on arrives, not even that it ends. */
export async function disconnect(): Promise<void> {
  await inside(SECOND_NODE, 'ip', 'link', 'set', NODE_LINK, 'down');
}

/** True while the node's network namespace is there: from early in `up` until `down` or a reboot. */
export function hasNamespace(node: Node): boolean {
  return namespaceInode(node) !== undefined;
}

/** Ids of the processes that run in the node's network namespace: the components, their shims, host network Pods. */
export function processesInside(node: Node): number[] {
  const inode = namespaceInode(node);
  if (inode === undefined) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => networkNamespaceOf(pid) === inode)
    .map(Number);
}

async function makeNamespace({ networkNamespace }: Node): Promise<void> {
  mkdirSync(dirname(networkNamespace), { recursive: true, mode: 0o700 });
  closeSync(openSync(networkNamespace, 'a', 0o600));
  await run(['unshare', `--net=${networkNamespace}`, 'true']);
}

async function linkFirstNode(): Promise<void> {
  const { address } = FIRST_NODE;
  if (!(await succeeds(['ip', 'link', 'show', MACHINE_LINK])))
    // Made inside, with the peer put where this process is: ip(8) names a namespace by a process in it.
    await addLink(FIRST_NODE, NODE_LINK, MACHINE_LINK, String(process.pid));
  await run(['ip', 'address', 'replace', onLink(MACHINE_ADDRESS), 'dev', MACHINE_LINK]);
  await run(['ip', 'link', 'set', MACHINE_LINK, 'up']);
  await inside(FIRST_NODE, 'ip', 'address', 'replace', onLink(address), 'dev', NODE_LINK);
  await inside(FIRST_NODE, 'ip', 'link', 'set', NODE_LINK, 'up');
  await inside(FIRST_NODE, 'ip', 'route', 'replace', 'default', 'via', MACHINE_ADDRESS);
  for (const range of [NODE_RANGE, POD_RANGE, SERVICE_RANGE]) await route(range);
}

async function linkSecondNode(): Promise<void> {
  const { address, podRange, networkNamespace } = SECOND_NODE;
  if (!(await succeeds(insideOf(FIRST_NODE, 'ip', 'link', 'show', SECOND_NODE_LINK))))
    await addLink(FIRST_NODE, SECOND_NODE_LINK, NODE_LINK, networkNamespace);
  const gateway = ['dev', SECOND_NODE_LINK] as const;
  await inside(FIRST_NODE, 'ip', 'address', 'replace', onLink(GATEWAY_ADDRESS), ...gateway);
  await inside(FIRST_NODE, 'ip', 'link', 'set', SECOND_NODE_LINK, 'up');
  await inside(SECOND_NODE, 'ip', 'address', 'replace', onLink(address), 'dev', NODE_LINK);
  await inside(SECOND_NODE, 'ip', 'link', 'set', NODE_LINK, 'up');
  await inside(SECOND_NODE, 'ip', 'route', 'replace', 'default', 'via', GATEWAY_ADDRESS);
  await inside(FIRST_NODE, 'ip', 'route', 'replace', podRange, 'via', address);
}

async function addLink(node: Node, link: string, peer: string, namespace: string): Promise<void> {
  const other = ['peer', 'name', peer, 'netns', namespace];
  await inside(node, 'ip', 'link', 'add', link, 'type', 'veth', ...other);
}

function onLink(address: string): string {
  return `${address}/${LINK_PREFIX_LENGTH}`;
}

async function route(range: string): Promise<void> {
  const { stdout } = await run(['ip', '-json', 'route', 'show', 'exact', range]);
  const other = (JSON.parse(stdout) as { dev?: string }[]).find(({ dev }) => dev !== MACHINE_LINK);
  if (other !== undefined) {
    throw new ClusterError(
      `this machine already has a route to ${range} (by ${other.dev ?? 'another way'}), which the node needs; ` +
        'take down what uses it, or name another cluster with --context',
    );
  }
  await run(['ip', 'route', 'replace', range, 'via', FIRST_NODE.address, 'dev', MACHINE_LINK]);
}

/** Lets nodes and Pods reach what the machine reaches, such as a registry, under the machine's own address. */
async function openWayOut(journal: Journal): Promise<void> {
  const rules = [
    `table ip ${TABLE}`,
    `delete table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat;',
    `    ip saddr { ${NODE_RANGE}, ${POD_RANGE} } oifname != "${MACHINE_LINK}" masquerade`,
    '  }',
    '}',
  ];
  await run(['nft', '-f', '-'], { input: rules.join('\n') });
  const { stdout } = await run(['ip', '-json', 'route', 'show', 'default']);
  const outward = (JSON.parse(stdout) as { dev?: string }[])[0]?.dev;
  if (outward === undefined) return;
  // Forwarding is decided where a packet comes in: requests by the link, answers by the interface outwards.
  change(`net/ipv4/conf/${outward}/forwarding`, '1', journal);
  await run(['sysctl', '-qw', `net/ipv4/conf/${MACHINE_LINK}/forwarding=1`]);
}

function insideOf(node: Node, ...command: readonly string[]): [string, ...string[]] {
  return ['nsenter', `--net=${node.networkNamespace}`, '--', ...command];
}

async function inside(node: Node, ...command: readonly string[]): Promise<void> {
  await run(insideOf(node, ...command));
}

/** The inode of the namespace; undefined when nothing is mounted there. */
function namespaceInode({ networkNamespace }: Node): string | undefined {
  if (!existsSync(networkNamespace)) return undefined;
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${networkNamespace} `);
  return mounted ? String(statSync(networkNamespace).ino) : undefined;
}

function networkNamespaceOf(pid: string): string | undefined {
  try {
    return /^net:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1];
  } catch {
    // It has ended since the folder was listed.
    return undefined;
  }
}
