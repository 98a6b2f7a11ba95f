/** What rolls a Deployment out, and what does not. */
import { expect, type Check, type Fixture } from '../../harness/check';
import type { Manifest } from '../../harness/objects';
import { templates, untilRolledOut } from '../../harness/rollout';
import type { TestContext } from '../../harness/test-context';
import { deployment, NAME, NEW_IMAGE, template } from './workloads';

const REFERENCE = `deployment/${NAME}`;

interface Change {
  /** Name of the fixture: an RFC 1123 label. */
  readonly fixture: string;
  /** The change, as the subject of a sentence. */
  readonly what: string;
  readonly changed: () => Manifest;
}

const ROLLS_OUT: readonly Change[] = [
  {
    fixture: 'template-label',
    what: 'a changed label of the template',
    changed: () => {
      const { labels, containers } = template();
      return deployment({ template: { containers, labels: { ...labels, release: '2' } } });
    },
  },
  {
    fixture: 'image',
    what: 'a changed image',
    changed: () => deployment({ template: template({ image: NEW_IMAGE }) }),
  },
  {
    fixture: 'environment',
    what: 'a changed environment variable',
    changed: () => deployment({ template: template({ env: { RELEASE: '2' } }) }),
  },
];

const ROLLS_NOTHING_OUT: readonly Change[] = [
  {
    fixture: 'replicas',
    what: 'a changed number of replicas',
    changed: () => deployment({ replicas: 4 }),
  },
  {
    fixture: 'own-label',
    what: 'a changed label of the Deployment itself',
    changed: () => deployment({ labels: { name: NAME, team: 'shop' } }),
  },
];

async function prepare(context: TestContext): Promise<void> {
  await context.apply(deployment());
  await untilRolledOut(context, REFERENCE);
}

/** Applies the change, and compares the ReplicaSets, one for each template, and the Pods. */
async function applyChange(context: TestContext, changed: () => Manifest) {
  const before = { templates: await templates(context), pods: await context.pods() };
  await context.apply(changed());
  await untilRolledOut(context, REFERENCE);
  const after = { templates: await templates(context), pods: await context.pods() };
  const uids = new Set(after.pods.map(({ metadata }) => metadata.uid));
  return {
    newTemplates: after.templates.length - before.templates.length,
    pods: after.pods.length,
    kept: before.pods.filter(({ metadata }) => uids.has(metadata.uid)).length,
  };
}

function rollsOut({ fixture, what, changed }: Change): Fixture {
  const check: Check = {
    name: `${what} rolls out`,
    how: 'kubectl apply of a Deployment and then of the changed one; ReplicaSets and Pods before and after',
    prepare,
    run: async (context) => {
      const { newTemplates, pods, kept } = await applyChange(context, changed);
      expect(
        newTemplates === 1 && kept === 0,
        () => `1 new ReplicaSet and no Pod kept were promised, got ${newTemplates} and ${kept}`,
      );
      return `1 new ReplicaSet, ${pods} of ${pods} Pods new`;
    },
    fault: {
      what: 'kubectl rollout pause',
      cluster: async (context) => {
        await context.kubectl(['rollout', 'pause', REFERENCE]);
      },
    },
  };
  return { name: fixture, checks: [check] };
}

function rollsNothingOut({ fixture, what, changed }: Change): Fixture {
  const check: Check = {
    name: `${what} rolls nothing out`,
    how: 'kubectl apply of a Deployment and then of the changed one; the controller has observed it, ReplicaSets and Pods are the same',
    prepare,
    run: async (context) => {
      const { newTemplates, pods, kept } = await applyChange(context, changed);
      expect(
        newTemplates === 0 && kept === 3,
        () => `no new ReplicaSet and 3 Pods kept were promised, got ${newTemplates} and ${kept}`,
      );
      return `0 new ReplicaSets, 3 of 3 Pods kept, ${pods} Pods`;
    },
    fault: {
      what: 'the change comes with an environment variable in the template',
      manifest: ({ metadata, spec }) => {
        const [container] = spec.template?.spec.containers ?? [];
        if (container === undefined) return;
        if (spec.replicas !== 3 || metadata.labels?.team !== undefined)
          container.env = [{ name: 'RELEASE', value: '2' }];
      },
    },
  };
  return { name: fixture, checks: [check] };
}

export const ROLLOUT_FIXTURES: readonly Fixture[] = [
  ...ROLLS_OUT.map(rollsOut),
  ...ROLLS_NOTHING_OUT.map(rollsNothingOut),
];
