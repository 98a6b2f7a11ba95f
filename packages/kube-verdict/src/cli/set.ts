import { setImmediate } from 'node:timers/promises';
import { EnforcedLevels } from '../verdict/pod-security';
import { readDocuments, type SourceObject } from '../yaml/documents';
import { InputError, inputsOf } from './inputs';

/** An object of a set of manifests, and where it stands. */
export interface Found extends SourceObject {
  readonly file: string;
  /** Counted from 0 among the objects of the file. */
  readonly index: number;
}

/** Documents that are read before the event loop turns: judging goes on beside the reading. */
const TURN = 32;

/** Every object of the files and folders, and an error for whatever cannot be read. */
export async function* objectsOf(paths: readonly string[]): AsyncGenerator<Found | InputError> {
  let read = 0;
  for await (const input of inputsOf(paths)) {
    if (input instanceof InputError) {
      yield input;
      continue;
    }
    const { file } = input;
    let text: string;
    try {
      text = await input.read();
    } catch (error) {
      yield error as InputError;
      continue;
    }
    let index = 0;
    for (const document of readDocuments(text)) {
      if (++read % TURN === 0) await setImmediate();
      if (document.kind === 'broken') {
        yield new InputError(file, document.message, document);
      } else {
        yield { ...document, file, index: index++ };
      }
    }
  }
}

/** Which levels the Namespaces among the files enforce. What cannot be read is passed over. */
export async function enforcedLevels(paths: readonly string[]): Promise<EnforcedLevels> {
  const levels = new EnforcedLevels();
  for await (const input of inputsOf(paths)) {
    if (input instanceof InputError) continue;
    const text = await input.read().catch(() => '');
    for (const document of readDocuments(text, (part) =>
      part.includes('pod-security.kubernetes.io'),
    )) {
      if (document.kind === 'object') levels.note(document.manifest);
    }
  }
  return levels;
}
