/**
 * Image names as Kubernetes resolves them: `user` is docker.io/library/user:latest.
 *
 * The rules are those of github.com/distribution/reference (ParseDockerRef), which kubelet and containerd share, and of
 * https://kubernetes.io/docs/concepts/containers/images/#image-names.
 */
import { ClusterError } from './cluster-error';

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${COMPONENT}(?:/${COMPONENT})*$`);
const DOMAIN_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(
  `^(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`,
);
const TAG = /^\w[\w.-]{0,127}$/;
/** Those of github.com/opencontainers/go-digest, by which a reference's digest is validated. */
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128})$/;
const IDENTIFIER = /^[a-f0-9]{64}$/;
/** Longest path, in characters. */
const PATH_LENGTH = 255;

interface ImageName {
  readonly domain: string;
  readonly path: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * The full name of an image: domain, path, and a tag or a digest (a digest outweighs a tag beside it).
 *
 * @throws {ClusterError} for a name that Kubernetes would call an InvalidImageName.
 */
export function normalizeImageName(name: string): string {
  const { domain, path, tag, digest } = parse(name);
  return digest === undefined
    ? `${domain}/${path}:${tag ?? 'latest'}`
    : `${domain}/${path}@${digest}`;
}

/**
 * The name that an image gets in another registry: `registry` in the place of its domain, path and tag kept. What is
 * in docker.io's library by default is not so elsewhere: `user` becomes `registry/user:latest`.
 */
export function imageNameIn(registry: string, name: string): string {
  const { domain, path, tag, digest } = parse(name);
  if (digest !== undefined && tag === undefined) {
    throw invalid(
      name,
      'has a digest and no tag, and a registry is pushed to by tag',
      'name its tag',
    );
  }
  const short = domain === 'docker.io' ? path.replace(/^library\//, '') : path;
  return normalizeImageName(`${registry.replace(/\/+$/, '')}/${short}:${tag ?? 'latest'}`);
}

function parse(name: string): ImageName {
  if (IDENTIFIER.test(name)) {
    throw invalid(
      name,
      'is 64 hexadecimal digits, which is an identifier and not a name',
      'give the image a name',
    );
  }
  const [, before = '', digest] = /^([^@]*)(?:@(.*))?$/s.exec(name) ?? [];
  const slash = before.indexOf('/');
  const first = slash === -1 ? '' : before.slice(0, slash);
  const hasDomain = /[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  const rest = hasDomain ? before.slice(slash + 1) : before;
  // Only a colon after the last slash begins a tag.
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  const tag = colon === -1 ? undefined : rest.slice(colon + 1);
  const stem = colon === -1 ? rest : rest.slice(0, colon);
  const domain = !hasDomain || first === 'index.docker.io' ? 'docker.io' : first;
  const path = domain === 'docker.io' && !stem.includes('/') ? `library/${stem}` : stem;

  if (!DOMAIN.test(domain))
    throw invalid(name, `its registry "${domain}" is not a host name`, 'write host[:port]/path');
  if (!PATH.test(path)) {
    const fix = 'use lower case letters, digits, and single separators (. _ __ -) between them';
    throw invalid(name, `its path "${stem}" is not a repository path`, fix);
  }
  if (tag !== undefined && !TAG.test(tag)) {
    throw invalid(
      name,
      `its tag "${tag}" is not a tag`,
      'use up to 128 letters, digits, _ . - and begin with none of . -',
    );
  }
  if (digest !== undefined && !DIGEST.test(digest)) {
    throw invalid(
      name,
      `its digest "${digest}" is not a digest`,
      'write sha256: and 64 hexadecimal digits',
    );
  }
  if (path.length > PATH_LENGTH)
    throw invalid(name, `its path is longer than ${PATH_LENGTH} characters`, 'shorten it');
  return { domain, path, tag, digest };
}

function invalid(name: string, rule: string, fix: string): ClusterError {
  return new ClusterError(`image name "${name}": ${rule}; ${fix}`);
}
