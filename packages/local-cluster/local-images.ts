/** Images in this machine's own storage: that of buildah and podman, or Docker's. */
import { run, succeeds } from './run';
import { imageNameIn, normalizeImageName } from './image-name';
import { ClusterError } from './cluster-error';

/** Milliseconds for writing or pushing one image. */
const COPY_TIMEOUT = 10 * 60_000;

interface Storage {
  readonly tool: string;
  has(name: string): Promise<boolean>;
  /** Writes the image into an archive of Docker's format, under the name `as`. */
  export(name: string, as: string, archive: string): Promise<void>;
  push(name: string, to: string): Promise<void>;
}

const STORAGES: readonly Storage[] = [
  containersStorage('buildah', (name) => [
    'buildah',
    'inspect',
    '--type=image',
    '--format={{.FromImageID}}',
    name,
  ]),
  containersStorage('podman', (name) => ['podman', 'image', 'exists', name]),
  {
    tool: 'docker',
    has: (name) => succeeds(['docker', 'image', 'inspect', name]),
    export: async (name, as, archive) => {
      await run(['docker', 'tag', name, as]);
      await run(['docker', 'save', '--output', archive, as], { timeout: COPY_TIMEOUT });
    },
    push: async (name, to) => {
      await run(['docker', 'tag', name, to]);
      await run(['docker', 'push', to], { timeout: COPY_TIMEOUT });
    },
  },
];

/** buildah and podman share a storage, and the notation of where an image goes: containers-transports(5). */
function containersStorage(
  tool: string,
  lookUp: (name: string) => readonly [string, ...string[]],
): Storage {
  return {
    tool,
    has: (name) => succeeds(lookUp(name)),
    export: async (name, as, archive) => {
      await run([tool, 'push', '--quiet', name, `docker-archive:${archive}:${as}`], {
        timeout: COPY_TIMEOUT,
      });
    },
    push: async (name, to) => {
      // Docker's own rule: a registry on this machine may do without TLS.
      const insecure = /^(?:localhost|127\.[\d.]+)(?::\d+)?\//.test(to)
        ? ['--tls-verify=false']
        : [];
      await run([tool, 'push', '--quiet', ...insecure, name, `docker://${to}`], {
        timeout: COPY_TIMEOUT,
      });
    },
  };
}

/**
 * Writes an image into an archive, under the name by which Kubernetes looks it up.
 *
 * @returns that name.
 * @throws {ClusterError} when no storage has it.
 */
export async function exportImage(image: string, archive: string): Promise<string> {
  const reference = normalizeImageName(image);
  if (reference.includes('@')) {
    throw new ClusterError(
      `image "${image}" is named by digest, which an archive does not keep; load it by its tag`,
    );
  }
  const { storage, name } = await find(image);
  await storage.export(name, reference, archive);
  return reference;
}

/** Pushes an image to a registry. @returns its name there. */
export async function pushImage(image: string, registry: string): Promise<string> {
  const reference = imageNameIn(registry, image);
  const { storage, name } = await find(image);
  await storage.push(name, reference);
  return reference;
}

/** True when Docker's own storage has the image. */
export async function dockerHas(image: string): Promise<boolean> {
  return (
    (await succeeds(['docker', 'info'])) && (await succeeds(['docker', 'image', 'inspect', image]))
  );
}

/** What a build calls `user` is stored as localhost/user:latest, and a pull stores docker.io/library/user:latest. */
export function storedNames(image: string): string[] {
  const reference = normalizeImageName(image);
  const short = /^docker\.io\/(?:library\/)?(.*)$/.exec(reference)?.[1];
  const built = short === undefined || image.includes('docker.io/') ? [] : [`localhost/${short}`];
  return [...built, reference];
}

async function find(image: string): Promise<{ storage: Storage; name: string }> {
  const names = storedNames(image);
  for (const storage of STORAGES) {
    if (!(await succeeds([storage.tool, '--version']))) continue;
    for (const name of storage.tool === 'docker' ? [normalizeImageName(image)] : names) {
      if (await storage.has(name)) return { storage, name };
    }
  }
  throw new ClusterError(
    `no image ${names.join(' or ')} in the storage of ${STORAGES.map(({ tool }) => tool).join(', ')}; ` +
      `build it first (buildah build --tag ${image} FOLDER)`,
  );
}
