/** The container runtime, its network of Pods, and the images in it. */
import { join } from 'node:path';
import { poll } from '../../poll';
import { CommandFailure, run } from '../../run';
import { type Node, POD_BRIDGE } from '../layout';
import { pauseImage } from '../program-images';
import type { Component } from '../supervision';

/** Milliseconds for the images of one archive. */
const COPY_TIMEOUT = 5 * 60_000;

export function containerd(node: Node): Component {
  const config = join(node.config, 'containerd.toml');
  const podNetworkConfig = join(node.config, 'pod-network');
  return {
    name: 'containerd',
    node,
    command: ['containerd', '--config', config],
    files: {
      [config]: containerdConfig(node, podNetworkConfig),
      [join(podNetworkConfig, '10-pods.conflist')]: JSON.stringify(podNetwork(node), undefined, 2),
    },
    ready: async () => {
      try {
        await run(['ctr', '--address', node.containerdSocket, 'version'], { timeout: 5_000 });
        return undefined;
      } catch (error) {
        if (error instanceof CommandFailure) return error.message;
        throw error;
      }
    },
  };
}

/** Imports an image archive whose images have these full names, and waits until kubelet can see them. */
export async function importImages(
  node: Node,
  archive: string,
  names: readonly string[],
): Promise<void> {
  await ctr(node, 'import', archive);
  // containerd's Kubernetes side hears of an image by an event, and then labels it as its own.
  const what = `containerd to offer ${names.join(', ')} to kubelet`;
  await poll({ what, timeout: 30_000 }, async () => {
    const offered = await imageNames(node);
    const missing = names.filter((name) => !offered.includes(name));
    return missing.length === 0 ? { found: true } : { lastSeen: `all but ${missing.join(', ')}` };
  });
}

/** Writes images of the node into an archive. */
export async function exportImages(
  node: Node,
  archive: string,
  names: readonly string[],
): Promise<void> {
  await ctr(node, 'export', archive, ...names);
}

/** Full names of the images that kubelet can see. */
export async function imageNames(node: Node): Promise<string[]> {
  const stdout = await ctr(node, 'ls', '--quiet', 'labels."io.cri-containerd.image"==managed');
  // An image is also listed by its digest.
  return stdout.split('\n').filter((name) => name !== '' && !name.startsWith('sha256:'));
}

async function ctr(node: Node, ...args: readonly string[]): Promise<string> {
  const command = ['--address', node.containerdSocket, '--namespace', 'k8s.io', 'images'];
  const { stdout } = await run(['ctr', ...command, ...args], { timeout: COPY_TIMEOUT });
  return stdout;
}

function containerdConfig(node: Node, podNetworkConfig: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${join(node.state, 'containerd')}"
state = "${node.containerdState}"

[grpc]
  address = "${node.containerdSocket}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${join(node.state, 'containerd-extensions')}"

[${cri}]
  sandbox_image = "${pauseImage().name}"
  # Lowering oom_score_adj takes CAP_SYS_RESOURCE, which a container that runs the node may lack.
  restrict_oom_score_adj = true
  disable_apparmor = true
  # Below the node's own folder, so that they are removed with it.
  netns_mounts_under_state_dir = true

[${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
  SystemdCgroup = false
  Root = "${join(node.run, 'runc')}"

[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${podNetworkConfig}"
`;
}

function podNetwork(node: Node): object {
  return {
    cniVersion: '0.4.0',
    // Begins the names of the files that CNI keeps of it: ../host-leftovers.ts.
    name: node.name,
    plugins: [
      {
        type: 'bridge',
        bridge: POD_BRIDGE,
        isGateway: true,
        // Not here, where a Pod would reach those of another node under a name that no policy knows: see ../network.ts.
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: node.podRange }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(node.state, 'pod-addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
