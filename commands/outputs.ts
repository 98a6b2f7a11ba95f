import {
  copyFileSync,
  type Dirent,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandError } from './command';

/** How a synthesis changed a generated file. */
export interface FileChange {
  /** Path from the root of the repository: `dist/user-service.k8s.yaml`. */
  readonly file: string;
  readonly kind: 'created' | 'changed' | 'removed';
}

/** The folder that synthesis owns: what it did not generate does not stay there. */
const DIST = 'dist';

/**
 * Compares the outputs staged in `stage`, laid out as in the repository, with those in place.
 *
 * @throws {CommandError} if something that is no file is in the place of one, or something that is no folder in dist's
 */
export function compareOutputs(root: string, stage: string): FileChange[] {
  expectDist(root);
  const staged = filesBelow(stage);
  const stale = filesBelow(join(root, DIST))
    .map((file) => join(DIST, file))
    .filter((file) => !staged.includes(file));
  return [
    ...staged.flatMap((file): FileChange[] => {
      const inPlace = statSync(join(root, file), { throwIfNoEntry: false });
      if (inPlace === undefined) return [{ file, kind: 'created' }];
      if (!inPlace.isFile())
        throw new CommandError(`${file} is no file, and one has to be written there: remove it.`);
      const same = readFileSync(join(root, file)).equals(readFileSync(join(stage, file)));
      return same ? [] : [{ file, kind: 'changed' }];
    }),
    ...stale.map((file): FileChange => ({ file, kind: 'removed' })),
  ];
}

/**
 * Puts the staged outputs in place, each by one rename, so that no reader ever meets half a file; unchanged files are
 * not touched. When that fails, all is put back as it was.
 *
 * @throws the error of the file system that it failed with
 */
export function replaceOutputs(root: string, stage: string, changes: readonly FileChange[]): void {
  const inPlace = (file: string) => join(root, file);
  const backup = (file: string) => join(stage, 'before', file);
  for (const { file, kind } of changes) {
    if (kind === 'created') continue;
    mkdirSync(dirname(backup(file)), { recursive: true });
    copyFileSync(inPlace(file), backup(file));
  }
  const undo: (() => void)[] = [];
  try {
    for (const { file, kind } of changes) {
      if (kind === 'removed') continue;
      const folder = mkdirSync(dirname(inPlace(file)), { recursive: true });
      if (folder !== undefined) {
        undo.push(() => {
          rmSync(folder, { recursive: true });
        });
      }
      move(join(stage, file), inPlace(file));
      undo.push(() => {
        if (kind === 'created') rmSync(inPlace(file));
        else move(backup(file), inPlace(file));
      });
    }
    // Last: a manifest that moved to another file is never missing from dist.
    for (const { file, kind } of changes) {
      if (kind !== 'removed') continue;
      rmSync(inPlace(file));
      undo.push(() => {
        move(backup(file), inPlace(file));
      });
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
  removeEmptyFolders(join(root, DIST));
}

/** Files below a folder, as sorted paths from there; none if there is no such folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Renames a file; where dist is on another file system, by way of a copy there. */
function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    const copy = `${to}.new`;
    try {
      copyFileSync(from, copy);
      renameSync(copy, to);
    } finally {
      if (existsSync(copy)) rmSync(copy);
    }
  }
}

/** @throws {CommandError} if dist is there and is no folder */
export function expectDist(root: string): void {
  const entry = lstatSync(join(root, DIST), { throwIfNoEntry: false });
  if (entry === undefined || statSync(join(root, DIST), { throwIfNoEntry: false })?.isDirectory())
    return;
  const what = entry.isSymbolicLink() ? 'a link that leads to no folder' : 'no folder';
  throw new CommandError(`${DIST} is ${what}, and manifests have to be written there: remove it.`);
}

function removeEmptyFolders(folder: string): void {
  const isFolder = (entry: Dirent) => entry.isDirectory();
  for (const { name } of readdirSync(folder, { withFileTypes: true }).filter(isFolder)) {
    removeEmptyFolders(join(folder, name));
    if (readdirSync(join(folder, name)).length === 0) rmdirSync(join(folder, name));
  }
}
