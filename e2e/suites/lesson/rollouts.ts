/** The lesson's rollout, `kubectl set image`, and what the repository has in its place. */
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { run } from 'local-cluster';
import { expect, type Check } from '../../harness/check';
import { containersOf, hasImage, type Controller } from '../../harness/objects';
import { expectBounds, templates, untilRolledOut } from '../../harness/rollout';
import { ROOT } from '../../harness/root';
import type { TestContext } from '../../harness/test-context';
import { DEFAULT_BOUNDS, ensureDeployment, FILE, REFERENCE } from './deployment';

const OLD = 'redis:5.0';
export const NEW = 'redis:6.0';

async function imageOfRedis(context: TestContext): Promise<string> {
  const { spec } = await context.get(REFERENCE);
  const redis = spec.template?.spec.containers.find(({ name }) => name === 'redis');
  return redis?.image ?? 'none';
}

async function setImage(context: TestContext, image: string): Promise<void> {
  const assignment = `redis=${context.image(image)}`;
  await context.kubectl(['set', 'image', 'deployment/user-service', assignment]);
  await untilRolledOut(context, REFERENCE);
}

const kubectlSetImage: Check = {
  name: 'kubectl set image rolls the Deployment out, a Pod at a time',
  how: 'kubectl set image deployment/user-service redis=redis:6.0; a second ReplicaSet; Pods available and Pods wanted at every event of a watch',
  prepare: ensureDeployment,
  run: async (context) => {
    const before = await templates(context);
    const seen = await expectBounds(context, DEFAULT_BOUNDS, () => setImage(context, NEW));
    const after = await templates(context);
    expect(
      after.length === before.length + 1,
      () => `a second ReplicaSet was promised: ${before.join()} before, ${after.join()} after`,
    );
    const pods = await context.pods();
    const updated = pods.filter((pod) => hasImage(pod, context.image(NEW)));
    expect(
      updated.length === 3,
      () => `3 Pods of ${NEW} were promised, there are ${updated.length}`,
    );
    return `3 of 3 run ${NEW}; ${seen}`;
  },
  fault: {
    what: 'maxUnavailable: 100%',
    manifest: ({ spec }) => {
      spec.strategy = {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: 0, maxUnavailable: '100%' },
      };
    },
  },
};

const undo: Check = {
  name: 'kubectl rollout undo goes back to the template before',
  how: 'kubectl rollout undo deployment/user-service; redis:5.0 again, in the ReplicaSet that was there',
  prepare: async (context) => {
    await ensureDeployment(context);
    if ((await imageOfRedis(context)) !== context.image(NEW)) await setImage(context, NEW);
  },
  run: async (context) => {
    const before = await templates(context);
    const { stdout } = await context.kubectl(['rollout', 'undo', 'deployment/user-service']);
    await untilRolledOut(context, REFERENCE);
    const image = await imageOfRedis(context);
    const after = await templates(context);
    expect(image === context.image(OLD), () => `${OLD} was promised, the template has ${image}`);
    expect(
      isDeepStrictEqual(before, after),
      () => `no new ReplicaSet was promised: ${after.join()}`,
    );
    return `${stdout.trim()}; ${image}, ${after.length} ReplicaSets as before`;
  },
  fault: {
    what: 'revisionHistoryLimit: 0',
    manifest: ({ spec }) => {
      spec.revisionHistoryLimit = 0;
    },
  },
};

const repositorySetImage: Check = {
  name: 'npm run set-image and kubectl apply do what kubectl set image does',
  how: 'one Deployment by kubectl set image; then, from the same dist, one by npm run set-image in a copy of the repository and kubectl apply; the same .spec, a rollout each',
  run: async (context) => {
    await ensureDeployment(context);
    await setImage(context, NEW);
    const byKubectl = (await context.get(REFERENCE)).spec;
    await context.kubectl(['delete', REFERENCE]);

    await inRepositoryCopy(async (repository) => {
      const file = join(repository, FILE);
      await context.kubectl(['apply', `--filename=${context.file(file)}`]);
      await untilRolledOut(context, REFERENCE);
      const before = await templates(context);
      const setImageCommand = ['npm', 'run', '--silent', 'set-image', '--', REFERENCE] as const;
      await run([...setImageCommand, `redis=${NEW}`], { cwd: repository });
      await context.kubectl(['apply', `--filename=${context.file(file)}`]);
      await untilRolledOut(context, REFERENCE);
      const after = await templates(context);
      const rolledOut = after.filter((name) => !before.includes(name)).length;
      expect(
        rolledOut === 1,
        () => `a rollout was promised: ${before.join()}, then ${after.join()}`,
      );
    });
    const byApply = (await context.get(REFERENCE)).spec;
    expect(
      isDeepStrictEqual(byKubectl, byApply),
      () => `the same .spec was promised; it differs in ${differences(byKubectl, byApply)}`,
    );
    return `.spec equal in all ${Object.keys(byApply).length} fields; 1 rollout each`;
  },
  fault: {
    what: 'on its way to the cluster, what set-image wrote gets imagePullPolicy: Never for redis',
    manifest: (manifest) => {
      const redis = containersOf(manifest).find(({ image }) => image.endsWith(NEW));
      if (redis !== undefined) redis.imagePullPolicy = 'Never';
    },
  },
};

/** Does the work in a copy of all that git tracks here, as it is now. */
async function inRepositoryCopy(work: (repository: string) => Promise<void>): Promise<void> {
  const { stdout } = await run(['git', 'ls-files', '-z'], { cwd: ROOT });
  const copy = mkdtempSync(join(tmpdir(), 'repository-'));
  try {
    const files = stdout.split('\0').filter(Boolean);
    for (const file of files.filter((name) => existsSync(join(ROOT, name)))) {
      cpSync(join(ROOT, file), join(copy, file));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    await work(copy);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** `template: … and …`, for each field of two specs that differs. */
function differences(one: Controller['spec'], other: Controller['spec']): string {
  return Object.keys({ ...one, ...other })
    .filter((field) => !isDeepStrictEqual(one[field], other[field]))
    .map((field) => `${field}: ${JSON.stringify(one[field])} and ${JSON.stringify(other[field])}`)
    .join('; ');
}

/** In the fixture of the Deployment. */
export const ROLLOUTS: readonly Check[] = [kubectlSetImage, undo];
/** In a fixture of its own: it makes two Deployments of one name, one after the other. */
export const SET_IMAGE: readonly Check[] = [repositorySetImage];
