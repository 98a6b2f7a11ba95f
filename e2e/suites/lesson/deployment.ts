/** The lesson's Deployment of three replicas: made, healed, told apart, deleted. */
import { expect, type Check } from '../../harness/check';
import { describePods, isAvailable, type Controller, type Pod } from '../../harness/objects';
import { mostActive } from '../../harness/history';
import { deleteOneOfThree, refuseNewPods, untilGone, untilRolledOut } from '../../harness/rollout';
import type { TestContext } from '../../harness/test-context';
import { oneDatabaseForAll, shareDatabase } from './shared-database';
import { withUser } from './user';

export const FILE = 'dist/user-service-deployment.k8s.yaml';
export const REFERENCE = 'deployment/user-service';
/** What Kubernetes makes of no strategy, 25 % of three replicas each: surge is rounded up, unavailable down. */
export const DEFAULT_BOUNDS = { fewest: 3, most: 4 } as const;

/** `kubectl create` of the Deployment from dist, unless it is there, and its rollout. */
export async function ensureDeployment(context: TestContext): Promise<void> {
  const command = ['get', REFERENCE, '--output=name', '--ignore-not-found'];
  const { stdout } = await context.kubectl(command);
  if (stdout === '') {
    await context.kubectl(['create', `--filename=${context.file(FILE)}`]);
  }
  await untilRolledOut(context, REFERENCE);
}

const create: Check = {
  name: 'kubectl create starts the Deployment, 3 of 3 Pods ready',
  how: `kubectl create -f ${FILE}; waits for the status of the Deployment`,
  run: async (context) => {
    const file = context.file(FILE);
    const { stdout } = await context.kubectl(['create', `--filename=${file}`]);
    const { status } = await untilRolledOut(context, REFERENCE);
    const pods = await context.pods();
    const ready = pods.filter(isAvailable).length;
    expect(
      ready === 3 && status?.readyReplicas === 3,
      () => `3 of 3 were promised: ${describePods(pods)}`,
    );
    return `${stdout.trim()}; ${ready} of ${pods.length} ready`;
  },
  fault: {
    what: 'a wrong label: the template has name=user-servcie',
    manifest: ({ spec }) => {
      if (spec.template) spec.template.metadata.labels = { name: 'user-servcie' };
    },
  },
};

const getDeployment: Check = {
  name: 'kubectl get Deployment user-service shows its replicas',
  how: 'kubectl get Deployment user-service; its row says 3/3',
  prepare: ensureDeployment,
  run: async (context) => {
    const { stdout } = await context.kubectl(['get', 'Deployment', 'user-service', '--no-headers']);
    const [name, ready] = stdout.trim().split(/\s+/);
    expect(ready === '3/3', () => `3/3 was promised; kubectl showed: ${stdout.trim()}`);
    return `${name} ${ready}`;
  },
  fault: {
    what: 'replicas: 2',
    manifest: ({ spec }) => {
      spec.replicas = 2;
    },
  },
};

const ownDatabases: Check = {
  name: 'each replica has a database of its own',
  how: 'registers at one Pod; logs in there and at another Pod',
  prepare: ensureDeployment,
  run: async (context) => {
    const [first, second] = await context.pods();
    expect(first !== undefined && second !== undefined, () => 'there are not two Pods');
    const email = `${first.metadata.uid}@example.com`;
    const password = 'a password of ada';
    const here = await withUser(context, first, async (client) => {
      await client.register('ada', email, password);
      return (await client.login(email, password)).status;
    });
    const there = await withUser(context, second, async (client) => {
      return (await client.login(email, password)).status;
    });
    expect(
      here === 200 && there === 401,
      () => `200 here and 401 there were promised, got ${here} and ${there}`,
    );
    return `200 at ${first.metadata.name}, 401 at ${second.metadata.name}`;
  },
  fault: {
    what: 'the service of every Pod uses the MySQL of one Pod',
    manifest: oneDatabaseForAll,
    cluster: shareDatabase,
  },
};

const comesBack: Check = {
  name: 'kubectl delete pod cannot lower the number of replicas: the Pod comes back',
  how: 'kubectl delete pod of one of three; 3 of 3 ready again, another Pod in its place; every event of a watch',
  prepare: ensureDeployment,
  run: async (context) => {
    const [victim] = await context.pods();
    expect(victim !== undefined, () => 'there is no Pod');
    const { name } = victim.metadata;
    const instants = await context.watchingPods(() => deleteOneOfThree(context, name));
    const most = mostActive(instants);
    const { most: allowed } = DEFAULT_BOUNDS;
    expect(most <= allowed, () => `at most ${allowed} Pods were promised, there were ${most}`);
    return `3 of 3 ready again; at most ${most} Pods (${allowed} allowed) in ${instants.length} instants`;
  },
  fault: {
    what: 'a ResourceQuota refuses every new Pod',
    cluster: refuseNewPods,
  },
};

const deleted: Check = {
  name: 'kubectl delete Deployment deletes its Pods with it',
  how: 'kubectl delete Deployment user-service; waits until no Deployment, ReplicaSet or Pod is left',
  prepare: ensureDeployment,
  run: async (context) => {
    const before = (await context.pods()).length;
    await context.kubectl(['delete', 'Deployment', 'user-service']);
    await untilGone(context, 'deployments', 'replicasets', 'pods');
    return `${before} Pods before, none of Deployment, ReplicaSet, Pod after`;
  },
  fault: {
    what: "a Pod's label is changed, so that its ReplicaSet lets go of it",
    cluster: async (context) => {
      const [pod] = await context.pods();
      const name = pod?.metadata.name ?? '';
      await context.kubectl(['label', 'pod', name, 'name=let-go', '--overwrite']);
      await context.until('the ReplicaSet to let go', async () => {
        const { metadata } = await context.get<Pod>(`pod/${name}`);
        const owners: Controller['metadata']['ownerReferences'] = metadata.ownerReferences ?? [];
        return owners.length === 0 ? { found: true } : { lastSeen: `${owners.length} owners` };
      });
    },
  },
};

/** Of the checks in the fixture of the Deployment, those before its template changes, and the one after. */
export const BEFORE_ROLLOUTS: readonly Check[] = [create, getDeployment, ownDatabases, comesBack];
export const AFTER_ROLLOUTS: readonly Check[] = [deleted];
