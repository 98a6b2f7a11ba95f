/** The container runtime, its network of Pods, and the images in it. */
import { join } from 'node:path';
import { poll } from '../poll';
import { CommandFailure, run } from '../run';
import {
  CONFIG,
  CONTAINERD_SOCKET,
  CONTAINERD_STATE,
  NODE_POD_RANGE,
  POD_BRIDGE,
  RUN,
  STATE,
} from './layout';
import { PAUSE_IMAGE } from './node-images';
import type { Component } from './supervision';

const POD_NETWORK_CONFIG = join(CONFIG, 'pod-network');
/** Name of the Pods' network, which begins the names of the files that CNI keeps of it. */
export const POD_NETWORK = 'user-service-kubernetes';
const IMPORT_TIMEOUT = 5 * 60_000;
const ctr = ['ctr', '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', 'images'] as const;

export function containerd(): Component {
  const config = join(CONFIG, 'containerd.toml');
  return {
    name: 'containerd',
    command: ['containerd', '--config', config],
    files: {
      [config]: containerdConfig(),
      [join(POD_NETWORK_CONFIG, '10-pods.conflist')]: JSON.stringify(podNetwork(), undefined, 2),
    },
    ready: async () => {
      try {
        await run(['ctr', '--address', CONTAINERD_SOCKET, 'version'], { timeout: 5_000 });
        return undefined;
      } catch (error) {
        if (error instanceof CommandFailure) return error.message;
        throw error;
      }
    },
  };
}

/** Imports an image archive whose image has this full name, and waits until kubelet can see it. */
export async function importImage(archive: string, name: string): Promise<void> {
  await run([...ctr, 'import', archive], { timeout: IMPORT_TIMEOUT });
  // containerd's Kubernetes side hears of an image by an event, and then labels it as its own.
  const what = `containerd to offer ${name} to kubelet`;
  await poll({ what, timeout: 30_000 }, async () => {
    const { stdout } = await run([...ctr, 'ls', `name==${name}`]);
    return stdout.includes('io.cri-containerd.image=managed')
      ? { found: true }
      : { lastSeen: stdout.trim() };
  });
}

export async function hasImage(name: string): Promise<boolean> {
  const { stdout } = await run([...ctr, 'ls', '-q', `name==${name}`]);
  return stdout.trim() !== '';
}

function containerdConfig(): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `version = 2
root = "${join(STATE, 'containerd')}"
state = "${CONTAINERD_STATE}"

[grpc]
  address = "${CONTAINERD_SOCKET}"

[plugins."io.containerd.internal.v1.opt"]
  path = "${join(STATE, 'containerd-extensions')}"

[${cri}]
  sandbox_image = "${PAUSE_IMAGE}"
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
  Root = "${join(RUN, 'runc')}"

[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${POD_NETWORK_CONFIG}"
`;
}

function podNetwork(): object {
  return {
    cniVersion: '0.4.0',
    name: POD_NETWORK,
    plugins: [
      {
        type: 'bridge',
        bridge: POD_BRIDGE,
        isGateway: true,
        ipMasq: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: NODE_POD_RANGE }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: join(STATE, 'pod-addresses'),
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
