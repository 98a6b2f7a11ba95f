/** What rolls a Deployment out, and what does not. */
import { expect, type Claim, type Scene } from '../../harness/claim';
import { IMAGES } from '../../harness/images';
import type { Manifest } from '../../harness/objects';
import { templates, untilRolledOut } from '../../harness/rollout';
import type { Stage } from '../../harness/stage';
import { deployment, NAME, template } from './workloads';

const REFERENCE = `deployment/${NAME}`;

interface Change {
  /** Name of the scene: an RFC 1123 label. */
  readonly scene: string;
  /** The change, as the subject of a sentence. */
  readonly what: string;
  readonly changed: () => Manifest;
}

const ROLLS_OUT: readonly Change[] = [
  {
    scene: 'template-label',
    what: 'a changed label of the template',
    changed: () => {
      const { labels, containers } = template();
      return deployment({ template: { containers, labels: { ...labels, release: '2' } } });
    },
  },
  {
    scene: 'image',
    what: 'a changed image',
    changed: () => deployment({ template: template({ image: IMAGES.newRedis }) }),
  },
  {
    scene: 'environment',
    what: 'a changed environment variable',
    changed: () => deployment({ template: template({ env: { RELEASE: '2' } }) }),
  },
];

const ROLLS_NOTHING_OUT: readonly Change[] = [
  {
    scene: 'replicas',
    what: 'a changed number of replicas',
    changed: () => deployment({ replicas: 4 }),
  },
  {
    scene: 'own-label',
    what: 'a changed label of the Deployment itself',
    changed: () => deployment({ labels: { name: NAME, team: 'shop' } }),
  },
];

async function prepare(stage: Stage): Promise<void> {
  await stage.apply(deployment());
  await untilRolledOut(stage, REFERENCE);
}

/** Applies the change, and compares the ReplicaSets, one for each template, and the Pods. */
async function applyChange(stage: Stage, changed: () => Manifest) {
  const before = { templates: await templates(stage), pods: await stage.pods() };
  await stage.apply(changed());
  await untilRolledOut(stage, REFERENCE);
  const after = { templates: await templates(stage), pods: await stage.pods() };
  const uids = new Set(after.pods.map(({ metadata }) => metadata.uid));
  return {
    newTemplates: after.templates.length - before.templates.length,
    pods: after.pods.length,
    kept: before.pods.filter(({ metadata }) => uids.has(metadata.uid)).length,
  };
}

function rollsOut({ scene, what, changed }: Change): Scene {
  const claim: Claim = {
    name: `${what} rolls out`,
    how: 'kubectl apply of a Deployment and then of the changed one; ReplicaSets and Pods before and after',
    prepare,
    run: async (stage) => {
      const { newTemplates, pods, kept } = await applyChange(stage, changed);
      expect(
        newTemplates === 1 && kept === 0,
        () => `1 new ReplicaSet and no Pod kept were promised, got ${newTemplates} and ${kept}`,
      );
      return `1 new ReplicaSet, ${pods} of ${pods} Pods new`;
    },
    breakage: {
      what: 'kubectl rollout pause',
      cluster: async (stage) => {
        await stage.kubectl(['rollout', 'pause', REFERENCE]);
      },
    },
  };
  return { name: scene, claims: [claim] };
}

function rollsNothingOut({ scene, what, changed }: Change): Scene {
  const claim: Claim = {
    name: `${what} rolls nothing out`,
    how: 'kubectl apply of a Deployment and then of the changed one; the controller has observed it, ReplicaSets and Pods are the same',
    prepare,
    run: async (stage) => {
      const { newTemplates, pods, kept } = await applyChange(stage, changed);
      expect(
        newTemplates === 0 && kept === 3,
        () => `no new ReplicaSet and 3 Pods kept were promised, got ${newTemplates} and ${kept}`,
      );
      return `0 new ReplicaSets, 3 of 3 Pods kept, ${pods} Pods`;
    },
    breakage: {
      what: 'the change comes with an environment variable in the template',
      manifest: ({ metadata, spec }) => {
        const [container] = spec.template?.spec.containers ?? [];
        if (container === undefined) return;
        if (spec.replicas !== 3 || metadata.labels?.team !== undefined)
          container.env = [{ name: 'RELEASE', value: '2' }];
      },
    },
  };
  return { name: scene, claims: [claim] };
}

export const ROLLOUT_SCENES: readonly Scene[] = [
  ...ROLLS_OUT.map(rollsOut),
  ...ROLLS_NOTHING_OUT.map(rollsNothingOut),
];
