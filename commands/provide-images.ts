/** The images of services: built, and given to a cluster. */
import { join } from 'node:path';
import { type Cluster, normalizeImageName, run, type Steps } from 'local-cluster';
import { provide } from './test/provide';

const SCRIPT = join(__dirname, '..', 'services', 'images.sh');
/** What it builds, by the names in manifests. */
const BUILT = /^(?:user|load|mysql-for-user|mysql|redis|restic\/restic)(?::\w[\w.-]*)?$/;
/** Milliseconds: from nothing, the stand-in bases are installed from Debian's packages. */
const BUILD_TIMEOUT = 20 * 60_000;

export interface ProvidedImages {
  /** The name by which a Pod of the cluster gets an image, by its name in manifests; without one, by that name. */
  readonly references: ReadonlyMap<string, string>;
  /** Identifier of each image (`sha256:…`), by its full name: what a Pod that runs it has as `imageID`. */
  readonly ids: ReadonlyMap<string, string>;
  /** One sentence for each image that stands in for another. */
  readonly standIns: readonly string[];
  /** One sentence for what is left to the cluster. */
  readonly notes: readonly string[];
}

/**
 * Builds those images that are built here, and makes them available to the Pods of a cluster.
 *
 * @param images by their names in manifests.
 * @param registry where they go for a named context; without one, its nodes must have them (`minikube image load`).
 * @throws {ClusterError} naming the image that cannot be built or loaded.
 * @throws {CommandError} naming the programs that this takes and that cannot be installed.
 */
export async function provideImages(
  images: readonly string[],
  cluster: Cluster,
  registry: string | undefined,
  steps: Steps,
): Promise<ProvidedImages> {
  const isGiven = (image: string) =>
    BUILT.test(image) && (cluster.provider !== 'context' || registry !== undefined);
  const given = images.filter(isGiven);
  const left = images.filter((image) => !isGiven(image));
  const notes = left.length === 0 ? [] : [`the cluster itself has or pulls ${left.join(', ')}`];
  for (const note of notes) steps.note(note);
  if (given.length === 0) return { references: new Map(), ids: new Map(), standIns: [], notes };

  // Elsewhere images.sh says what is missing: it may need no stand-in.
  if (cluster.provider === 'node') await provide(['go', 'buildah', 'mmdebstrap'], steps);
  const { ids, standIns } = await steps.step(`build ${given.join(', ')}`, () =>
    build(given, steps),
  );
  const loaded = await cluster.load(given);
  return {
    references: new Map(
      loaded.map(({ image, reference }) => [
        image,
        // A Pod gets it by its short name as well, unless a registry made another of it.
        reference === normalizeImageName(image) ? image : reference,
      ]),
    ),
    ids,
    standIns,
    notes,
  };
}

async function build(
  images: readonly string[],
  steps: Steps,
): Promise<Pick<ProvidedImages, 'ids' | 'standIns'>> {
  const { stdout } = await run(['bash', SCRIPT, ...images], {
    timeout: BUILD_TIMEOUT,
    onLine: (line) => {
      if (!RESULT.test(line)) steps.note(line);
    },
  });
  const ids = new Map<string, string>();
  const standIns: string[] = [];
  for (const line of stdout.split('\n')) {
    const { standIn, image, id } = RESULT.exec(line)?.groups ?? {};
    if (standIn !== undefined) standIns.push(standIn);
    if (image !== undefined && id !== undefined) ids.set(normalizeImageName(image), id);
  }
  return { ids, standIns };
}

/** What images.sh says to programs; the rest is progress. */
const RESULT = /^(?:stand-in: (?<standIn>.*)|image: (?<image>\S+) (?<id>sha256:[0-9a-f]{64}))$/;
