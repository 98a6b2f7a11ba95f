import type { Suite } from '../../harness/check';
import { GATEWAY, IMAGES, PRODUCTION } from '../../system/names';
import { driftTakenBack, reconciled, refusedBlocks } from './changes';
import { RECONCILER } from './flux';
import { pruned } from './pruning';

export const gitops: Suite = {
  name: 'gitops',
  notes: [
    "gitops: Flux' source-controller and kustomize-controller read a Git repository of this machine; they are asked to " +
      'reconcile at once, as a webhook does, instead of waiting for the interval',
  ],
  requires: {
    enforced: ['NetworkPolicy'],
    images: Object.values(IMAGES),
    other: ({ fromSource }) =>
      Promise.resolve(
        fromSource === undefined
          ? 'needs a Git repository that Pods can read and this machine can push to: a cluster built from source'
          : undefined,
      ),
  },
  byName: true,
  fixtures: [
    {
      name: 'flux',
      namespaces: [PRODUCTION, GATEWAY, RECONCILER],
      checks: [reconciled, driftTakenBack, refusedBlocks, pruned],
    },
  ],
};
