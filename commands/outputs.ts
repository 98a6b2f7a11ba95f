import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** How a synthesis changed a generated file. */
export interface FileChange {
  /** Path from the root of the repository: `dist/user-service.k8s.yaml`. */
  readonly file: string;
  readonly kind: 'created' | 'changed' | 'removed';
}

/** The folder that synthesis owns: what it did not generate does not stay there. */
const DIST = 'dist';

/** Compares the outputs staged in `stage`, laid out as in the repository, with those in place. */
export function compareOutputs(root: string, stage: string): FileChange[] {
  const staged = filesBelow(stage);
  const stale = filesBelow(join(root, DIST))
    .map((file) => join(DIST, file))
    .filter((file) => !staged.includes(file));
  return [
    ...staged.flatMap((file): FileChange[] => {
      if (!existsSync(join(root, file))) return [{ file, kind: 'created' }];
      const same = readFileSync(join(root, file)).equals(readFileSync(join(stage, file)));
      return same ? [] : [{ file, kind: 'changed' }];
    }),
    ...stale.map((file): FileChange => ({ file, kind: 'removed' })),
  ];
}

/**
 * Puts the staged outputs in place, each by one rename, so that no reader ever meets half a file; unchanged files are
 * not touched. `stage` must be on the file system of `root`.
 */
export function replaceOutputs(root: string, stage: string, changes: readonly FileChange[]): void {
  for (const { file, kind } of changes) {
    if (kind === 'removed') continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    renameSync(join(stage, file), join(root, file));
  }
  // Last: a manifest that moved to another file is never missing from dist.
  for (const { file, kind } of changes) if (kind === 'removed') rmSync(join(root, file));
}

/** Files below a folder, as sorted paths from there; none if there is no such folder. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
