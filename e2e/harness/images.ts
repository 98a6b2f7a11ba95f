/** The images that the claims run. */
import { join } from 'node:path';
import { provide } from '../../commands/test/provide';
import { normalizeImageName, run, succeeds, type Cluster, type Steps } from 'local-cluster';

/** Those of the lesson's manifests, and the one that its `kubectl set image` names. */
export const IMAGES = {
  user: 'user',
  mysql: 'mysql-for-user',
  redis: 'redis:5.0',
  newRedis: 'redis:6.0',
} as const;

export interface LoadedImages {
  /** The name under which the cluster has an image, by the name that the lesson's manifests have. */
  readonly references: ReadonlyMap<string, string>;
  /** One sentence for each image that stands in for another. */
  readonly standIns: readonly string[];
  /** What else the results rest on. */
  readonly notes: readonly string[];
}

/** For suites whose Pods never run. */
export const NO_IMAGES: LoadedImages = { references: new Map(), standIns: [], notes: [] };

/** Milliseconds: from nothing, the stand-in bases are installed from Debian's packages. */
const BUILD_TIMEOUT = 14 * 60_000;
const PULL_TIMEOUT = 60_000;

/**
 * Builds the images from `services` and gives them to the cluster.
 *
 * @param registry where they go for a named context; without one, its nodes must have them (`minikube image load`).
 */
export async function provideImages(
  root: string,
  cluster: Cluster,
  registry: string | undefined,
  steps: Steps,
): Promise<LoadedImages> {
  const images = Object.values(IMAGES);
  if (cluster.provider === 'context' && registry === undefined) {
    const note = `without --registry, the images are those that the cluster has or pulls as ${images.join(', ')}`;
    steps.note(note);
    return { references: new Map(), standIns: [], notes: [note] };
  }
  if (cluster.provider === 'node') await provide(['go', 'buildah', 'mmdebstrap'], steps);
  const standIns = await steps.step('build the images of services', () => build(root));
  const loaded = await steps.step('give the images to the cluster', () => cluster.load(images));
  return {
    references: new Map(
      loaded.map(({ image, reference }) => [
        image,
        // A Pod gets it by the lesson's own short name, unless a registry made another of it.
        reference === normalizeImageName(image) ? image : reference,
      ]),
    ),
    standIns,
    notes: [],
  };
}

async function build(root: string): Promise<string[]> {
  const script = join(root, 'services', 'images.sh');
  const { stdout } = await run(['bash', script, '--lesson'], { timeout: BUILD_TIMEOUT });
  const standIns = stdout.split('\n').flatMap((line) => /^stand-in: (.*)/.exec(line)?.[1] ?? []);
  return [...standIns, ...(await provideNewRedis())];
}

/** Where redis:6.0 cannot be pulled, another name of redis:5.0: a rollout goes by the name, not by what it names. */
async function provideNewRedis(): Promise<string[]> {
  const { redis, newRedis } = IMAGES;
  const official = normalizeImageName(newRedis);
  const pulled =
    (await succeeds(['buildah', 'inspect', '--type=image', official])) ||
    (await succeeds(['buildah', 'pull', '--quiet', official], PULL_TIMEOUT));
  if (pulled) return [];
  await run(['buildah', 'tag', `localhost/${redis}`, `localhost/${newRedis}`]);
  return [`${official} cannot be pulled; ${redis} under that name stands in for it`];
}
