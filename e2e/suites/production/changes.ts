/** Changes that people make: each is rolled out without a request that fails. */
import { type Check, expect } from '../../harness/check';
import { changeImage, setImage } from '../../system/events';
import { IMAGES } from '../../system/names';
import { expectNoHarm } from '../../system/outcome';
import {
  applyAll,
  faultIn,
  productionManifests,
  rolledOut,
  standUp,
  underOtherNames,
  untilStands,
  userPods,
} from '../../system/production';
import { fullCost, type Series } from './series';

const { prepare } = fullCost;

/** All old Pods go before a new one is there. */
const allAtOnce = {
  what: 'the Deployment replaces all Pods at once (Recreate)',
  manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
    spec.strategy = { type: 'Recreate' };
  }),
};

/** A Pod that ends is still sent requests, and no longer takes them. */
export const noDrain = {
  what: 'Pods that end are still sent requests (publishNotReadyAddresses) and no longer take them (DRAIN_DELAY 0s)',
  manifest: (manifest: Parameters<ReturnType<typeof faultIn>>[0]) => {
    faultIn('Service', /^user$/, ({ spec }) => {
      spec.publishNotReadyAddresses = true;
    })(manifest);
    faultIn('ConfigMap', /^user-/, ({ data }) => {
      data.DRAIN_DELAY = '0s';
    })(manifest);
  },
};

export const imageChange = ({ suffix, load, prepare }: Series): Check => ({
  name: `an image change fails no request${suffix}`,
  how: 'kubectl set image under load; the rollout is waited for',
  prepare,
  run: (context) => expectNoHarm(context, () => changeImage(context), load),
  fault: allAtOnce,
});

const configurationChange: Check = {
  name: 'a change of configuration fails no request',
  how: 'a ConfigMap of another name and the Deployment that refers to it are applied under load',
  prepare,
  run: async (context) => {
    const changed = underOtherNames(
      productionManifests(context),
      productionManifests(context, ({ kind, metadata, data }) => {
        if (kind === 'ConfigMap' && metadata.name.startsWith('user-') && data !== undefined)
          data.LOG_LEVEL = 'warn';
      }),
    );
    return expectNoHarm(context, async () => {
      await applyAll(context, changed);
      await rolledOut(context, 'deployment/user');
    });
  },
  fault: allAtOnce,
};

const rollback: Check = {
  name: 'a rollback fails no request',
  how: 'kubectl rollout undo under load, after a change of the image',
  prepare: async (context) => {
    await standUp(context);
    const { stdout } = await context.kubectl(['rollout', 'history', 'deployment/user']);
    if (!/^2\s/m.test(stdout)) await changeImage(context);
  },
  run: (context) =>
    expectNoHarm(context, async () => {
      await context.kubectl(['rollout', 'undo', 'deployment/user']);
      await rolledOut(context, 'deployment/user');
    }),
  fault: noDrain,
};

export const neverReady: Check = {
  name: 'a rollout to an image that never gets ready leaves the old Pods as they are',
  how: "the image is changed to Redis's under load, which answers no probe, and taken back after 20 s",
  prepare,
  run: async (context) => {
    const before = await userPods(context);
    let left = 0;
    const found = await expectNoHarm(context, async () => {
      await setImage(context, IMAGES.redis);
      await context.kubectl(['rollout', 'status', 'deployment/user', '--timeout=20s'], {
        allowFailure: true,
      });
      const after = new Set((await userPods(context)).map(({ metadata: { uid } }) => uid));
      left = before.filter(({ metadata: { uid } }) => after.has(uid)).length;
      await context.kubectl(['rollout', 'undo', 'deployment/user']);
      await untilStands(context);
    });
    expect(
      left === before.length,
      () => `${before.length - left} of ${before.length} old Pods went`,
    );
    return `${left} of ${before.length} old Pods stayed; ${found}`;
  },
  fault: {
    what: 'maxUnavailable is 2',
    manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
      spec.strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 2, maxSurge: 0 } };
    }),
  },
};

export const changes: readonly Check[] = [
  imageChange(fullCost),
  configurationChange,
  rollback,
  neverReady,
];
