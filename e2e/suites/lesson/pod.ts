/** The lesson's bare Pod, command by command. */
import { LessonReplicaSet } from '../../../lib';
import { expect, type Check, type Fixture } from '../../harness/check';
import {
  containersOf,
  describePods,
  isAvailable,
  type Manifest,
  type Pod,
} from '../../harness/objects';
import { render } from '../../harness/render';
import type { TestContext } from '../../harness/test-context';
import { withUser } from './user';

const FILE = 'dist/user-service.k8s.yaml';
const NAME = 'user-service';
const SELECTOR = `--selector=name=${NAME}`;

/** `kubectl create` of the Pod from dist, unless it is there. */
async function ensurePod(context: TestContext): Promise<void> {
  const { stdout } = await context.kubectl([
    'get',
    'pod',
    NAME,
    '--output=name',
    '--ignore-not-found',
  ]);
  if (stdout === '') await context.kubectl(['create', `--filename=${context.file(FILE)}`]);
}

async function untilRunning(context: TestContext): Promise<Pod> {
  const [pod] = await context.untilPods(
    'the Pod to run',
    (pods) => pods.length > 0 && pods.every(isAvailable),
  );
  expect(pod !== undefined, () => 'there is no Pod');
  return pod;
}

function container(manifest: Manifest, name: string) {
  return containersOf(manifest).find((each) => each.name === name);
}

const create: Check = {
  name: 'kubectl create starts the Pod of three containers',
  how: `kubectl create -f ${FILE}; waits until user, mysql and redis are ready`,
  run: async (context) => {
    const { stdout } = await context.kubectl(['create', `--filename=${context.file(FILE)}`]);
    const pod = await untilRunning(context);
    const statuses = pod.status.containerStatuses ?? [];
    const names = statuses.filter(({ ready }) => ready).map(({ name }) => name);
    expect(names.length === 3, () => `three containers were promised: ${describePods([pod])}`);
    return `${stdout.trim()}; ${names.sort().join(', ')} ready`;
  },
  fault: {
    what: 'the Pod names an image that does not exist: redis:5.0-mistyped',
    manifest: (manifest) => {
      const redis = container(manifest, 'redis');
      if (redis !== undefined) redis.image = `${redis.image}-mistyped`;
    },
  },
};

const getPod: Check = {
  name: 'kubectl get pod user-service shows it',
  how: 'kubectl get pod user-service; its row says 3/3 and Running',
  prepare: async (context) => {
    await ensurePod(context);
    await untilRunning(context);
  },
  run: async (context) => {
    const { stdout } = await context.kubectl(['get', 'pod', NAME, '--no-headers']);
    const [name, ready, status] = stdout.trim().split(/\s+/);
    expect(
      name === NAME && ready === '3/3' && status === 'Running',
      () => `user-service 3/3 Running was promised; kubectl showed: ${stdout.trim()}`,
    );
    return `${name} ${ready} ${status}`;
  },
  fault: {
    what: 'the Pod has no container redis',
    manifest: ({ spec }) => {
      spec.containers = spec.containers?.filter(({ name }) => name !== 'redis');
    },
  },
};

const exec: Check = {
  name: 'kubectl exec user-service -- /bin/bash enters the container of the service',
  how: 'kubectl exec user-service -n NAMESPACE -- /bin/bash -c …; bash reads its host name and the program of process 1',
  prepare: getPod.prepare,
  run: async (context) => {
    const script = 'echo "$HOSTNAME"; read -r -d "" program </proc/1/cmdline; echo "$program"; pwd';
    const command = ['exec', NAME, '-n', context.namespace, '--', '/bin/bash', '-c', script];
    const { stdout } = await context.cluster.kubectl(command);
    const [host, program, folder] = stdout.trim().split('\n');
    expect(
      host === NAME && program === './user',
      () => `host user-service and program ./user were promised; bash said: ${stdout.trim()}`,
    );
    return `-n ${context.namespace}: bash on ${host}, process 1 is ${program} in ${folder ?? ''}`;
  },
  fault: {
    what: 'images swapped: the container user runs the image of redis',
    manifest: (manifest) => {
      const [user, redis] = [container(manifest, 'user'), container(manifest, 'redis')];
      if (user === undefined || redis === undefined) return;
      [user.image, redis.image] = [redis.image, user.image];
    },
  },
};

const service: Check = {
  name: 'users register and log in through the service in the Pod',
  how: 'POST /register, /login with the right and with a wrong password, /register again; no container restarted',
  prepare: getPod.prepare,
  run: async (context) => {
    const pod = await untilRunning(context);
    const email = `${pod.metadata.uid}@example.com`;
    const route = await withUser(context, pod, async (client) => {
      const registered = await client.register('ada', email, 'a password of ada');
      const loggedIn = await client.login(email, 'a password of ada');
      const refused = await client.login(email, 'a wrong password');
      const again = await client.register('ada', email, 'a password of ada');
      const statuses = [registered, loggedIn, refused, again]
        .map(({ status }) => status)
        .join(', ');
      expect(
        statuses === '200, 200, 401, 409',
        () => `200, 200, 401, 409 was promised, got ${statuses}`,
      );
      const [made, found] = [registered.body.user_info?.id, loggedIn.body.user_info?.id];
      expect(
        made === found,
        () => `registered as user ${made ?? '?'}, logged in as ${found ?? '?'}`,
      );
      return client.route;
    });
    const { status } = await context.get<Pod>(`pod/${NAME}`);
    const restarts = (status.containerStatuses ?? []).reduce(
      (sum, each) => sum + each.restartCount,
      0,
    );
    expect(restarts === 0, () => `no restart was promised, there were ${restarts}`);
    return `200, 200, 401, 409 over ${route}; 0 restarts`;
  },
  fault: {
    what: 'MYSQL_ROOT_PASSWORD of the container mysql is not the one that the service has',
    manifest: (manifest) => {
      const mysql = container(manifest, 'mysql');
      if (mysql !== undefined) mysql.env = [{ name: 'MYSQL_ROOT_PASSWORD', value: 'another' }];
    },
  },
};

const staysGone: Check = {
  name: 'a bare Pod does not come back',
  how: 'kubectl delete pod user-service; then a Pod that a ReplicaSet makes is waited for, and the deleted one is still gone',
  prepare: getPod.prepare,
  run: async (context) => {
    await context.kubectl(['delete', 'pod', NAME]);
    // Absence shows nothing before the controllers have had their turn: here is one that they make.
    await context.apply(replicaSetOfOne('bystander', 'bystander'));
    await context.untilPods('the bystander to run', (pods) =>
      pods.some((pod) => pod.metadata.labels?.name === 'bystander' && isAvailable(pod)),
    );
    const back = await context.list<Pod>('pods', SELECTOR);
    await context.kubectl(['delete', 'replicaset', 'bystander']);
    expect(back.length === 0, () => `no Pod was promised, there is ${describePods(back)}`);
    return '0 Pods named user-service';
  },
  fault: {
    what: 'a ReplicaSet of the same labels has adopted the Pod',
    cluster: async (context) => {
      await context.apply(replicaSetOfOne('adopter', NAME));
      await context.until('the Pod to be adopted', async () => {
        const { metadata } = await context.get<Pod>(`pod/${NAME}`);
        const [owner] = metadata.ownerReferences ?? [];
        return owner === undefined ? { lastSeen: 'no owner' } : { found: owner };
      });
    },
  },
};

/** A controller of one Pod that has a label `name`. */
function replicaSetOfOne(name: string, label: string): Manifest {
  const labels = { name: label };
  return render((chart) => {
    new LessonReplicaSet(chart, 'replica-set', {
      name,
      replicas: 1,
      selector: { matchLabels: labels },
      template: { labels, containers: [{ name: 'redis', image: 'redis:5.0' }] },
    });
  });
}

/** Alone in its namespace: a ReplicaSet of its labels would adopt the Pod, and make it what the lesson says it is not. */
export const podFixture: Fixture = {
  name: 'pod',
  inDefaultNamespace: 'name in (user-service, bystander)',
  checks: [create, getPod, exec, service, staysGone],
};
