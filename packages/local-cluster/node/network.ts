/**
 * The node's own network namespace, and its one link to the machine.
 *
 * Bridges, iptables rules and network settings of the node stay inside and go with the namespace. On the machine there
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
import { run, succeeds } from '../run';
import { ClusterError } from '../cluster-error';
import type { Journal } from './journal';
import {
  LINK_PREFIX_LENGTH,
  MACHINE_ADDRESS,
  MACHINE_LINK,
  NETWORK_NAMESPACE,
  NODE_ADDRESS,
  NODE_LINK,
  POD_RANGE,
  SERVICE_RANGE,
} from './layout';
import { unmountBelow } from './mounts';
import { change } from './sysctl';

const TABLE = 'user_service_kubernetes';

/** Makes what is missing of the namespace, the link, the routes and the address translation. */
export async function makeNetwork(journal: Journal): Promise<void> {
  if (!hasNamespace()) await makeNamespace();
  if (!(await succeeds(['ip', 'link', 'show', MACHINE_LINK]))) await makeLink();
  await run(['ip', 'address', 'replace', onLink(MACHINE_ADDRESS), 'dev', MACHINE_LINK]);
  await run(['ip', 'link', 'set', MACHINE_LINK, 'up']);
  await inside('ip', 'address', 'replace', onLink(NODE_ADDRESS), 'dev', NODE_LINK);
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'link', 'set', NODE_LINK, 'up');
  await inside('ip', 'route', 'replace', 'default', 'via', MACHINE_ADDRESS);
  await inside('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.bridge.bridge-nf-call-iptables=1');
  for (const range of [POD_RANGE, SERVICE_RANGE]) await route(range);
  await openWayOut(journal);
}

/** Removes all that {@link makeNetwork} makes on the machine. The namespace goes with its last process. */
export async function removeNetwork(): Promise<void> {
  if (await succeeds(['nft', 'list', 'table', 'ip', TABLE]))
    await run(['nft', 'delete', 'table', 'ip', TABLE]);
  if (await succeeds(['ip', 'link', 'show', MACHINE_LINK]))
    await run(['ip', 'link', 'delete', MACHINE_LINK]);
  unmountBelow(NETWORK_NAMESPACE);
  rmSync(NETWORK_NAMESPACE, { force: true });
}

/** True while the node's network namespace is there: from early in `up` until `down` or a reboot. */
export function hasNamespace(): boolean {
  return namespaceInode() !== undefined;
}

/** Ids of the processes that run in the node's network namespace: the components, their shims, host network Pods. */
export function processesInside(): number[] {
  const inode = namespaceInode();
  if (inode === undefined) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => networkNamespaceOf(pid) === inode)
    .map(Number);
}

async function makeNamespace(): Promise<void> {
  mkdirSync(dirname(NETWORK_NAMESPACE), { recursive: true, mode: 0o700 });
  closeSync(openSync(NETWORK_NAMESPACE, 'a', 0o600));
  await run(['unshare', `--net=${NETWORK_NAMESPACE}`, 'true']);
}

async function makeLink(): Promise<void> {
  // Made inside, with the peer put where this process is: ip(8) names a namespace by a process in it.
  const peer = ['peer', 'name', MACHINE_LINK, 'netns', String(process.pid)];
  await inside('ip', 'link', 'add', NODE_LINK, 'type', 'veth', ...peer);
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
  await run(['ip', 'route', 'replace', range, 'via', NODE_ADDRESS, 'dev', MACHINE_LINK]);
}

/** Lets Pods reach what the machine reaches, such as a registry, under the machine's own address. */
async function openWayOut(journal: Journal): Promise<void> {
  const rules = [
    `table ip ${TABLE}`,
    `delete table ip ${TABLE}`,
    `table ip ${TABLE} {`,
    '  chain postrouting {',
    '    type nat hook postrouting priority srcnat;',
    `    ip saddr ${NODE_ADDRESS} oifname != "${MACHINE_LINK}" masquerade`,
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

async function inside(...command: readonly [string, ...string[]]): Promise<void> {
  await run(['nsenter', `--net=${NETWORK_NAMESPACE}`, '--', ...command]);
}

/** The inode of the namespace; undefined when nothing is mounted there. */
function namespaceInode(): string | undefined {
  if (!existsSync(NETWORK_NAMESPACE)) return undefined;
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${NETWORK_NAMESPACE} `);
  return mounted ? String(statSync(NETWORK_NAMESPACE).ino) : undefined;
}

function networkNamespaceOf(pid: string): string | undefined {
  try {
    return /^net:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1];
  } catch {
    // It has ended since the folder was listed.
    return undefined;
  }
}
