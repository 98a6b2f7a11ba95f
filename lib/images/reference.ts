import type { FieldError } from '../app/validation';
import { secretIn } from '../secrets/detector';

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

// The grammar of https://pkg.go.dev/github.com/distribution/reference (ParseDockerRef), which the kubelet, containerd,
// Docker and Podman parse by, and of https://pkg.go.dev/github.com/opencontainers/go-digest.
const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const PATH = `${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = 'sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}';
const REFERENCE = new RegExp(
  `^(?:(?<registry>${DOMAIN})/)?(?<path>${PATH})(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`,
);
/** Longest path, in characters, with the `library/` that Docker Hub puts before a name of one part. */
const PATH_LENGTH = 255;

/**
 * Parses an image reference as the kubelet does.
 *
 * @returns undefined if `text` is none
 */
export function parseImageReference(text: string): ImageReference | undefined {
  // Docker takes 64 hexadecimal digits for the id of a local image, and refuses them as a name.
  if (/^[a-f0-9]{64}$/.test(text)) return undefined;
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  // `library/redis` could be either; the first part is a registry only if it looks like a host (splitDockerDomain).
  const isHost = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const groups = REFERENCE.exec(isHost ? text : `docker.io/${text}`)?.groups;
  if (groups?.path === undefined) return undefined;
  const { registry, path, tag, digest } = groups;
  // `a.b_c/d`: a host that is none, and a path that could do without.
  if (registry === undefined) return undefined;
  const onDockerHub = registry === 'docker.io' || registry === 'index.docker.io';
  const inLibrary = onDockerHub && !path.includes('/');
  if ((inLibrary ? `library/${path}` : path).length > PATH_LENGTH) return undefined;
  return {
    ...(isHost && { registry }),
    path,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** An error for what no container runtime could pull. */
export function validateImage(field: string, image: unknown): FieldError[] {
  if (typeof image === 'string' && parseImageReference(image) !== undefined) {
    const what = secretIn(image);
    if (what === undefined) return [];
    return [
      {
        field,
        rule: 'must hold no secret: manifests are in Git',
        received: `${image.length} characters that look like ${what}`,
        fix: 'name the image by what everybody may know',
      },
    ];
  }
  return [
    {
      field,
      rule: 'must be an image reference, [registry/]path[:tag][@digest]',
      received: image,
      fix: 'write it as "redis:5.0" or "registry.example:5000/team/redis:5.0@sha256:<64 hexadecimal digits>"',
    },
  ];
}

/** The same, of an image that does not become another one while nothing here has changed. */
export function validateVersionedImage(field: string, image: unknown): FieldError[] {
  const errors = validateImage(field, image);
  if (errors.length > 0) return errors;
  const { tag = 'latest', digest } = parseImageReference(String(image)) ?? {};
  if (digest !== undefined || tag !== 'latest') return [];
  return [
    {
      field,
      rule: 'must name a version, by a digest or by a tag other than "latest"',
      received: image,
      fix: 'write it as "redis:7.4"',
    },
  ];
}
