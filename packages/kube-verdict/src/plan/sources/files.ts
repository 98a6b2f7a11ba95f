import { readSet } from '../../reading/manifest-set';
import type { Reader, ReadObject } from '../../reading/reader';
import type { Manifest } from '../../verdict/judgement';
import { parseJson } from '../../verdict/to-json';
import { plain } from '../../words/printable';
import type { Member } from '../side';
import { SourceError } from './source';

/** So many faults of a set are told. */
const TOLD = 10;

/**
 * The objects of a file, a folder or standard input, as kubectl reads them.
 * @param shown makes the name of a file that is shown from its path
 * @throws SourceError when anything cannot be read: a part of a set is no set
 */
export async function membersAt(
  path: string,
  reader: Reader,
  shown: (file: string) => string = (file) => file,
): Promise<Member[]> {
  const { objects, remarks } = await readSet(path, reader, {
    exclude: [],
    kustomize: false,
    valueOf: (text) => reader.value(text),
  });
  const faults = remarks.flatMap((remark) => {
    if (remark.kind !== 'unreadable') return [];
    const { file, position, message } = remark.error;
    const at = position === undefined ? '' : `:${position.line}:${position.column}`;
    return [plain(`${shown(file)}${at}: ${message}`)];
  });
  if (faults.length > 0) {
    const more = faults.length > TOLD ? [`and ${faults.length - TOLD} more`] : [];
    throw new SourceError([...faults.slice(0, TOLD), ...more].join('\n'));
  }
  if (objects.length === 0) {
    throw new SourceError(`${plain(shown(path))}: there is no object in it: was it written?`);
  }
  return objects.map(({ file, object, placeOf }): Member => ({
    manifest: manifestOf(object),
    digest: object.digest,
    place: { file: shown(file), line: () => placeOf('').line },
  }));
}

const manifests = new WeakMap<ReadObject, Manifest>();

/** The same for an object that was read once for both sides. */
function manifestOf(object: ReadObject): Manifest {
  let manifest = manifests.get(object);
  if (manifest === undefined) {
    manifests.set(object, (manifest = parseJson(object.manifest) as Manifest));
  }
  return manifest;
}
