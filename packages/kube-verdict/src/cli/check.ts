import { documentsOf, type UnreadDocument } from '../reading/documents';
import { InputError } from '../reading/input-error';
import { givenPath, type GivenPath, inputsOf, type InputOptions } from '../reading/inputs';
import { noObject } from '../reading/manifest-set';
import { readDocumentOf, type Reader } from '../reading/reader';
import type { About } from '../verdict/judgement';
import { createTextRequest } from '../verdict/request';
import type { Answer } from '../workers/give-up';
import type { CheckCommand } from './arguments';
import { CheckedObjects, type JudgedDocument } from './checked-objects';
import { InOrder } from './in-order';
import type { Report } from './report';

/** What answers the requests of a command. */
export interface Asked {
  readonly about: About;
  readonly reader: Reader;
  readonly ask: (request: string) => Promise<Answer>;
}

/** Judges every object of the files, folders and streams, each of which is read once. */
export async function check(
  command: CheckCommand,
  { about, reader, ask }: Asked,
  inputs: InputOptions,
  report: Report,
): Promise<void> {
  const objects = new CheckedObjects(command, about, report);
  const output = new InOrder();
  const judge = async ({ document }: UnreadDocument): Promise<JudgedDocument> =>
    readDocumentOf(await ask(requestFor(command, document.text, document.json))) as JudgedDocument;
  for (const path of command.paths) {
    let given: GivenPath;
    try {
      given = await givenPath(path);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      await output.add(Promise.resolve(), () => {
        objects.remark({ kind: 'unreadable', error });
      });
      continue;
    }
    let before = 0;
    await output.add(Promise.resolve(), () => {
      before = objects.count;
    });
    for await (const one of documentsOf(inputsOf(given, inputs), reader)) {
      await (one.kind === 'document'
        ? output.add(judge(one), (read) => {
            objects.document(one, read);
          })
        : output.add(Promise.resolve(one), (remark) => {
            objects.remark(remark);
          }));
    }
    await output.add(Promise.resolve(), () => {
      // What writes to a pipe may have failed and left it empty, whatever else was given.
      if (given.kind !== 'stream' || objects.count > before) return;
      objects.remark({ kind: 'unreadable', error: noObject(given) });
    });
  }
  await output.done();
  objects.done();
  if (report.isEmpty) {
    const path = command.paths.join(' ');
    report.remark({ kind: 'unreadable', error: noObject({ path, kind: 'folder' }) });
  }
}

function requestFor(
  { podSecurity, cluster, serverSide, apply }: CheckCommand,
  text: string,
  json: boolean,
): string {
  // A Namespace that enforces a level may come after what is in it.
  const level = podSecurity === 'restricted' ? 'restricted' : 'each';
  const options = { ...cluster, podSecurity: level } as const;
  return createTextRequest(text, json, options, apply ? { serverSide } : undefined);
}
