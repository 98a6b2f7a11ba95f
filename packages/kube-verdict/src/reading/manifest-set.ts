import { documentsOf, type FoundObject, foundIn, type Remark } from './documents';
import { InOrder } from './in-order';
import { InputError } from './input-error';
import { type GivenPath, givenPath, inputsOf, type InputOptions } from './inputs';
import type { Reader } from './reader';

/** A set of manifests as it was read. */
export interface ManifestSet {
  /** In the order in which kubectl would send them. */
  readonly objects: readonly FoundObject[];
  /** What is unreadable, passed over or to be warned of. */
  readonly remarks: readonly Remark[];
}

/**
 * Reads the objects of a file, a folder, or of standard input (`-`). A file or stream that holds no
 * object at all is unreadable: what should have written it may have failed. A folder may be empty.
 */
export async function readSet(
  path: string,
  reader: Reader,
  options: InputOptions,
): Promise<ManifestSet> {
  const objects: FoundObject[] = [];
  const remarks: Remark[] = [];
  try {
    const given = await givenPath(path);
    const indexes = new Map<string, number>();
    const output = new InOrder();
    const take = (found: FoundObject | Remark): void => {
      if (found.kind === 'object') objects.push(found);
      else remarks.push(found);
    };
    for await (const one of documentsOf(inputsOf(given, options), reader)) {
      if (one.kind !== 'document') {
        await output.add(Promise.resolve(one), take);
        continue;
      }
      const { document, input } = one;
      await output.add(reader.read(document.text, document.json), (read) => {
        const index = indexes.get(input.file) ?? 0;
        indexes.set(input.file, index + read.objects.length);
        for (const found of foundIn(one, read, index)) take(found);
        document.release();
      });
    }
    await output.done();
    const failed = remarks.some(({ kind }) => kind === 'unreadable');
    if (given.kind !== 'folder' && objects.length === 0 && !failed) throw noObject(given);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    remarks.push({ kind: 'unreadable', error });
  }
  return { objects, remarks };
}

/** Of what holds no object. */
export function noObject({ path, kind }: GivenPath): InputError {
  const advice = kind === 'stream' ? ': did what should have written it fail?' : '';
  return new InputError(path, `there is no object in it${advice}`);
}
