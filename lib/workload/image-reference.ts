import type { Refusal } from '../app/refusal';

/** The parts of an image reference as they were written: nothing is normalised. */
export interface ImageReference {
  /** Registry host, with its port if one is written: `registry.example:5000`. @default - none: Docker Hub */
  readonly registry?: string;
  /** Path below the registry: `library/redis`. */
  readonly path: string;
  /** @default - none: `latest` unless there is a digest */
  readonly tag?: string;
  /** Algorithm and hexadecimal value: `sha256:…`. @default - none */
  readonly digest?: string;
}

// The grammar of https://pkg.go.dev/github.com/distribution/reference, which containerd, Docker and Podman parse by.
const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(
  `^(?:(?<registry>${DOMAIN})/)?(?<path>${PATH})(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`,
);
/** Lengths in hexadecimal digits of the digests that the OCI image specification registers. */
const DIGEST_LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * Parses an image reference by the grammar of the distribution project.
 *
 * @returns undefined if `text` is none
 */
export function parseImageReference(text: string): ImageReference | undefined {
  const [first = '', ...rest] = text.split('/');
  // `library/redis` could be either; the first part is a registry only if it looks like a host (splitDockerDomain).
  const isHost =
    rest.length > 0 &&
    (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const groups = REFERENCE.exec(isHost ? text : `docker.io/${text}`)?.groups;
  if (groups?.path === undefined) return undefined;
  const { registry, path, tag, digest } = groups;
  if ((isHost ? `${registry ?? ''}/${path}` : path).length > 255) return undefined;
  // Docker takes 64 hexadecimal digits for the id of a local image, and refuses them as a name.
  if (/^[a-f0-9]{64}$/.test(text)) return undefined;
  if (digest !== undefined && !isDigest(digest)) return undefined;
  return {
    ...(isHost && { registry }),
    path,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** Refuses what no container runtime could pull. */
export function refuseImage(field: string, image: unknown): Refusal[] {
  if (typeof image === 'string' && parseImageReference(image) !== undefined) return [];
  return [
    {
      field,
      rule: 'must be an image reference, [registry/]path[:tag][@digest]',
      received: image,
      mend: 'write it as "redis:5.0" or "registry.example:5000/team/redis:5.0@sha256:<64 hexadecimal digits>"',
    },
  ];
}

function isDigest(digest: string): boolean {
  const [algorithm = '', value = ''] = digest.split(':');
  const length = DIGEST_LENGTHS[algorithm];
  return length === undefined || (value.length === length && value === value.toLowerCase());
}
