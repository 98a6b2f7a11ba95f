import { posix } from 'node:path';
import { type ObjectSet, SourceError } from './source';

/** The two sets of one environment. */
export interface Environment {
  /** Its folder, as NEW has it: `dist/production`. */
  readonly name: string;
  readonly before: ObjectSet;
  readonly after: ObjectSet;
}

/**
 * Two sets by the folders right below them, in the order of their names; the files beside these
 * folders are an environment too, the first.
 * @throws SourceError when a set is no folder, or a cluster's
 */
export function environmentsOf(before: ObjectSet, after: ObjectSet): Environment[] {
  const sides = [byFolder(before), byFolder(after)] as const;
  const folders = [...new Set(sides.flatMap((side) => [...side.keys()]))].sort();
  const root = posix.basename(rootOf(after.name));
  return folders.map((folder): Environment => {
    const [old, now] = sides.map((side, i): ObjectSet => {
      const set = i === 0 ? before : after;
      return { name: posix.join(set.name, folder), members: side.get(folder) ?? [] };
    }) as [ObjectSet, ObjectSet];
    return { name: folder === '' ? root : `${root}/${folder}`, before: old, after: now };
  });
}

/** The members of a set by the folder right below it; of the files beside them by an empty name. */
function byFolder(set: ObjectSet): Map<string, ObjectSet['members'][number][]> {
  const root = rootOf(set.name);
  const folders = new Map<string, ObjectSet['members'][number][]>();
  for (const member of set.members) {
    const file = member.place === null ? '' : posix.normalize(member.place.file);
    const isBelow = root === '.' || file.startsWith(`${root}/`);
    if (member.place === null || !isBelow) {
      throw new SourceError(`${set.name}: --environments takes folders, which hold one each`);
    }
    const path = root === '.' ? file : file.slice(root.length + 1);
    const folder = path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
    const known = folders.get(folder);
    if (known === undefined) folders.set(folder, [member]);
    else known.push(member);
  }
  return folders;
}

/** What the files of a set are shown below. */
function rootOf(name: string): string {
  const path = name.startsWith('git:') ? name.slice(4) : name;
  return posix.normalize(path.replace(/:(?:\.\/)+/, ':')).replace(/\/+$/, '') || '/';
}
