/** What is done to production, where more than one suite does it. */
import type { Pod } from '../harness/objects';
import type { TestContext } from '../harness/test-context';
import { IMAGES, PRODUCTION } from './names';
import { nodes } from './nodes';
import { killContainer } from './processes';
import { rolledOut, userPods } from './production';

export async function setImage(context: TestContext, image: string): Promise<void> {
  await context.kubectl(['set', 'image', 'deployment/user', `user=${context.image(image)}`]);
}

/** To the image that the Pods do not run. Both hold the same program. */
export async function changeImage(context: TestContext): Promise<void> {
  await setOtherImage(context);
  await rolledOut(context, 'deployment/user');
}

/** As {@link changeImage}, and does not wait. */
export async function setOtherImage(context: TestContext): Promise<void> {
  const [pod] = await userPods(context);
  const runs = pod?.spec.containers[0]?.image ?? '';
  await setImage(context, runs === context.image(IMAGES.user) ? IMAGES.changed : IMAGES.user);
}

/** Asks for the eviction of a Pod until its budget lets it go. */
export async function evict(context: TestContext, pod: Pod): Promise<void> {
  await context.until<boolean>(`the budget to let ${pod.metadata.name} go`, async () => {
    const refusal = await tryToEvict(context, pod);
    return refusal === undefined ? { found: true } : { lastSeen: refusal };
  });
}

/** Asks for the eviction of a Pod. @returns why it is refused; undefined where it is not. */
export async function tryToEvict(
  context: TestContext,
  { metadata: { name } }: Pod,
): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${PRODUCTION}/pods/${name}/eviction`;
  const input = JSON.stringify({
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: PRODUCTION },
  });
  const { code, stderr } = await context.cluster.kubectl(
    ['create', `--raw=${path}`, '--filename=-'],
    { input, allowFailure: true },
  );
  return code === 0 ? undefined : stderr.trim();
}

/** Evicts a node's Pods, as their budgets allow; those of the load stay. */
export async function drain(context: TestContext, node: string): Promise<void> {
  await context.cluster.kubectl(
    [
      ...['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--force'],
      '--timeout=180s',
    ],
    { timeout: 190_000 },
  );
}

/** Drains the node without the stores, and gives it back. */
export async function drainSecond(context: TestContext): Promise<void> {
  const [, second = ''] = await nodes(context);
  await drain(context, second);
  await context.kubectl(['uncordon', second]);
  await rolledOut(context, 'deployment/user');
}

/** Kills a store's processes, and waits until it is ready again. */
export async function killStore(context: TestContext, name: 'mysql' | 'redis'): Promise<void> {
  const before = await context.get<Pod>(`pod/${name}-0`);
  killContainer(before, name);
  const [was] = before.status.containerStatuses ?? [];
  await context.until<boolean>(`${name} to be restarted`, async () => {
    const [now] = (await context.get<Pod>(`pod/${name}-0`)).status.containerStatuses ?? [];
    return now?.ready === true && now.containerID !== was?.containerID
      ? { found: true }
      : { lastSeen: JSON.stringify(now?.state) };
  });
}
