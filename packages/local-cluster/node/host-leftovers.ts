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
import { CONTAINERD_STATE, STATE } from './layout';
import { POD_NETWORK } from './containerd';

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

/**
 * Removes the node's files, and those of `folders` that are empty then. To be called before containerd's state is
 * removed, which says where the sockets of its shims are.
 */
export function removeHostLeftovers(folders: readonly string[]): void {
  for (const file of [...shimSockets(), ...networkResults(), ...containerLogs()]) {
    rmSync(file, { force: true });
  }
  rmSync(join(DEVICE_PLUGINS, 'kubelet.sock'), { force: true });
  // The deepest first.
  for (const folder of [...folders].sort().reverse()) {
    if (entries(folder).length === 0 && existsSync(folder)) rmdirSync(folder);
  }
}

function shimSockets(): string[] {
  const tasks = join(CONTAINERD_STATE, 'io.containerd.runtime.v2.task', 'k8s.io');
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
function networkResults(): string[] {
  const sandboxes = entries(CNI_RESULTS)
    .filter((file) => file.startsWith(`${POD_NETWORK}-`))
    .map((file) => file.slice(POD_NETWORK.length + 1).replace(/-[^-]*$/, ''));
  return entries(CNI_RESULTS)
    .filter((file) => sandboxes.some((sandbox) => file.includes(`-${sandbox}-`)))
    .map((file) => join(CNI_RESULTS, file));
}

function containerLogs(): string[] {
  return entries(CONTAINER_LOGS)
    .map((file) => join(CONTAINER_LOGS, file))
    .filter(
      (file) => lstatSync(file).isSymbolicLink() && readlinkSync(file).startsWith(`${STATE}/`),
    );
}

function entries(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
