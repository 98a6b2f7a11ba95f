import type { ApplyOptions, CreateOptions, Judgement, Manifest } from './judgement';
import { notJudged } from './judgement';
import { toJson } from './to-json';

/** A request as text, or the answer where the module need not be asked. */
export type Prepared = { readonly request: string } | { readonly answer: Judgement };

/** JSON of a manifest, as it was read. */
export class ManifestJson {
  constructor(readonly text: string) {}
}

/**
 * @throws TypeError when the manifest is not an object, or refers to itself
 */
export function createRequest(manifest: Manifest, options: CreateOptions = {}): Prepared {
  return prepare({ op: 'create', ...settingsOf(options) }, { new: manifest });
}

/**
 * @param previous the manifest that was applied before, if any
 * @throws TypeError when a manifest is not an object, or refers to itself
 */
export function applyRequest(
  previous: Manifest | undefined,
  next: Manifest,
  options: ApplyOptions = {},
): Prepared {
  const { serverSide, changes, objects, live } = options;
  const again = isSame(previous, next) ? true : undefined;
  return prepare(
    { op: 'apply', ...settingsOf(options), serverSide, changes, objects, again },
    {
      ...(previous === undefined || again ? {} : { old: previous }),
      new: next,
      ...(live === undefined ? {} : { live }),
    },
  );
}

/**
 * A request to create the objects of a document, each with a judgement.
 * @param json whether kubectl reads the document as JSON
 */
export function createTextRequest(
  text: string,
  json: boolean,
  options: CreateOptions,
  apply?: { readonly serverSide: boolean },
): string {
  const op = apply === undefined ? 'create' : 'apply';
  return `${JSON.stringify({ op, textIsJson: json, ...settingsOf(options), ...apply })}\n${text}`;
}

/** Whether it is plain that both are the same manifest. */
function isSame(previous: Manifest | undefined, next: Manifest): boolean {
  return (
    previous === next ||
    (previous instanceof ManifestJson &&
      next instanceof ManifestJson &&
      previous.text === next.text)
  );
}

function settingsOf({ podSecurity, namespace, ipFamilies, serviceCidr }: CreateOptions): object {
  return { podSecurity, namespace, ipFamilies, serviceCidr };
}

function prepare(settings: object, manifests: Readonly<Record<string, Manifest>>): Prepared {
  const follow = Object.keys(manifests);
  const texts = [JSON.stringify({ ...settings, follow })];
  for (const manifest of Object.values(manifests)) {
    if (manifest instanceof ManifestJson) {
      texts.push(manifest.text);
    } else {
      checkManifest(manifest);
      try {
        texts.push(toJson(manifest));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        return { answer: notJudged('it is nested too deeply') };
      }
    }
  }
  // JSON has no tabs but between its tokens, where none of these has any.
  return { request: texts.join('\t') };
}

function checkManifest(manifest: unknown): void {
  if (typeof manifest === 'object' && manifest !== null && !Array.isArray(manifest)) return;
  const received = Array.isArray(manifest) ? 'an array' : `${typeof manifest} ${String(manifest)}`;
  throw new TypeError(
    `a manifest must be an object with apiVersion and kind; received ${received}`,
  );
}
