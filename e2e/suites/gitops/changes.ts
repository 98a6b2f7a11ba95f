/** What is committed reaches the cluster, whole or not at all. */
import { type Check, expect } from '../../harness/check';
import type { Pod } from '../../harness/objects';
import type { TestContext } from '../../harness/test-context';
import { IMAGES } from '../../system/names';
import { expectNoHarm } from '../../system/outcome';
import { type Draft, faultIn, productionFiles, rolledOut, userPods } from '../../system/production';
import { commit, reconcileAgain, SET, standUpByFlux, RECONCILER } from './flux';
import type { Files } from './repository';

const prepare = (context: TestContext) => standUpByFlux(context);

/** dist/production with another image of the service. */
function withImage(context: TestContext, image: string): Files {
  return productionFiles(context, ({ kind, metadata, spec }) => {
    if (kind !== 'Deployment' || metadata.name !== 'user') return;
    const pod = (spec?.template as { spec: { containers: { image: string }[] } }).spec;
    for (const container of pod.containers) container.image = context.image(image);
  });
}

function imageOf(pod: Pod | undefined): string {
  return pod?.spec.containers[0]?.image ?? '';
}

export const reconciled: Check = {
  name: 'a commit to dist/production is reconciled, and fails no request',
  how: "another image is committed and pushed under load; Flux' kustomize-controller applies it and waits for the rollout",
  prepare,
  run: async (context) => {
    let seconds = 0;
    const outcome = await expectNoHarm(context, async () => {
      const [pod] = await userPods(context);
      const runs = imageOf(pod) === context.image(IMAGES.user);
      const image = runs ? IMAGES.changed : IMAGES.user;
      const began = performance.now();
      const { ready, message } = await commit(context, withImage(context, image), `Run ${image}`);
      seconds = (performance.now() - began) / 1000;
      expect(ready, () => `Flux says: ${message}`);
      const others = (await userPods(context)).filter(
        (one) => imageOf(one) !== context.image(image),
      );
      expect(others.length === 0, () => `${others.length} Pods run another image`);
    });
    return `from the push to the finished rollout ${seconds.toFixed(0)} s; ${outcome}`;
  },
  fault: {
    what: 'the Deployment replaces all Pods at once (Recreate)',
    manifest: faultIn('Deployment', /^user$/, ({ spec }) => {
      spec.strategy = { type: 'Recreate' };
    }),
  },
};

export const driftTakenBack: Check = {
  name: 'drift made by hand is taken back',
  how:
    "by hand the service's image and a variable are set, its budget is deleted and its Service sent to another port; " +
    'after the next reconciliation their specs are as before',
  prepare,
  run: async (context) => {
    const managed = ['deployment/user', 'service/user', 'poddisruptionbudget/user'];
    const before = await specsOf(context, managed);
    await context.kubectl([
      ...['set', 'image', 'deployment/user', `user=${context.image(IMAGES.changed)}`],
    ]);
    await context.kubectl(['set', 'env', 'deployment/user', 'LOG_LEVEL=debug']);
    const patch = JSON.stringify([{ op: 'replace', path: '/spec/ports/0/targetPort', value: 1 }]);
    await context.kubectl(['patch', 'service/user', '--type=json', `--patch=${patch}`]);
    await context.kubectl(['delete', 'poddisruptionbudget/user']);
    const began = performance.now();
    const { ready, message } = await reconcileAgain(context);
    expect(ready, () => `Flux says: ${message}`);
    const seconds = (performance.now() - began) / 1000;
    const after = await specsOf(context, managed);
    const left = managed.filter((reference) => before.get(reference) !== after.get(reference));
    expect(left.length === 0, () =>
      left
        .map((reference) => `${reference} was ${before.get(reference)}, is ${after.get(reference)}`)
        .join('; '),
    );
    await rolledOut(context, 'deployment/user');
    return `${managed.length} objects are as before, ${seconds.toFixed(0)} s after Flux was asked`;
  },
  fault: {
    what: 'Flux has been told to look away (suspend: true)',
    cluster: async (context) => {
      await context.kubectl([
        ...[`--namespace=${RECONCILER}`, 'patch', SET, '--type=merge'],
        `--patch=${JSON.stringify({ spec: { suspend: true } })}`,
      ]);
    },
  },
};

/** Specs as JSON, by reference; of what is not there, nothing. */
async function specsOf(
  context: TestContext,
  references: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const specs = new Map<string, string>();
  for (const reference of references) {
    const { code, stdout } = await context.kubectl(['get', reference, '--output=json'], {
      allowFailure: true,
    });
    if (code === 0) specs.set(reference, JSON.stringify((JSON.parse(stdout) as Draft).spec));
  }
  return specs;
}

const REFUSED: Draft & Record<'apiVersion', string> = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'refused', namespace: 'user-production' },
  spec: { selector: { 'app.kubernetes.io/name': 'user' }, ports: [{ port: 0 }] },
};

export const refusedBlocks: Check = {
  name: 'an object that the API server refuses blocks the whole set, and Flux names it',
  how: 'a Service with port 0 is committed together with a changed image; Flux has to say why, and nothing of the commit may be there; the next commit without it goes through',
  prepare,
  run: async (context) => {
    const before = await context.get('deployment/user');
    const files = new Map(withImage(context, IMAGES.changed));
    files.set('dist/production/zz-refused.k8s.yaml', [context.withFault(REFUSED)]);
    const { ready, reason, message } = await commit(context, files, 'Add a Service');
    expect(!ready, () => `Flux says: ${message}`);
    expect(
      message.includes('Service/user-production/refused'),
      () => `it is not named: ${message}`,
    );
    const after = await context.get('deployment/user');
    expect(
      before.metadata.generation === after.metadata.generation,
      () => 'the Deployment of the same commit was changed',
    );
    const next = await commit(context, productionFiles(context), 'Take the Service back');
    expect(next.ready, () => `the next commit: ${next.message}`);
    return `${reason}: ${message.trim().split('\n')[0] ?? ''}; the next commit went through`;
  },
  fault: {
    what: 'the Service is one that the API server takes (port 80)',
    manifest: faultIn('Service', /^refused$/, ({ spec }) => {
      spec.ports = [{ port: 80 }];
    }),
  },
};
