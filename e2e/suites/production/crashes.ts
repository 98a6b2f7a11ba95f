/** Processes that end without a word: once, and because of what was rolled out. */
import { type Check, expect } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { changeImage, setOtherImage } from '../../system/events';
import {
  describe,
  expectNothingLost,
  failuresOf,
  type Outcome,
  underLoad,
} from '../../system/outcome';
import { processesInSight } from '../../system/nodes';
import { killContainer, killWhenReady } from '../../system/processes';
import { faultIn, untilStands, userPods } from '../../system/production';
import { fullCost, type Series } from './series';
import { mysqlGoes } from './stores';

/** Milliseconds after a process was killed until its Pod is no longer sent requests: the kubelet says so, kube-proxy acts. */
const WITHDRAWN = 3_000;
/** Milliseconds: a request that was due so long before a kill may have been in flight. */
const IN_FLIGHT = 15_000;

/** @throws {CheckFailure} where requests failed that were due long before a kill or after its Pod was withdrawn. */
function expectOnlyAround(kills: readonly number[], outcome: Outcome): string {
  const failed = failuresOf(outcome);
  const late = failed.filter(({ at }) =>
    kills.every((kill) => at < kill - IN_FLIGHT || at > kill + WITHDRAWN),
  );
  expect(late.length === 0, () => `${late.length} failed later: ${describe(outcome)}`);
  const last = failed.map(({ at }) => at - Math.max(...kills.filter((kill) => kill <= at)));
  const seconds = Math.max(0, ...last.filter(Number.isFinite)) / 1000;
  return `${kills.length} kills, the last failure was due ${seconds.toFixed(1)} s after one; ${describe(outcome)}`;
}

function kill(pod: Pod, kills: number[]): void {
  killContainer(pod, 'user');
  kills.push(Date.now());
}

/** Waits until a Pod that was killed is ready again. */
async function untilRestarted(context: TestContext, pod: Pod): Promise<Pod> {
  const [before] = pod.status.containerStatuses ?? [];
  return context.until<Pod>('it to be restarted', async () => {
    const now = await context.get<Pod>(`pod/${pod.metadata.name}`);
    const [status] = now.status.containerStatuses ?? [];
    return status?.ready === true && status.restartCount > (before?.restartCount ?? 0)
      ? { found: now }
      : { lastSeen: JSON.stringify(status?.state) };
  });
}

export const killed = ({ suffix, load, prepare }: Series): Check => ({
  name: `a killed process costs what it was doing, and nothing once its Pod's endpoint is withdrawn${suffix}`,
  how:
    "SIGKILL to one Pod's processes under load, and again when it has been restarted, so that it stays away for " +
    `10 s; no request may fail that was due ${WITHDRAWN / 1000} s after either`,
  requires: processesInSight,
  prepare,
  run: async (context) => {
    const kills: number[] = [];
    const outcome = await underLoad(
      context,
      async () => {
        const [pod] = await userPods(context);
        if (pod === undefined) throw new Error('there is no Pod');
        kill(pod, kills);
        kill(await untilRestarted(context, pod), kills);
        await untilStands(context);
      },
      load,
    );
    expectNothingLost(outcome);
    return expectOnlyAround(kills, outcome);
  },
  fault: {
    what: 'Pods that are not ready are sent requests (publishNotReadyAddresses)',
    manifest: faultIn('Service', /^user$/, ({ spec }) => {
      spec.publishNotReadyAddresses = true;
    }),
  },
});

/** Milliseconds after it got ready: less than minReadySeconds, which is 10 s. */
const EARLY = 3_000;
/** Milliseconds that the rollout is watched: its Pod crashes three times in them. */
const WATCHED = 45_000;

const crashesEarly: Check = {
  name: 'a rollout to an image that crashes within minReadySeconds leaves the old Pods as they are',
  how:
    `the image is changed under load; the process of each new Pod is killed ${EARLY / 1000} s after it got ready, ` +
    `for ${WATCHED / 1000} s; failures as for a killed process, then the change is taken back`,
  requires: processesInSight,
  prepare: fullCost.prepare,
  run: async (context) => {
    const before = new Set((await userPods(context)).map(({ metadata: { uid } }) => uid));
    let kills: readonly number[] = [];
    let left = 0;
    const outcome = await underLoad(context, async () => {
      await setOtherImage(context);
      const isNew = ({ metadata: { uid } }: Pod) => !before.has(uid);
      kills = await killWhenReady(() => userPods(context), isNew, EARLY, Date.now() + WATCHED);
      left = (await userPods(context)).filter(({ metadata: { uid } }) => before.has(uid)).length;
    });
    await context.kubectl(['rollout', 'undo', 'deployment/user']);
    await untilStands(context);
    expect(kills.length > 0, () => 'no new Pod got ready');
    expect(left === before.size, () => `${before.size - left} of ${before.size} old Pods went`);
    expectNothingLost(outcome);
    return `${left} of ${before.size} old Pods stayed; ${expectOnlyAround(kills, outcome)}`;
  },
  fault: {
    what: 'minReadySeconds is 0',
    manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
      spec.minReadySeconds = 0;
    }),
  },
};

/** Seconds within which the service answers again. */
const BACK = 30;
const crashesLater: Check = {
  name: `an image that crashes once it is rolled out takes the service away; it is back within ${BACK} s, and no account is lost`,
  how:
    'the image is changed under load; once all Pods are new, their processes are killed at once. ' +
    'Nothing protects from this: the figure is what it costs',
  requires: processesInSight,
  prepare: fullCost.prepare,
  run: async (context) => {
    const kills: number[] = [];
    const outcome = await underLoad(context, async () => {
      await changeImage(context);
      for (const pod of await userPods(context)) kill(pod, kills);
      await untilStands(context);
    });
    expectNothingLost(outcome);
    const crash = Math.min(...kills);
    const failed = failuresOf(outcome);
    const early = failed.filter(({ at, ms }) => at + ms < crash);
    expect(early.length === 0, () => `${early.length} failed before: ${describe(outcome)}`);
    const back = Math.max(0, ...failed.map(({ at, ms }) => at + ms - crash)) / 1000;
    expect(
      back <= BACK,
      () => `the last failure came ${back.toFixed(1)} s after: ${describe(outcome)}`,
    );
    return `back after ${back.toFixed(1)} s; ${describe(outcome)}`;
  },
  fault: mysqlGoes,
};

export const crashes: readonly Check[] = [killed(fullCost), crashesEarly, crashesLater];
