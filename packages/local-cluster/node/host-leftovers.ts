/** What the node's programs write outside of the node's own folders, where no setting moves it. */
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Journal } from './journal';
import type { Node } from './layout';

/** The sockets of shims: socketRoot of containerd's runtime/v2/shim. */
const SHIM_SOCKETS = '/run/containerd/s';
/** The result of each attachment to a network: CacheDir of github.com/containernetworking/cni/libcni. */
const CNI_RESULTS = '/var/lib/cni/results';
/** DevicePluginPath of k8s.io/kubelet/pkg/apis/deviceplugin. */
const DEVICE_PLUGINS = '/var/lib/kubelet/device-plugins';
/** Links to the logs of containers: ContainerLogDir of k8s.io/kubernetes/pkg/kubelet. */
const CONTAINER_LOGS = '/var/log/containers';

const FOLDERS = [
  '/run/containerd',
  SHIM_SOCKETS,
  '/run/mount',
  '/run/runc',
  '/var/lib/cni',
  CNI_RESULTS,
  '/var/lib/kubelet',
  DEVICE_PLUGINS,
  CONTAINER_LOGS,
];

/** Records those of the folders that are not there yet. */
export function recordHostFolders(journal: Journal): void {
  for (const folder of FOLDERS) if (!existsSync(folder)) journal.recordFolder(folder);
}

/** Removes a node's files. To be called before containerd's state is removed, which says where the sockets of its shims are. */
export function removeHostLeftovers(node: Node): void {
  for (const file of [...shimSockets(node), ...networkResults(node), ...containerLogs(node)]) {
    rmSync(file, { force: true });
  }
}

/** Removes those of the recorded folders that are empty without the files of nodes. */
export function removeHostFolders(folders: readonly string[]): void {
  // Every kubelet makes it anew.
  rmSync(join(DEVICE_PLUGINS, 'kubelet.sock'), { force: true });
  // The deepest first.
  for (const folder of [...folders].sort().reverse()) {
    if (entries(folder).length === 0 && existsSync(folder)) rmdirSync(folder);
  }
}

function shimSockets({ containerdState }: Node): string[] {
  const tasks = join(containerdState, 'io.containerd.runtime.v2.task', 'k8s.io');
  return entries(tasks)
    .map((task) => join(tasks, task, 'address'))
    .filter((file) => existsSync(file))
    .map((file) =>
      readFileSync(file, 'utf8')
        .trim()
        .replace(/^unix:\/\//, ''),
    )
    .filter((socket) => socket.startsWith(`${SHIM_SOCKETS}/`));
}

/** Named NETWORK-SANDBOX-INTERFACE; the sandbox's loopback has a network of its own. */
function networkResults({ name }: Node): string[] {
  const own = new RegExp(`^${name}-([0-9a-f]{64})-`);
  const sandboxes = entries(CNI_RESULTS).flatMap((file) => own.exec(file)?.[1] ?? []);
  return entries(CNI_RESULTS)
    .filter((file) => sandboxes.some((sandbox) => file.includes(`-${sandbox}-`)))
    .map((file) => join(CNI_RESULTS, file));
}

function containerLogs({ state }: Node): string[] {
  return entries(CONTAINER_LOGS)
    .map((file) => join(CONTAINER_LOGS, file))
    .filter(
      (file) => lstatSync(file).isSymbolicLink() && readlinkSync(file).startsWith(`${state}/`),
    );
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
