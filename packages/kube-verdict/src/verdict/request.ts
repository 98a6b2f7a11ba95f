import type { ApplyOptions, CreateOptions, Judgement, Manifest } from './judgement';
import { notJudged, refused } from './judgement';
import { toJson } from './to-json';

/** The API server's limit for a request body (MaxRequestBodyBytes of k8s.io/apiserver). */
const MAX_BYTES = 3 * 1024 * 1024;

/** A request as JSON, or the answer where the module need not be asked. */
export type Prepared = { readonly request: string } | { readonly answer: Judgement };

/**
 * @throws TypeError when the manifest is not an object, or refers to itself
 */
export function createRequest(manifest: Manifest, options: CreateOptions = {}): Prepared {
  return prepare({ op: 'create', podSecurity: options.podSecurity }, { new: manifest });
}

/**
 * @throws TypeError when a manifest is not an object, or refers to itself
 */
export function applyRequest(
  previous: Manifest,
  next: Manifest,
  options: ApplyOptions = {},
): Prepared {
  return prepare(
    { op: 'apply', podSecurity: options.podSecurity, serverSide: options.serverSide },
    { old: previous, new: next, ...(options.live === undefined ? {} : { live: options.live }) },
  );
}

function prepare(settings: object, manifests: Readonly<Record<string, Manifest>>): Prepared {
  const members: string[] = [];
  for (const [name, manifest] of Object.entries(manifests)) {
    checkManifest(manifest);
    let text: string;
    try {
      text = toJson(manifest);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return { answer: notJudged('it is nested too deeply') };
    }
    if (byteLength(text) > MAX_BYTES) {
      const message = `Request entity too large: limit is ${MAX_BYTES}`;
      return { answer: refused('RequestEntityTooLarge', message) };
    }
    members.push(`"${name}":${text}`);
  }
  return { request: `${JSON.stringify(settings).slice(0, -1)},${members.join(',')}}` };
}

function checkManifest(manifest: unknown): void {
  if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) return;
  const received = Array.isArray(manifest) ? 'an array' : `${typeof manifest} ${String(manifest)}`;
  throw new TypeError(
    `a manifest must be an object with apiVersion and kind; received ${received}`,
  );
}

/** In UTF-8. Exact only where it may matter: a UTF-16 unit is three bytes at most. */
function byteLength(text: string): number {
  return text.length * 3 <= MAX_BYTES ? text.length : new TextEncoder().encode(text).length;
}
