/** What is done to the system, and when that has harmed it. */
import { setTimeout as passing } from 'node:timers/promises';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import {
  changeImage,
  drainSecond,
  killStore,
  setImage,
  setOtherImage,
  tryToEvict,
} from '../../system/events';
import { IMAGES } from '../../system/names';
import { nodes } from '../../system/nodes';
import { hasFailed, type Outcome } from '../../system/outcome';
import { killContainer, killWhenReady } from '../../system/processes';
import { untilStands, userPods } from '../../system/production';

export interface Event {
  readonly name: string;
  readonly run: (context: TestContext) => Promise<unknown>;
  /** What a system with all protections does not suffer from it: how it is said, or undefined where there is none. */
  readonly harm: (outcome: Outcome) => string | undefined;
}

const anyFailure = ({ requests, lost }: Outcome) => {
  const failed = requests.filter(hasFailed).length;
  if (lost.length > 0) return `${lost.length} accounts lost`;
  return failed > 0 ? `${failed} failed` : undefined;
};

/** What was killed fails in any case; what counts is a time in which nobody was answered. */
const away = (outcome: Outcome) => {
  const seconds = secondsAway(outcome);
  return seconds >= LEAST_AWAY ? `nobody answered for ${seconds.toFixed(1)} s` : undefined;
};

/** Seconds: shorter, and it may be the requests to one Pod that happened to follow each other. */
const LEAST_AWAY = 0.5;

/** The longest time in which every request that was due failed. */
export function secondsAway({ requests }: Outcome): number {
  let longest = 0;
  let since: number | undefined;
  for (const request of requests) {
    if (hasFailed(request)) {
      since ??= request.at;
      longest = Math.max(longest, request.at - since);
    } else since = undefined;
  }
  return longest / 1000;
}

const imageChange: Event = { name: 'image change', run: changeImage, harm: anyFailure };
const drained: Event = { name: 'node drained', run: drainSecond, harm: anyFailure };

/** Milliseconds that no node takes Pods: longer than those that end still serve. Evictions are asked for all the while. */
const EVICTING = 20_000;

const noNodeFree: Event = {
  name: 'all Pods evicted, no node free',
  run: async (context) => {
    const all = await nodes(context);
    try {
      await context.kubectl(['cordon', ...all]);
      const pods = await userPods(context);
      const end = Date.now() + EVICTING;
      let left: readonly Pod[] = pods;
      while (Date.now() < end) {
        const refused = await Promise.all(left.map((pod) => tryToEvict(context, pod)));
        left = left.filter((_, index) => refused[index] !== undefined);
        await passing(500);
      }
    } finally {
      await context.kubectl(['uncordon', ...all]);
    }
    await untilStands(context);
  },
  harm: anyFailure,
};

const nodeFails: Event = {
  name: "one node's processes killed",
  run: async (context) => {
    const [, second] = await nodes(context);
    const pods = (await userPods(context)).filter(({ spec }) => spec.nodeName === second);
    for (const pod of pods) killContainer(pod, 'user');
    await untilStands(context);
  },
  harm: away,
};

/** Milliseconds after a new Pod got ready, and that the rollout is left to itself. */
const CRASHES = 8_000;
const WATCHED = 40_000;

const crashingImage: Event = {
  name: `image that crashes once ready for ${CRASHES / 1000} s`,
  run: async (context) => {
    const old = new Set((await userPods(context)).map(({ metadata: { uid } }) => uid));
    await setOtherImage(context);
    const isNew = ({ metadata: { uid } }: Pod) => !old.has(uid);
    await killWhenReady(() => userPods(context), isNew, CRASHES, Date.now() + WATCHED);
    await context.kubectl(['rollout', 'undo', 'deployment/user']);
    await untilStands(context);
  },
  harm: away,
};

const neverReady: Event = {
  name: 'image that never gets ready',
  run: async (context) => {
    // It answers no probe.
    await setImage(context, IMAGES.redis);
    await context.kubectl(['rollout', 'status', 'deployment/user', '--timeout=20s'], {
      allowFailure: true,
    });
    await context.kubectl(['rollout', 'undo', 'deployment/user']);
    await untilStands(context);
  },
  harm: anyFailure,
};

const mysqlKilled: Event = {
  name: 'MySQL killed',
  run: (context) => killStore(context, 'mysql'),
  // Clients are turned away in any case.
  harm: ({ lost }) => (lost.length > 0 ? `${lost.length} accounts lost` : undefined),
};

export const EVENTS = {
  imageChange,
  drained,
  noNodeFree,
  nodeFails,
  neverReady,
  crashingImage,
  mysqlKilled,
} as const;
