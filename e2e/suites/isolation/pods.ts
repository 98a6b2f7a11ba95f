/** What a process in a Pod can do to its node and to the cluster. */
import { type Check, expect } from '../../harness/check';
import type { Manifest, Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { PRODUCTION } from '../../system/names';
import { processesInSight } from '../../system/nodes';
import { mountsOf } from '../../system/processes';
import { faultIn, standUp } from '../../system/production';

const prepare = (context: TestContext) => standUp(context);

interface Inside {
  readonly container: string;
  readonly mounts: readonly { readonly path: string; readonly readOnly: boolean }[];
}

/** Of the service three, of MySQL and Redis one each. */
const LEAST_PODS = 5;

/** Production's own: what paths are tried from has no controller. */
async function podsOf(context: TestContext): Promise<readonly Pod[]> {
  return (await context.pods()).filter(({ metadata }) => metadata.ownerReferences !== undefined);
}

/** What the kernel says of the file systems of each container that runs. */
async function insides(context: TestContext): Promise<readonly Inside[]> {
  const pods = await podsOf(context);
  const names = pods.map(({ metadata }) => metadata.name);
  expect(pods.length >= LEAST_PODS, () => `only ${names.join(', ')} run`);
  return pods.flatMap((pod) =>
    pod.spec.containers.map(({ name }) => ({
      container: `${pod.metadata.name}/${name}`,
      mounts: mountsOf(pod, name),
    })),
  );
}

const tokenAbsent: Check = {
  name: 'no container has a token of the API server',
  how: "each container's mounts, as the kernel has them: none below /var/run/secrets or /run/secrets",
  requires: processesInSight,
  prepare,
  run: async (context) => {
    const containers = await insides(context);
    const having = containers.filter(({ mounts }) =>
      mounts.some(({ path }) => /^\/(?:var\/)?run\/secrets(?:\/|$)/.test(path)),
    );
    expect(
      having.length === 0,
      () => `with a token: ${having.map((one) => one.container).join(', ')}`,
    );
    return `${containers.length} of ${containers.length} containers without`;
  },
  fault: {
    what: 'the Deployment mounts its ServiceAccount’s token',
    manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
      (spec.template as { spec: Record<string, unknown> }).spec.automountServiceAccountToken = true;
    }),
  },
};

const readOnly: Check = {
  name: "no container can write to its image's files",
  how: "each container's root, as the kernel has mounted it, and a file that Redis tries to make there",
  requires: processesInSight,
  prepare,
  run: async (context) => {
    const containers = await insides(context);
    const writable = containers.filter(
      ({ mounts }) => mounts.find(({ path }) => path === '/')?.readOnly !== true,
    );
    expect(
      writable.length === 0,
      () => `writable: ${writable.map((one) => one.container).join(', ')}`,
    );
    const { code, stderr } = await context.kubectl(['exec', 'redis-0', '--', 'touch', '/file'], {
      allowFailure: true,
    });
    expect(code !== 0 && stderr.includes('Read-only'), () => `Redis made /file: ${stderr}`);
    return `${containers.length} of ${containers.length} roots read-only`;
  },
  fault: {
    what: "the Deployment's root file system can be written to",
    manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
      const { containers } = (spec.template as { spec: { containers: Record<string, unknown>[] } })
        .spec;
      for (const container of containers)
        Object.assign(container.securityContext as object, { readOnlyRootFilesystem: false });
    }),
  },
};

const UNSAFE = {
  'as root': { securityContext: { runAsUser: 0 } },
  privileged: { securityContext: { privileged: true } },
  'with all that a Pod has by default': {},
};

const restricted: Check = {
  name: 'production runs under enforced `restricted`, and a Pod that breaks it is refused',
  how: 'all Pods run; three Pods that break the level are created and have to be refused for it',
  prepare,
  run: async (context) => {
    const admitted: string[] = [];
    for (const [what, container] of Object.entries(UNSAFE)) {
      const { code, stderr } = await context.cluster.kubectl(['create', '--filename=-'], {
        allowFailure: true,
        input: JSON.stringify({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'unsafe', namespace: PRODUCTION },
          spec: { containers: [{ name: 'unsafe', image: 'unsafe', ...container }] },
        }),
      });
      if (code === 0 || !stderr.includes('violates PodSecurity "restricted')) admitted.push(what);
      await context.kubectl(['delete', 'pod', 'unsafe', '--ignore-not-found', '--wait=false']);
    }
    expect(admitted.length === 0, () => `admitted: a Pod ${admitted.join(', ')}`);
    const pods = await podsOf(context);
    return `${pods.length} Pods run, ${Object.keys(UNSAFE).length} unsafe ones refused`;
  },
  fault: {
    what: 'the namespace does not enforce the level',
    manifest: (manifest: Manifest) => {
      faultIn('Namespace', /^user-production$/, (draft) => {
        const { labels = {} } = draft.metadata as { labels?: Record<string, string> };
        delete labels['pod-security.kubernetes.io/enforce'];
      })(manifest);
    },
  },
};

export const pods: readonly Check[] = [tokenAbsent, readOnly, restricted];
