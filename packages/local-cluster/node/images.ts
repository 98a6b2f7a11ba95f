/** Images in the node's containerd. */
import { run } from '../command';
import { until } from '../until';
import { CONTAINERD_SOCKET } from './layout';

const IMPORT_TIMEOUT = 5 * 60_000;
const ctr = ['ctr', '--address', CONTAINERD_SOCKET, '--namespace', 'k8s.io', 'images'] as const;

/** Imports an image archive whose image has this full name, and waits until kubelet can see it. */
export async function importImage(archive: string, name: string): Promise<void> {
  await run([...ctr, 'import', archive], { timeout: IMPORT_TIMEOUT });
  // containerd's Kubernetes side hears of an image by an event, and then labels it as its own.
  const what = `containerd to offer ${name} to kubelet`;
  await until({ what, deadline: 30_000 }, async () => {
    const { stdout } = await run([...ctr, 'ls', `name==${name}`]);
    return stdout.includes('io.cri-containerd.image=managed')
      ? { found: true }
      : { seen: stdout.trim() };
  });
}

export async function hasImage(name: string): Promise<boolean> {
  const { stdout } = await run([...ctr, 'ls', '-q', `name==${name}`]);
  return stdout.trim() !== '';
}
