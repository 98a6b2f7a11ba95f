import { InputError } from '../../cli/inputs';
import { objectsOf } from '../../cli/set';
import type { Member } from '../pairs';
import { SourceError } from './source';

/** So many faults of a set are told. */
const TOLD = 10;

/**
 * The objects of a file, a folder or standard input.
 * @param shown makes the name of a file that is shown from its path
 * @throws SourceError when anything cannot be read: a part of a set is no set
 */
export async function membersAt(
  path: string,
  shown: (file: string) => string = (file) => file,
): Promise<Member[]> {
  const members: Member[] = [];
  const faults: string[] = [];
  for await (const found of objectsOf([path])) {
    if (found instanceof InputError) {
      const { line, column } = found.position ?? {};
      const at = line === undefined ? '' : `:${line}:${column ?? 1}`;
      faults.push(`${shown(found.file)}${at}: ${found.message}`);
    } else {
      const place = { file: shown(found.file), line: found.position('').line };
      members.push({ manifest: found.manifest, place });
    }
  }
  if (faults.length > 0) {
    const more = faults.length > TOLD ? [`and ${faults.length - TOLD} more`] : [];
    throw new SourceError([...faults.slice(0, TOLD), ...more].join('\n'));
  }
  return members;
}
