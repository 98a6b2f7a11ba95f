import type { ApplyOptions, CreateOptions, Judgement, Manifest } from './judgement';
import { notJudged } from './judgement';
import { checkArgument, isObject, mistakeText, rule } from '../rule';
import { toJson } from './to-json';

/** A request as text, or the answer where the module need not be asked. */
export type Prepared = { readonly request: string } | { readonly answer: Judgement };

/** A manifest of a request, and the argument that it was. */
interface Part {
  readonly member: string;
  readonly argument: string;
  readonly manifest: Manifest;
}

/** JSON of a manifest, as it was read. */
export class ManifestJson {
  constructor(readonly text: string) {}
}

/**
 * @throws TypeError when the manifest is not an object, or refers to itself
 */
export function createRequest(manifest: Manifest, options: CreateOptions = {}): Prepared {
  return prepare({ op: 'create', ...settingsOf(options) }, [
    { member: 'new', argument: 'manifest', manifest },
  ]);
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
  return prepare({ op: 'apply', ...settingsOf(options), serverSide, changes, objects, again }, [
    ...(previous === undefined || again
      ? []
      : [{ member: 'old', argument: 'previous', manifest: previous }]),
    { member: 'new', argument: 'next', manifest: next },
    ...(live === undefined ? [] : [{ member: 'live', argument: 'live', manifest: live }]),
  ]);
}

/** A request whether a manifest can ever have been applied. */
export function appliedRequest(
  manifest: Manifest,
  { serverSide, ...options }: ApplyOptions = {},
): Prepared {
  return prepare({ op: 'applied', ...settingsOf(options), serverSide }, [
    { member: 'new', argument: 'manifest', manifest },
  ]);
}

/** The request of what is JSON already. */
export function requestOf(prepared: Prepared): string {
  if ('answer' in prepared) throw new Error('JSON needs no preparation');
  return prepared.request;
}

/**
 * A request to create the objects of a document, each with a judgement.
 * @param json whether kubectl reads the document as JSON
 * @param most of more objects than so many, none has a judgement
 */
export function createTextRequest(
  text: string,
  json: boolean,
  options: CreateOptions,
  apply?: { readonly serverSide: boolean },
  most?: number,
): string {
  const op = apply === undefined ? 'create' : 'apply';
  const head = JSON.stringify({ op, textIsJson: json, most, ...settingsOf(options), ...apply });
  // Where nothing follows the head, it asks of no document at all.
  return `${head}\n${text === '' ? '\n' : text}`;
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

function prepare(settings: object, manifests: readonly Part[]): Prepared {
  const follow = manifests.map(({ member }) => member);
  const texts = [JSON.stringify({ ...settings, follow })];
  for (const { argument, manifest } of manifests) {
    const text = manifest instanceof ManifestJson ? manifest.text : jsonOf(argument, manifest);
    if (text === undefined) return { answer: notJudged('it is nested too deeply') };
    texts.push(text);
  }
  // JSON has no tabs but between its tokens, where none of these has any.
  return { request: texts.join('\t') };
}

const MANIFEST = rule('an object with apiVersion and kind', isObject);

/**
 * JSON of a manifest; undefined of what is nested too deeply.
 * @param argument what it is called where it is none
 * @throws TypeError
 */
export function jsonOf(argument: string, manifest: Manifest): string | undefined {
  checkArgument(argument, MANIFEST, manifest);
  let text: unknown;
  try {
    text = toJson(manifest);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    if (!(error instanceof TypeError) || !error.message.includes('circular')) throw error;
    const takes = 'an object that does not contain itself';
    throw new TypeError(mistakeText(argument, takes, manifest), { cause: error });
  }
  // What has a toJSON of its own, such as a Date, may be anything.
  if (typeof text === 'string' && text.startsWith('{')) return text;
  const takes = 'an object whose JSON is an object';
  throw new TypeError(mistakeText(argument, takes, manifest));
}
